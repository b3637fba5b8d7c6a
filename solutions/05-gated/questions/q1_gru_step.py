"""5.1: one step of a gated recurrent unit."""

import torch
from torch import nn

from grader.authoring import Case, Failure

from .plan import assignment
from .shared import CLOSED, GRU_LAYERS, OPEN, gru_params, with_gates


def gradients(entry, X, H, params):
    leaves = [tensor.clone().requires_grad_() for tensor in (X, H, *params)]
    new_state = entry(leaves[0], leaves[1], tuple(leaves[2:]))
    weights = torch.linspace(-1, 2, new_state.numel(), dtype=new_state.dtype, device=new_state.device).reshape(new_state.shape)
    nothing = 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad((new_state * weights).sum() + nothing, leaves)


def agrees_with_the_library(got, X, H, params):
    """Compare with PyTorch's own cell: where the matrix of the past is diagonal, its late reset makes no difference."""
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    cell = nn.GRUCell(X.shape[1], H.shape[1], dtype=X.dtype)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.cat((W_xr, W_xz, W_xh), 1).T)
        cell.weight_hh.copy_(torch.cat((W_hr, W_hz, W_hh), 1).T)
        cell.bias_ih.copy_(torch.cat((b_r, b_z, b_h)))
        cell.bias_hh.zero_()
        expected = cell(X, H)
    if got.shape != expected.shape or got.dtype != expected.dtype or not torch.allclose(got, expected, rtol=1e-7, atol=1e-9):
        return Failure(message="PyTorch's own cell, with the same weights, gives something else.")
    return None


@assignment.question("gru_step", points=4, forbids=GRU_LAYERS)
def gru_step(draw):
    """One step of a gated recurrent unit."""
    yield Case("three examples, five inputs, four units", teaching=True, public=True, X=draw.normal(3, 5), H=draw.normal(3, 4), params=gru_params(draw, 5, 4))
    yield Case("two examples, two inputs, three units", teaching=True, X=draw.normal(2, 2), H=draw.normal(2, 3), params=gru_params(draw, 2, 3))
    yield Case(
        "batch of one, single precision",
        X=draw.normal(1, 5, dtype=torch.float32),
        H=draw.normal(1, 4, dtype=torch.float32),
        params=gru_params(draw, 5, 4, dtype=torch.float32),
    )
    yield Case("every size is four", X=draw.normal(4, 4), H=draw.normal(4, 4), params=gru_params(draw, 4, 4))
    yield Case(
        "gradients reach the input, the state and all nine parameters",
        driver=gradients,
        X=draw.normal(3, 5),
        H=draw.normal(3, 4),
        params=gru_params(draw, 5, 4),
    )
    yield Case("update gate held open", teaching=True, X=draw.normal(3, 5), H=draw.normal(3, 4), params=with_gates(gru_params(draw, 5, 4), OPEN, 0.3))
    yield Case(
        "update gate held shut, reset gate held open",
        teaching=True,
        X=draw.normal(3, 5),
        H=draw.normal(3, 4),
        params=with_gates(gru_params(draw, 5, 4), CLOSED, OPEN),
    )
    yield Case("both gates held shut", teaching=True, X=draw.normal(3, 5), H=draw.normal(3, 4), params=with_gates(gru_params(draw, 5, 4), CLOSED, CLOSED))
    diagonal = list(gru_params(draw, 5, 4))
    diagonal[7] = torch.diag(torch.diagonal(diagonal[7]))
    yield Case(
        "candidate units that do not talk to each other, as in PyTorch's own cell",
        teaching=True,
        check=agrees_with_the_library,
        X=draw.normal(3, 5),
        H=draw.normal(3, 4),
        params=tuple(diagonal),
    )
    yield Case("a lone unit", teaching=True, X=draw.normal(3, 5), H=draw.normal(3, 1), params=gru_params(draw, 5, 1))
    saturated = tuple(tensor * 1e4 if place < 6 else tensor for place, tensor in enumerate(gru_params(draw, 5, 4)))
    yield Case("gates far into saturation", edge=True, X=draw.normal(3, 5), H=draw.normal(3, 4), params=saturated)
    yield Case("no examples at all", teaching=True, edge=True, X=draw.normal(0, 5), H=draw.normal(0, 4), params=gru_params(draw, 5, 4))


