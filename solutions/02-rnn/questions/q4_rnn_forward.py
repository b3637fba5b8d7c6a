"""2.4: a whole sequence."""

import torch
from torch import nn

from grader.authoring import Case, Failure

from .plan import assignment
from .shared import LIBRARY_LAYERS


def sequence_inputs(draw, num_steps, n, d=5, h=4, q=6, dtype=torch.float64):
    """Return the arguments of a whole sequence; no state and no bias is zero."""
    return {
        "inputs": draw.normal(num_steps, n, d, dtype=dtype),
        "H0": draw.normal(n, h, dtype=dtype),
        "W_xh": draw.normal(d, h, dtype=dtype),
        "W_hh": draw.normal(h, h, dtype=dtype),
        "b_h": draw.normal(h, dtype=dtype),
        "W_hq": draw.normal(h, q, dtype=dtype),
        "b_q": draw.normal(q, dtype=dtype),
    }


def in_two_parts(entry, inputs, H0, **parameters):
    """Return what comes out when the sequence is cut after its second step and the state is passed on."""
    first, H = entry(inputs=inputs[:2], H0=H0, **parameters)
    second, H = entry(inputs=inputs[2:], H0=H, **parameters)
    return torch.cat((first, second)), H


def with_another_future(entry, inputs, future, **rest):
    """Return the first outputs when later inputs are exchanged, and whether later outputs noticed."""
    steps = len(inputs) - len(future)
    before, _ = entry(inputs=inputs, **rest)
    after, _ = entry(inputs=torch.cat((inputs[:steps], future)), **rest)
    return {"outputs up to the change": after[:steps], "later outputs change": not torch.allclose(before[steps:], after[steps:])}


def batch_first_in_memory(entry, inputs, **rest):
    """Call the entry with a sequence that was transposed from batch-first memory."""
    return entry(inputs=inputs.transpose(0, 1).contiguous().transpose(0, 1), **rest)


def gradients_through_time(entry, upstream, upstream_state, **inputs):
    """Return for each argument both results when that argument alone is learned, and its gradient (zeros where none arrives)."""
    reached = {}
    for learned, value in inputs.items():
        leaves = {name: given.clone().requires_grad_(name == learned) for name, given in inputs.items()}
        outputs, H = entry(**leaves)
        total = (outputs * upstream).sum() + (H * upstream_state).sum()
        gradient = torch.autograd.grad(total, leaves[learned], allow_unused=True)[0] if total.requires_grad else None
        reached[learned] = (outputs, H, torch.zeros_like(value) if gradient is None else gradient)
    return reached


