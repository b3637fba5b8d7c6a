"""Cases and known mistakes of rnn_backward."""

import torch

from grader.authoring import Case

from . import assignment


def layer(draw, *, T, n, d, h, dtype=torch.float64):
    return {
        "dH": draw.normal(T, n, h, dtype=dtype),
        "X": draw.normal(T, n, d, dtype=dtype),
        "H0": draw.normal(n, h, dtype=dtype),
        "W_xh": draw.normal(d, h, dtype=dtype),
        "W_hh": draw.normal(h, h, dtype=dtype),
        "b_h": draw.normal(h, dtype=dtype),
    }


@assignment.question(
    "rnn_backward",
    points=4,
    allow=["sequence"],
    forbids=[
        "torch.Tensor.backward",
        "torch.autograd.backward",
        "torch.autograd.grad",
        "torch.autograd.functional.jacobian",
        "torch.autograd.functional.vjp",
        "torch.func.grad",
        "torch.func.jacrev",
        "torch.func.vjp",
        "torch.nn.RNN",
        "torch.nn.RNNCell",
    ],
)
def rnn_backward(draw):
    """Backpropagation through time by hand"""
    yield Case("four steps, batch of three", public=True, teaching=True, **layer(draw, T=4, n=3, d=5, h=2))
    yield Case("a single step", public=True, teaching=True, **layer(draw, T=1, n=2, d=3, h=4))
    last_only = layer(draw, T=5, n=2, d=3, h=4)
    last_only["dH"][:-1] = 0
    yield Case("only the last state enters the loss", teaching=True, **last_only)
    first_only = layer(draw, T=3, n=2, d=4, h=3)
    first_only["dH"][1:] = 0
    yield Case("only the first state enters the loss", teaching=True, **first_only)
    yield Case("seven steps of a single sequence", teaching=True, **layer(draw, T=7, n=1, d=3, h=2))
    yield Case("batch, inputs and hidden units all of one size", teaching=True, **layer(draw, T=4, n=3, d=3, h=3))
    yield Case("single precision throughout", **layer(draw, T=3, n=2, d=4, h=5, dtype=torch.float32))
    one_unit = layer(draw, T=3, n=4, d=2, h=1)
    yield Case("a layer of one unit", edge=True, **one_unit)


@rnn_backward.mistake(
    "T01",
    hint="Right when only one step matters; the gradient that comes from later steps is missing.",
    where="Two paths lead from a state to the loss. Which of them do you follow?",
)
def nothing_from_later_steps(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = dH[t] * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T02",
    hint="You follow the path through time only.",
    where="A state also feeds its own output. What arrives from there, and where is it added?",
)
def only_from_later_steps(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, W_xh, W_hh, b_h))
    dnext = dH[-1]
    for t in reversed(range(len(X))):
        dz = dnext * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T03",
    hint="The slope of the activation is too steep, most of all where the state is large.",
    where="The state already is a value of tanh. Write the slope in terms of that value, without a second tanh.",
)
def tanh_of_the_state(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - torch.tanh(states[t + 1]) ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T04",
    hint="The gradients of the input weights and of the bias are right, that of the recurrent weights is not.",
    where="Which state was multiplied by the recurrent weights in this step?",
)
def state_of_the_same_step(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t + 1].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T05",
    hint="Your weight gradients come from one step only.",
    where="The same weights are used at every step. What happens to the contributions of the others?",
)
def overwritten_at_every_step(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext = torch.zeros_like(X), torch.zeros_like(H0)
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = X[t].T @ dz, states[t].T @ dz, dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T06",
    hint="Right if the recurrent weights were symmetric.",
    where="On the way back every matrix is used the other way round. Is each of yours?",
)
def recurrent_weights_not_turned(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T07",
    hint="You walk from the first step to the last.",
    where="The gradient of a step needs that of the step after it. In which order can you walk?",
)
def forwards_in_time(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in range(len(X)):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T08",
    hint="The gradient of the bias is too small by a factor of the batch size.",
    where="Everything else adds up over the examples. Does the bias?",
)
def bias_averaged_over_the_batch(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.mean(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T09",
    hint="The upstream gradients of the caller are different after your function than before.",
    where="Which of your additions works in place on something that is not yours?",
)
def upstream_changed_in_place(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = dH[t]
        dz += dnext
        dz *= 1 - states[t + 1] ** 2
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T10",
    hint="The gradients pass the activation as if it were a straight line.",
    where="By what does a small change shrink on its way through tanh?",
)
def slope_of_tanh_forgotten(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = dH[t] + dnext
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T11",
    hint="The gradients of the inputs come back in reversed order of time.",
    where="You collected them while walking backwards. Which step does the first entry belong to?",
)
def input_gradients_reversed(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX = []
    dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX.append(dz @ W_xh.T)
        dnext = dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return torch.stack(dX), dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T12",
    hint="The gradient of the first state stops one step too early.",
    where="What lies between the initial state and the first sum inside tanh?",
)
def initial_state_gradient_before_the_weights(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dz, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T13",
    hint="Your forward pass starts from zeros, so every state and every slope is a little off.",
    where="What does the caller give you as the state before the first step?",
)
def initial_state_ignored(dH, X, H0, W_xh, W_hh, b_h):
    states = [torch.zeros_like(H0)]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T14",
    hint="Your forward pass leaves the bias out, so every state and every slope is a little off.",
    where="Compare your forward pass with the formula of the layer, term by term.",
)
def bias_missing_in_the_forward_pass(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T15",
    hint="All weight gradients are too small by a factor of the batch size.",
    where="Is there an average in the formulas, or only sums?",
)
def everything_averaged_over_the_batch(dH, X, H0, W_xh, W_hh, b_h):
    n = len(H0)
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh / n, dW_hh / n, db_h / n