@gru_step.mistake(
    "J01",
    hint="Your mix is the other way round: an open update gate lets the new candidate in.",
    where="What should come back when the update gate is 1 everywhere: the old state or the candidate?",
)
def swaps_the_roles_of_the_update_gate(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return (1 - Z) * H + Z * H_tilde


@gru_step.mistake(
    "J02",
    hint="Very close, but the reset comes too late: this is the place that PyTorch gives it.",
    where="Does the reset gate act on the state itself, or on what the matrix has already made of it?",
)
def resets_after_the_matrix_product(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + R * (H @ W_hh) + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J03", hint="The reset gate has no effect on your result.", where="Which part of the candidate should the reset gate be able to switch off?")
def never_uses_the_reset_gate(X, H, params):
    W_xz, W_hz, b_z, _, _, _, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    H_tilde = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J04", hint="Update gate and reset gate are exchanged.", where="Compare the order in which you take the parameters apart with the order in the text."
)
def takes_the_gates_in_the_wrong_order(X, H, params):
    W_xr, W_hr, b_r, W_xz, W_hz, b_z, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J05", hint="Your candidate is never negative.", where="Gates and candidate do not share their activation. Which one does the candidate have?"
)
def gives_the_candidate_a_sigmoid(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.sigmoid(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J06", hint="Your gates are not confined to the range from 0 to 1.", where="Which function turns a gate's scores into shares?")
def leaves_the_gates_linear(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = X @ W_xz + H @ W_hz + b_z
    R = X @ W_xr + H @ W_hr + b_r
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J07", hint="The candidate's bias has no effect on your result.", where="Count the parameters that you use: the text has nine.")
def forgets_the_bias_of_the_candidate(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, _ = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J08",
    hint="With a reset gate of 1 you should get the plain recurrent step back; you get a step that has forgotten the past.",
    where="Does an open reset gate let the past through in your candidate, or does it block it?",
)
def resets_where_it_should_keep(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + ((1 - R) * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J09",
    hint="The old state is damped by the reset gate even where the update gate keeps it.",
    where="The reset gate belongs to the candidate only. Does your last line see the untouched state?",
)
def also_resets_the_state_that_is_kept(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H = R * H
    H_tilde = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J10", hint="The two shares of your mix do not add up to 1.", where="If the old state gets a share of 0.9, which share is left for the candidate?"
)
def weighs_both_parts_with_the_update_gate(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + Z * H_tilde


@gru_step.mistake(
    "J11",
    hint="One gate reads the past through the weights of the other.",
    where="Each gate has its own two matrices. Check every name in the line of the reset gate.",
)
def copies_a_line_and_forgets_to_rename(X, H, params):
    W_xz, W_hz, b_z, W_xr, _, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hz + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J12",
    hint="Your reset gate switches off the input.",
    where="Which of the two things that feed the candidate should it be able to forget: the input or the past?",
)
def resets_the_input(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(R * (X @ W_xh) + H @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J13", hint="Your gates do not look at the past.", where="What do the gates read besides the input of this step?")
def computes_the_gates_from_the_input_alone(X, H, params):
    W_xz, _, b_z, W_xr, _, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + b_z)
    R = torch.sigmoid(X @ W_xr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J14", hint="The biases of the gates have no effect on your result.", where="Count the parameters that you use: the text has nine.")
def forgets_the_biases_of_the_gates(X, H, params):
    W_xz, W_hz, _, W_xr, W_hr, _, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz)
    R = torch.sigmoid(X @ W_xr + H @ W_hr)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J15", hint="You return the candidate itself.", where="The step is not over when the candidate is known: what is the update gate for?")
def returns_the_candidate(X, H, params):
    _, _, _, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    return torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)


@gru_step.mistake(
    "J16", hint="The values are right, but no gradient comes through your step.", where="What cuts the computation graph between the inputs and the result?"
)
def detaches_the_state(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return (Z * H + (1 - Z) * H_tilde).detach()


@gru_step.mistake(
    "J17",
    hint="Correct for moderate numbers; for large scores your gates become NaN.",
    where="A homemade sigmoid overflows. What does it divide by what when the score is 10000?",
)
def writes_a_sigmoid_that_overflows(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    up = torch.exp(X @ W_xz + H @ W_hz + b_z)
    Z = up / (1 + up)
    up = torch.exp(X @ W_xr + H @ W_hr + b_r)
    R = up / (1 + up)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J18", hint="Given float32 you return float64.", where="Let the inputs decide about the type of the numbers.")
def forces_double_precision(X, H, params):
    X, H = X.double(), H.double()
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = (tensor.double() for tensor in params)
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J19", hint="Given float64 you return float32.", where="Let the inputs decide about the type of the numbers.")
def forces_single_precision(X, H, params):
    X, H = X.float(), H.float()
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = (tensor.float() for tensor in params)
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake("J20", hint="With one example your result loses its first axis.", where="Something in your code removes axes of length one.")
def squeezes_the_result(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return (Z * H + (1 - Z) * H_tilde).squeeze(0)


@gru_step.mistake(
    "J21", hint="Your function changes the state that it was given.", where="The caller may still need the old state. Which of your lines writes into it?"
)
def overwrites_the_state_of_the_caller(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    H *= Z
    H += (1 - Z) * H_tilde
    return H


@gru_step.mistake(
    "J22", hint="Your hidden units no longer talk to each other.", where="Is the past multiplied by its weights as a matrix, or element by element?"
)
def multiplies_the_past_element_by_element(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + R * H * torch.diagonal(W_hh) + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J23",
    hint="The candidate is added without an activation, so the state can leave the range from -1 to 1.",
    where="Something from the formula of the candidate is missing around its sum.",
)
def leaves_the_candidate_linear(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = X @ W_xh + (R * H) @ W_hh + b_h
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J24",
    hint="The weights of the past are used lying on their side.",
    where="Weights that map the past are square, so no error tells you: do their rows belong to the old state or to the new one?",
)
def transposes_the_weights_of_the_past(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz.T + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr.T + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh.T + b_h)
    return Z * H + (1 - Z) * H_tilde


@gru_step.mistake(
    "J25",
    hint="Right except where inputs and hidden units are equally many.",
    where="The orientation of the input weights seems to depend on the shapes. Rows belong to inputs, columns to hidden units, always.",
)
def guesses_the_orientation_of_the_input_weights(X, H, params):
    params = [weights.T if weights.ndim == 2 and X.shape[1] == weights.shape[1] else weights for weights in params[:7]] + list(params[7:])
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * H_tilde
