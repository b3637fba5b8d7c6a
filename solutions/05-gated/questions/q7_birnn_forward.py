"""5.7: reading in both directions."""

import torch
from torch import nn

from grader.authoring import Case, Failure

from .plan import assignment
from .shared import RNN_LAYERS, triples


def mirrored(entry, inputs, H_f, H_b, params_f, params_b):
    """A text read from its end, with the roles of the two directions exchanged, and turned back again."""
    outputs, (H_back, H_forth) = entry(inputs.flip(0), H_b, H_f, params_b, params_f)
    back, forth = outputs.flip(0).chunk(2, -1)
    return torch.cat((forth, back), -1), H_forth, H_back


def gradients_in_both_directions(entry, **inputs):
    leaves = [tensor.clone().requires_grad_() for tensor in (inputs["inputs"], inputs["H_f"], inputs["H_b"], *inputs["params_f"], *inputs["params_b"])]
    outputs, (H_f, H_b) = entry(*leaves[:3], tuple(leaves[3:6]), tuple(leaves[6:]))
    weights = torch.linspace(-1, 2, outputs.numel(), dtype=outputs.dtype, device=outputs.device).reshape(outputs.shape)
    nothing = 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad((outputs * weights).sum() + H_f.sum() + 2 * H_b.sum() + nothing, leaves)


def agrees_with_the_library(got, inputs, H_f, H_b, params_f, params_b):
    """Compare with PyTorch's own layer, which stores its weights transposed and has two biases in each direction."""
    layer = nn.RNN(inputs.shape[-1], H_f.shape[-1], bidirectional=True, dtype=inputs.dtype)
    with torch.no_grad():
        for suffix, (W_xh, W_hh, b_h) in (("l0", params_f), ("l0_reverse", params_b)):
            getattr(layer, f"weight_ih_{suffix}").copy_(W_xh.T)
            getattr(layer, f"weight_hh_{suffix}").copy_(W_hh.T)
            getattr(layer, f"bias_ih_{suffix}").copy_(b_h)
            getattr(layer, f"bias_hh_{suffix}").zero_()
        expected, last = layer(inputs, torch.stack((H_f, H_b)))
    try:
        outputs, states = got
        pairs = ((outputs, expected), (torch.stack(list(states)), last))
        # the shapes too: allclose stretches an empty tensor to any, and finds no number in it that differs
        same = all(part.shape == wanted.shape and torch.allclose(part, wanted, rtol=1e-7, atol=1e-9) for part, wanted in pairs)
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return Failure(message="What comes back does not have the form that the text asks for.")
    return None if same else Failure(message="PyTorch's own bidirectional layer, with the same weights, gives other values.")


@assignment.question("birnn_forward", points=3, forbids=RNN_LAYERS, allow=["sequence"])
def birnn_forward(draw):
    """A recurrent network that reads in both directions."""

    def inputs(num_steps, n, d=5, h=4, dtype=torch.float64):
        return {
            "inputs": draw.normal(num_steps, n, d, dtype=dtype),
            "H_f": draw.normal(n, h, dtype=dtype),
            "H_b": draw.normal(n, h, dtype=dtype),
            "params_f": triples(draw, d, h, 1, dtype),
            "params_b": triples(draw, d, h, 1, dtype),
        }

    yield Case("four steps, three examples", teaching=True, public=True, **inputs(4, 3))
    yield Case("five steps, two examples", teaching=True, **inputs(5, 2))
    resting = inputs(4, 3)
    resting.update(H_f=torch.zeros_like(resting["H_f"]), H_b=torch.zeros_like(resting["H_b"]))
    yield Case("both directions start from rest", teaching=True, **resting)
    yield Case("as many steps as examples", teaching=True, **inputs(3, 3))
    yield Case("every size is three", teaching=True, **inputs(3, 3, d=3, h=3))
    yield Case("single precision, batch of one", **inputs(4, 1, dtype=torch.float32))
    yield Case("the same text read from its end", teaching=True, driver=mirrored, **inputs(4, 3))
    yield Case("gradients flow in both directions", driver=gradients_in_both_directions, **inputs(4, 3))
    yield Case("same values as PyTorch's layer for both directions", teaching=True, check=agrees_with_the_library, **inputs(6, 2))
    yield Case("a text of a single step", teaching=True, edge=True, **inputs(1, 3))
    yield Case("no examples at all", teaching=True, edge=True, **inputs(4, 0))


@birnn_forward.mistake(
    "H01",
    hint="The backward half stands in the order in which it was computed, not in the order of the text.",
    where="At step 1 the backward half should know the whole sequence. At which step does yours?",
)
def does_not_turn_the_backward_half_round_again(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward), -1), (H_f, H_b)


@birnn_forward.mistake("H02", hint="Your backward half knows the past, not the future.", where="Change the last input and look at step 1: does anything move?")
def reads_forwards_twice(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs, H_b, params_b)
    return torch.cat((forward, backward), -1), (H_f, H_b)


@birnn_forward.mistake("H03", hint="Both directions work with the forward weights.", where="The two directions have separate weights. Are both sets in use?")
def uses_the_forward_weights_twice(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_f)
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)


@birnn_forward.mistake(
    "H04", hint="Your result has half as many features as it should.", where="The two directions stand side by side in the result. What did you do to them?"
)
def adds_the_two_directions(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return forward + backward.flip(0), (H_f, H_b)


@birnn_forward.mistake("H05", hint="The two halves stand the other way round.", where="Which half comes first in the text?")
def puts_the_backward_half_first(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((backward.flip(0), forward), -1), (H_f, H_b)


@birnn_forward.mistake(
    "H06", hint="Your result is the average of the two directions.", where="The two directions stand side by side in the result. What did you do to them?"
)
def averages_the_two_directions(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return (forward + backward.flip(0)) / 2, (H_f, H_b)


@birnn_forward.mistake("H07", hint="You reversed the examples, not the time.", where="Which axis of the inputs is time?")
def reverses_the_batch(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(1), H_b, params_b)
    return torch.cat((forward, backward.flip(1)), -1), (H_f, H_b)


@birnn_forward.mistake("H08", hint="You reversed the features of each input.", where="Which axis of the inputs is time?")
def reverses_the_features(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(-1), H_b, params_b)
    return torch.cat((forward, backward.flip(-1)), -1), (H_f, H_b)


@birnn_forward.mistake(
    "H09",
    hint="The final backward state is the one that stands at the last step of the text.",
    where="Where does the backward network end its reading? That is where its final state stands.",
)
def takes_both_final_states_from_the_last_step(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, _ = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1), (H_f, backward[0])


@birnn_forward.mistake("H10", hint="The two final states are exchanged.", where="Which direction comes first in the text?")
def returns_the_backward_state_first(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1), (H_b, H_f)


@birnn_forward.mistake("H11", hint="Both directions start from the forward state.", where="Each direction has an initial state of its own. Are both in use?")
def starts_both_from_the_forward_state(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    start = H_f
    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), start, params_b)
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)


@birnn_forward.mistake(
    "H12",
    hint="The backward network starts where the forward network ended.",
    where="Each direction has an initial state of its own. Which one does the backward network start from?",
)
def starts_the_way_back_from_the_final_state(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_f, params_b)
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)
