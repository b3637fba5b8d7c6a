"""2.6: counting parameters."""

from grader.authoring import Case

from .plan import assignment


@assignment.question("count_params", points=1)
def count_params(draw):
    """Counting parameters."""
    yield Case("small enough to count by hand", public=True, teaching=True, d=2, h=3, q=4, num_steps=5)
    yield Case("characters", teaching=True, d=28, h=256, q=28, num_steps=35)
    yield Case("ten thousand words, a hundred units, fifty steps", teaching=True, d=10000, h=100, q=10000, num_steps=50)
    yield Case("a single output", teaching=True, d=7, h=5, q=1, num_steps=3)
    yield Case("a single step", edge=True, teaching=True, d=6, h=4, q=2, num_steps=1)
    yield Case("a thousand steps", edge=True, teaching=True, d=6, h=4, q=2, num_steps=1000)


@count_params.mistake("Z01", hint="Both of your numbers are a little too small.", where="Besides the weight matrices each layer has something else.")
def forgets_the_biases(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h * q, "window_mlp": num_steps * d * h + h * q}


@count_params.mistake("Z02", hint="Your recurrent network is too small.", where="Which weights carry the state from one step to the next?")
def forgets_the_recurrent_weights(d, h, q, num_steps):
    return {"rnn": d * h + h + h * q + q, "window_mlp": num_steps * d * h + h + h * q + q}


@count_params.mistake(
    "Z03", hint="Your recurrent network grows with the number of steps.", where="The same weights are used at every step. How often do they count?"
)
def counts_the_weights_of_every_step(d, h, q, num_steps):
    return {"rnn": num_steps * (d * h + h * h + h) + h * q + q, "window_mlp": num_steps * d * h + h + h * q + q}


@count_params.mistake("Z04", hint="Your window network reads a single step.", where="How many numbers go into it at once?")
def gives_the_window_one_step(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h + h * q + q, "window_mlp": d * h + h + h * q + q}


@count_params.mistake("Z05", hint="The output layers are missing in your numbers.", where="Each network ends with a layer that gives q scores.")
def forgets_the_output_layer(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h, "window_mlp": num_steps * d * h + h}


@count_params.mistake("Z06", hint="Your window network answers at every step.", where="It reads the whole window and gives one answer: q scores.")
def gives_the_window_an_output_for_each_step(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h + h * q + q, "window_mlp": num_steps * d * h + h + (h * q + q) * num_steps}


@count_params.mistake(
    "Z07", hint="Your recurrent network has one bias too many.", where="PyTorch's own layer has two biases that are added; the formula of this course has one."
)
def counts_two_biases(d, h, q, num_steps):
    return {"rnn": d * h + h * h + 2 * h + h * q + q, "window_mlp": num_steps * d * h + h + h * q + q}


@count_params.mistake("Z08", hint="Your numbers are no whole numbers.", where="Parameters are counted, not measured.")
def returns_floats(d, h, q, num_steps):
    return {"rnn": float(d * h + h * h + h + h * q + q), "window_mlp": float(num_steps * d * h + h + h * q + q)}


@count_params.mistake(
    "Z09", hint="Your window network has weights from state to state.", where="A network without a state has nothing to carry from step to step."
)
def gives_the_window_recurrent_weights(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h + h * q + q, "window_mlp": num_steps * d * h + h * h + h + h * q + q}


@count_params.mistake("Z10", hint="The two numbers have changed places.", where="Which of the two networks grows with the number of steps?")
def exchanges_the_numbers(d, h, q, num_steps):
    return {"rnn": num_steps * d * h + h + h * q + q, "window_mlp": d * h + h * h + h + h * q + q}


@count_params.mistake(
    "Z11",
    hint="The hidden layer of your window network is repeated for each step.",
    where="There is one hidden layer with h units. What grows with the window is the number of its inputs.",
)
def repeats_the_hidden_layer(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h + h * q + q, "window_mlp": num_steps * (d * h + h) + h * q + q}


@count_params.mistake("Z12", hint="The bias of the output layer is missing.", where="With all states at zero, what decides about the scores?")
def forgets_the_output_bias(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h + h * q, "window_mlp": num_steps * d * h + h + h * q}
