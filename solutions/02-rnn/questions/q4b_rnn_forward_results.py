"""2.4: mistakes in what comes back, where the states are right."""

import torch

from .q4_rnn_forward import rnn_forward


@rnn_forward.mistake(
    "F03",
    hint="The scores are numbers between 0 and 1 whose rows sum to 1.",
    where="The output layer gives scores. Where in the course is the softmax applied?",
)
def returns_probabilities(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(torch.softmax(H @ W_hq + b_q, dim=-1))
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F05",
    hint="The numbers are right, but time and batch share one axis.",
    where="The question asks for three axes here. Which way of joining tensors makes a new axis?",
)
def puts_the_steps_below_each_other(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs, 0), H


@rnn_forward.mistake(
    "F07",
    hint="The numbers are right, but your result has the batch first.",
    where="Which position should time have in the result, and where does your way of stacking put it?",
)
def stacks_on_the_second_axis(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs, 1), H


@rnn_forward.mistake("F10", hint="Only the outputs come back.", where="The caller needs a second thing to be able to go on with the sequence later.")
def forgets_to_return_the_state(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs)


@rnn_forward.mistake(
    "F13", hint="You return the hidden states where the outputs should be.", where="A state has h numbers, an output q. Which layer lies between them?"
)
def forgets_the_output_layer(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, states = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        states.append(H)
    return torch.stack(states), H


@rnn_forward.mistake("F16", hint="Instead of the last state you return all of them.", where="How many axes should the returned state have?")
def returns_all_states(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, states = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        states.append(H)
    return torch.stack([H @ W_hq + b_q for H in states]), torch.stack(states)


@rnn_forward.mistake("F17", hint="The two results are right, but in the other order.", where="What does the text ask for first: the outputs or the state?")
def returns_the_state_first(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return H, torch.stack(outputs)


@rnn_forward.mistake("F18", hint="The outputs are a list of tensors.", where="The text asks for a single tensor with three axes.")
def returns_a_list_of_outputs(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return outputs, H


@rnn_forward.mistake(
    "F21", hint="Given double precision your outputs are in single precision.", where="Which dtype has the tensor that you fill with the outputs?"
)
def fills_a_single_precision_buffer(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, torch.zeros(inputs.shape[0], inputs.shape[1], W_hq.shape[1])
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs[t] = H @ W_hq + b_q
    return outputs, H


@rnn_forward.mistake(
    "F22", hint="A parameter of the output layer has no influence on your result.", where="With all states at zero, what should the outputs be?"
)
def forgets_the_output_bias(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F23",
    hint="The output is squashed by the hidden layer's activation.",
    where="Scores may be any numbers. To which of the two layers does the activation belong?",
)
def squashes_the_output(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(torch.tanh(H @ W_hq + b_q))
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F25", hint="The returned state has one axis too many.", where="PyTorch's layers put an axis for the layers in front. Does the text ask for it here?"
)
def adds_an_axis_for_the_layers(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H.unsqueeze(0)


@rnn_forward.mistake("F26", hint="Only the output of the last step comes back.", where="One output belongs to every step of the sequence.")
def returns_the_last_output_only(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H = H0
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return (H @ W_hq + b_q).unsqueeze(0), H


@rnn_forward.mistake(
    "F27", hint="A batch with a single example loses its axis in the outputs.", where="A batch of one is still a batch. Does your code remove axes of length 1?"
)
def drops_a_batch_of_one(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs).squeeze(1), H


@rnn_forward.mistake(
    "F29",
    hint="A sequence with a single step loses its time axis in the outputs.",
    where="A sequence of one step is still a sequence. Does your code remove axes of length 1?",
)
def drops_a_single_step(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs).squeeze(0), H


@rnn_forward.mistake(
    "F31", hint="Given single precision you return double precision.", where="Let the inputs decide the dtype: does your code convert anywhere?"
)
def forces_double_precision(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0.double(), []
    for X in inputs.double():
        H = torch.tanh(X @ W_xh.double() + H @ W_hh.double() + b_h.double())
        outputs.append(H @ W_hq.double() + b_q.double())
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F32",
    hint="The state that you return is the one that you were given.",
    where="Which state belongs to the end of the sequence? The next segment will begin with it.",
)
def returns_the_initial_state(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H0


@rnn_forward.mistake(
    "F33", hint="Instead of the last state you return the last output.", where="A state has h numbers, an output q. Which of them does the next segment need?"
)
def returns_the_last_output_as_state(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), outputs[-1]