@rnn_backward.mistake(
    "T16",
    hint="The gradients of the inputs and of the first state are exchanged with others in what you return.",
    where="Compare the order of your results with the docstring.",
)
def results_in_another_order(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dW_xh, dW_hh, db_h, dX, dnext


@rnn_backward.mistake(
    "T17",
    hint="The gradient reaches back one step and is then thrown away.",
    where="What you pass to the step before must contain what came from the step after.",
)
def one_step_back_only(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        slope = 1 - states[t + 1] ** 2
        dz = (dH[t] + dnext) * slope
        dX[t], dnext = dz @ W_xh.T, (dH[t] * slope) @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake("T18", hint="Given float32 you return float64.", where="Which dtype have the tensors that you create yourself?")
def double_precision_accumulators(dH, X, H0, W_xh, W_hh, b_h):
    dH, X, H0, W_xh, W_hh, b_h = (tensor.double() for tensor in (dH, X, H0, W_xh, W_hh, b_h))
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h


@rnn_backward.mistake(
    "T19",
    hint="With one hidden unit the shapes of your results collapse.",
    where="Which axes of length 1 do you remove?",
)
def axes_of_length_one_removed(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + states[t].T @ dz, db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh.squeeze(), db_h.squeeze()


@rnn_backward.mistake(
    "T20",
    hint="The gradient of the recurrent weights is transposed.",
    where="Row and column: which state do the rows of that matrix meet, the old or the new one?",
)
def recurrent_gradient_transposed(dH, X, H0, W_xh, W_hh, b_h):
    states = [H0]
    for x in X:
        states.append(torch.tanh(x @ W_xh + states[-1] @ W_hh + b_h))
    dX, dnext, dW_xh, dW_hh, db_h = (torch.zeros_like(tensor) for tensor in (X, H0, W_xh, W_hh, b_h))
    for t in reversed(range(len(X))):
        dz = (dH[t] + dnext) * (1 - states[t + 1] ** 2)
        dX[t], dnext = dz @ W_xh.T, dz @ W_hh.T
        dW_xh, dW_hh, db_h = dW_xh + X[t].T @ dz, dW_hh + dz.T @ states[t], db_h + dz.sum(dim=0)
    return dX, dnext, dW_xh, dW_hh, db_h