def agrees_with_the_library(got, inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    """Compare with PyTorch's own layer, which stores its weights transposed and has two biases."""
    layer = nn.RNN(W_xh.shape[0], W_xh.shape[1], dtype=inputs.dtype)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(W_xh.T)
        layer.weight_hh_l0.copy_(W_hh.T)
        layer.bias_ih_l0.copy_(b_h)
        layer.bias_hh_l0.zero_()
        states, last = layer(inputs, H0.unsqueeze(0))
    expected = (states @ W_hq + b_q, last[0])
    if not isinstance(got, tuple | list) or [getattr(part, "shape", None) for part in got] != [part.shape for part in expected]:
        return Failure(message="The shapes of the two results are not those that the text asks for.")
    if not all(torch.allclose(part.double(), wanted, rtol=1e-7, atol=1e-9) for part, wanted in zip(got, expected, strict=True)):
        return Failure(message="PyTorch's own recurrent layer, with the same weights, gives other values.")
    return None


@assignment.question("rnn_forward", points=4, depends_on=["rnn_step", "output_layer"], forbids=LIBRARY_LAYERS, allow=["sequence"])
def rnn_forward(draw):
    """A whole sequence."""
    yield Case("four steps, three examples", public=True, teaching=True, **sequence_inputs(draw, 4, 3))
    yield Case("the same values as PyTorch's own layer", public=True, teaching=True, check=agrees_with_the_library, **sequence_inputs(draw, 7, 2))
    yield Case("a batch with a single example", **sequence_inputs(draw, 5, 1))
    yield Case("as many steps as examples", **sequence_inputs(draw, 4, 4))
    yield Case("outputs as long as the state", teaching=True, **sequence_inputs(draw, 4, 3, q=4))
    yield Case("single precision stays single precision", **sequence_inputs(draw, 4, 3, dtype=torch.float32))
    yield Case("a sequence in two parts, with the state passed on", teaching=True, driver=in_two_parts, **sequence_inputs(draw, 6, 3))
    yield Case("another future, the same past", teaching=True, driver=with_another_future, **sequence_inputs(draw, 6, 3), future=draw.normal(3, 3, 5))
    yield Case(
        "the gradient travels back through all steps",
        driver=gradients_through_time,
        **sequence_inputs(draw, 4, 3),
        upstream=draw.normal(4, 3, 6),
        upstream_state=draw.normal(3, 4),
    )
    yield Case("a sequence with a single step", edge=True, **sequence_inputs(draw, 1, 3))
    yield Case("a sequence transposed from batch-first memory", edge=True, driver=batch_first_in_memory, **sequence_inputs(draw, 4, 3))


@rnn_forward.mistake(
    "F01", hint="The first step differs already: your result does not depend on H0.", where="Where does your loop's first hidden state come from?"
)
def starts_from_zeros(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = torch.zeros_like(H0), []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F02",
    hint="From the second step on nothing is remembered of the steps before.",
    where="Which state does step t read? Follow one variable through two turns of your loop.",
)
def reads_the_initial_state_at_every_step(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    outputs = []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H0 @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F04", hint="You loop over examples, not over time.", where="Which axis of the inputs is time, and over which axis does a loop over a tensor walk?"
)
def loops_over_examples(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    outputs, H = [], H0
    for X, h in zip(inputs.transpose(0, 1), H0, strict=True):
        H = torch.tanh(X @ W_xh + h @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F06",
    hint="The scores of a step go back into the layer as its state.",
    where="Two arrows leave a step: one goes to the next step, one to the outside. Which tensor travels on which?",
)
def feeds_the_output_back(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    state, outputs = H0, []
    for X in inputs:
        state = torch.tanh(X @ W_xh + state @ W_hh + b_h) @ W_hq + b_q
        outputs.append(state)
    return torch.stack(outputs), state


@rnn_forward.mistake(
    "F08", hint="All steps have the same output, that of the last one.", where="When is the output of step t computed: inside the loop, or after it?"
)
def uses_the_last_state_for_all_outputs(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H = H0
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return torch.stack([H @ W_hq + b_q for _ in inputs]), H


@rnn_forward.mistake(
    "F09", hint="The returned state is the one after the first step.", where="Which state should the next segment of the sequence continue from?"
)
def returns_the_first_state(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, states = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        states.append(H)
    return torch.stack([H @ W_hq + b_q for H in states]), states[0]


@rnn_forward.mistake(
    "F11",
    hint="The shapes fit, but time steps of different examples were mixed.",
    where="Reading memory in another shape moves numbers to other examples. Exchanging axes does not.",
)
def mixes_examples_by_re_reading(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    T, n, d = inputs.shape
    H, outputs = H0, []
    for X in inputs.reshape(n, T, d).transpose(0, 1):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F12",
    hint="Every output is one step late: it does not know the input of its own step.",
    where="What comes first within a step: the new state, or the output?",
)
def computes_the_output_before_the_update(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        outputs.append(H @ W_hq + b_q)
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F14", hint="The sequence is read from its end to its start.", where="Step 1 must not know the inputs after it. In which order does your loop walk?"
)
def reads_backwards(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs.flip(0):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F15",
    hint="The forward values are right, but the gradient does not travel back in time.",
    where="What happens to the state between two steps in your loop? The network has to learn across steps.",
)
def cuts_the_graph_between_steps(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H.detach() @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F19",
    hint="A sequence that is a transposed view stops your code.",
    where="Re-reading memory in a new shape needs a contiguous tensor. There are ways that do not.",
)
def re_reads_memory(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    T, n, d = inputs.shape
    projected = (inputs.view(T * n, d) @ W_xh).view(T, n, -1)
    H, outputs = H0, []
    for X in projected:
        H = torch.tanh(X + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F20", hint="The values are right, but the caller's H0 is different after the call.", where="Do you write new states into the tensor that was given to you?"
)
def overwrites_the_initial_state(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    outputs = []
    for X in inputs:
        H0[:] = torch.tanh(X @ W_xh + H0 @ W_hh + b_h)
        outputs.append(H0 @ W_hq + b_q)
    return torch.stack(outputs), H0.clone()


@rnn_forward.mistake("F24", hint="The first input is never read.", where="How many outputs come from a sequence of T inputs? Count the turns of your loop.")
def skips_the_first_input(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, [H0 @ W_hq + b_q]
    for X in inputs[1:]:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F30",
    hint="Right except where there are as many steps as examples.",
    where="Does your code find the time axis by comparing sizes? It is always the first one.",
)
def guesses_the_time_axis(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    if inputs.shape[0] == H0.shape[0]:
        inputs = inputs.transpose(0, 1)
    H, outputs = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@rnn_forward.mistake(
    "F28",
    hint="Your states know the future: the whole sequence goes into every step.",
    where="Step t may read its own input only. What is added to the input, and over which axis was it taken?",
)
def centres_the_sequence_over_time(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs - inputs.mean(0):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H
