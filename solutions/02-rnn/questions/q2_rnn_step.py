"""2.2: one step of a recurrent layer."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import LIBRARY_LAYERS, gradients, on_transposed_memory, step_inputs


@assignment.question("rnn_step", points=4, forbids=LIBRARY_LAYERS)
def rnn_step(draw):
    """One step of a recurrent layer."""
    yield Case("three examples, five inputs, four hidden units", public=True, teaching=True, **step_inputs(draw, 3, 5, 4))
    yield Case("one number as input, as in a stock price", teaching=True, **step_inputs(draw, 3, 1, 4))
    yield Case("a batch with a single example", **step_inputs(draw, 1, 3, 4))
    yield Case("a layer with a single hidden unit", **step_inputs(draw, 4, 3, 1))
    yield Case("as many examples as inputs as hidden units", **step_inputs(draw, 4, 4, 4))
    yield Case("single precision stays single precision", **step_inputs(draw, 2, 5, 3, dtype=torch.float32))
    yield Case("inputs that are transposed views", driver=on_transposed_memory, **step_inputs(draw, 3, 5, 4))
    yield Case("every argument gets its gradient", driver=gradients, upstream=draw.normal(3, 4), **step_inputs(draw, 3, 5, 4))
    yield Case("inputs far larger than usual", edge=True, **step_inputs(draw, 3, 5, 4, scale=2000.0))
    yield Case("no example in the batch", edge=True, teaching=True, **step_inputs(draw, 0, 5, 4))


@rnn_step.mistake("R01", hint="Your result is the same whatever H is.", where="Which term of the formula carries the past into this step?")
def forgets_the_recurrence(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + b_h)


@rnn_step.mistake("R02", hint="Your values leave the interval from -1 to 1.", where="Something in the formula stands around the whole sum.")
def forgets_the_activation(X, H, W_xh, W_hh, b_h):
    return X @ W_xh + H @ W_hh + b_h


@rnn_step.mistake(
    "R03",
    hint="Your values can leave the interval from -1 to 1 although an activation is there.",
    where="Is the activation applied to the sum, or to its terms one by one?",
)
def squashes_each_term(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh) + torch.tanh(H @ W_hh) + torch.tanh(b_h)


@rnn_step.mistake("R04", hint="One of the parameters has no influence on your result.", where="With X and H at zero, what should the new state depend on?")
def forgets_the_bias(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh)


@rnn_step.mistake(
    "R05",
    hint="The hidden-to-hidden weights are used in the other orientation.",
    where="Rows of W_hh belong to the old units, columns to the new ones. A square matrix hides a wrong orientation from the shapes.",
)
def transposes_the_recurrent_weights(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh.T + b_h)


@rnn_step.mistake(
    "R06", hint="The bias shifts your result after the activation.", where="Compare where the bias stands in the formula: inside or outside the brackets?"
)
def adds_the_bias_outside(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh) + b_h


@rnn_step.mistake(
    "R07",
    hint="The hidden units no longer talk to each other.",
    where="Is the product of the old state with its weights a matrix product, or is it taken element by element?",
)
def multiplies_elementwise(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H * W_hh.diag() + b_h)


@rnn_step.mistake(
    "R08",
    hint="The value is right, but the caller's H is different after the call.",
    where="Do you write into a tensor that was given to you? Make a new one for the new state.",
)
def overwrites_the_old_state(X, H, W_xh, W_hh, b_h):
    H[:] = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return H


@rnn_step.mistake(
    "R09",
    hint="The forward values are right, but no gradient reaches the weights.",
    where="What in your code cuts the result off from the graph of operations?",
)
def cuts_the_graph(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh + b_h).detach()


@rnn_step.mistake("R10", hint="Given double precision you return single precision.", where="Let the inputs decide the dtype: does your code convert anywhere?")
def forces_single_precision(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh + b_h).float()


@rnn_step.mistake("R11", hint="None of your values is negative.", where="Which activation does the formula name, and what is its range?")
def uses_the_sigmoid(X, H, W_xh, W_hh, b_h):
    return torch.sigmoid(X @ W_xh + H @ W_hh + b_h)


@rnn_step.mistake("R12", hint="Your values have no upper limit and are never negative.", where="Which activation does the formula name?")
def uses_the_rectifier(X, H, W_xh, W_hh, b_h):
    return torch.relu(X @ W_xh + H @ W_hh + b_h)


@rnn_step.mistake(
    "R13",
    hint="Right except where inputs and hidden units are equally many.",
    where="The orientation of the input weights seems to depend on the shapes. Rows belong to inputs, columns to hidden units, always.",
)
def guesses_the_orientation(X, H, W_xh, W_hh, b_h):
    if X.shape[1] == W_xh.shape[1]:
        W_xh = W_xh.T
    return torch.tanh(X @ W_xh + H @ W_hh + b_h)


@rnn_step.mistake("R14", hint="The activation covers only a part of the sum.", where="Look at the brackets: which terms are inside?")
def squashes_the_input_only(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh) + H @ W_hh + b_h


@rnn_step.mistake("R15", hint="The old state is added to the new one once more.", where="In which single place does the formula use the old state?")
def adds_the_old_state(X, H, W_xh, W_hh, b_h):
    return H + torch.tanh(X @ W_xh + H @ W_hh + b_h)


@rnn_step.mistake("R16", hint="Your result is the same whatever X is.", where="Which term of the formula brings in the new input?")
def forgets_the_input(X, H, W_xh, W_hh, b_h):
    return torch.tanh(H @ W_hh + b_h)


@rnn_step.mistake(
    "R17",
    hint="Small sums pass through unchanged, large ones are cut off at 1.",
    where="The activation of the formula is a smooth curve. Which function is it?",
)
def cuts_off_at_one(X, H, W_xh, W_hh, b_h):
    return torch.clamp(X @ W_xh + H @ W_hh + b_h, -1, 1)


@rnn_step.mistake(
    "R18", hint="The examples of a batch influence each other.", where="Row i of the result may depend on row i of X and H only. What mixes the rows?"
)
def averages_the_state_over_the_batch(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H.mean(0) @ W_hh + b_h)


@rnn_step.mistake("R19", hint="A batch with a single example loses its axis.", where="A batch of one is still a batch. Does your code remove axes of length 1?")
def drops_a_batch_of_one(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh + b_h).squeeze(0)


@rnn_step.mistake("R23", hint="A layer with a single hidden unit loses its axis.", where="One unit is still a column. Does your code remove axes of length 1?")
def drops_a_single_unit(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh + b_h).squeeze(-1)


@rnn_step.mistake("R24", hint="Given single precision you return double precision.", where="Let the inputs decide the dtype: does your code convert anywhere?")
def forces_double_precision(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X.double() @ W_xh.double() + H.double() @ W_hh.double() + b_h.double())


@rnn_step.mistake(
    "R20",
    hint="Inputs that are transposed views stop your code.",
    where="Re-reading memory in a new shape needs a contiguous tensor. Do you need a new shape here at all?",
)
def re_reads_memory(X, H, W_xh, W_hh, b_h):
    n, d = X.shape
    return torch.tanh(X.view(n * d).view(n, d) @ W_xh + H @ W_hh + b_h)


@rnn_step.mistake(
    "R21",
    hint="Large inputs give NaN.",
    where="An exponential of a large number is infinite, and infinite by infinite is no number. Is there a function that has been written with care for this?",
)
def writes_the_activation_with_exponentials(X, H, W_xh, W_hh, b_h):
    Z = X @ W_xh + H @ W_hh + b_h
    return (torch.exp(Z) - torch.exp(-Z)) / (torch.exp(Z) + torch.exp(-Z))


@rnn_step.mistake(
    "R22",
    hint="The gradient stops at the old state; the weights get theirs.",
    where="During training the error must be able to travel back in time. What do you do to H before you use it?",
)
def cuts_the_old_state_off(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H.detach() @ W_hh + b_h)
