"""Cases and known mistakes of jacobian_norms."""

import math

import torch

from grader.authoring import Case

from . import assignment


def states(draw, T, h):
    return torch.tanh(draw.normal(T, h, scale=1.0))


@assignment.question(
    "jacobian_norms",
    points=1,
    forbids=["torch.autograd.grad", "torch.autograd.functional.jacobian", "torch.func.jacrev", "torch.func.jacfwd", "torch.Tensor.backward"],
)
def jacobian_norms(draw):
    """How much of a state reaches the end of the sequence"""
    yield Case("four states of three units", public=True, teaching=True, W_hh=draw.normal(3, 3), Hs=states(draw, 4, 3))
    yield Case("eight states of five units", teaching=True, W_hh=draw.normal(5, 5), Hs=states(draw, 8, 5))
    yield Case("as many states as units", teaching=True, W_hh=draw.normal(4, 4), Hs=states(draw, 4, 4))
    yield Case("single precision states", W_hh=draw.normal(3, 3, dtype=torch.float32), Hs=states(draw, 5, 3).float())
    yield Case("only two states", edge=True, teaching=True, W_hh=draw.normal(4, 4), Hs=states(draw, 2, 4))
    rotation = torch.tensor([[math.cos(0.7), -math.sin(0.7)], [math.sin(0.7), math.cos(0.7)]], dtype=torch.float64)
    yield Case("a rotation and states near zero", edge=True, teaching=True, W_hh=rotation, Hs=states(draw, 6, 2) * 0.01)


@jacobian_norms.mistake(
    "M01",
    hint="Right for symmetric recurrent weights only.",
    where="Which way round does the matrix stand when a change of the old state is carried to the new one?",
)
def weights_not_turned(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H**2) @ W_hh
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M02",
    hint="You measure the matrix by all of its entries; that is never smaller than what is asked.",
    where="The spectral norm is the most by which the matrix can stretch a vector. Which norm is your function's default?",
)
def frobenius_norm(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H**2) @ W_hh.T
        norms.insert(0, torch.linalg.matrix_norm(J))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M03",
    hint="Each slope is taken one step too early.",
    where="The activation that a change passes belongs to the newer of the two states.",
)
def slope_at_the_older_state(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs[:-1].flip(0):
        J = J @ torch.diag(1 - H**2) @ W_hh.T
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake("M04", hint="Your norms do not depend on the states.", where="A change also passes the activation. By what does it shrink there?")
def slope_forgotten(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for _ in Hs[1:]:
        J = J @ W_hh.T
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M05",
    hint="Your list runs from the last step to the first.",
    where="You walked backwards. Which step does the first number of the result belong to?",
)
def result_reversed(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H**2) @ W_hh.T
        norms.append(torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M06",
    hint="You multiply norms; that is only an upper bound.",
    where="Two matrices may stretch in different directions. Multiply first, then measure.",
)
def product_of_norms(W_hh, Hs):
    norm, norms = torch.ones((), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        norm = norm * torch.linalg.matrix_norm(torch.diag(1 - H**2) @ W_hh.T, 2)
        norms.insert(0, norm)
    return torch.stack(norms)


@jacobian_norms.mistake("M07", hint="Your result has one entry too many.", where="How many states lie before the last one?")
def last_state_included(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), [torch.ones((), dtype=Hs.dtype)]
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H**2) @ W_hh.T
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M08",
    hint="The slope of the activation is too steep, most of all where the state is large.",
    where="The state already is a value of tanh.",
)
def tanh_of_the_state(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - torch.tanh(H) ** 2) @ W_hh.T
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M09",
    hint="You measure the largest eigenvalue, which can be far smaller than the largest stretch.",
    where="Which values of a matrix say by how much it can stretch a vector?",
)
def largest_eigenvalue(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H**2) @ W_hh.T
        norms.insert(0, torch.linalg.eigvals(J).abs().max())
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M10",
    hint="Right for the last step, wrong from two steps on: the factors stand in the wrong order.",
    where="In the chain rule the step nearest to the end stands outermost.",
)
def factors_in_the_wrong_order(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = torch.diag(1 - H**2) @ W_hh.T @ J
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M11",
    hint="Each of your numbers belongs to one step only.",
    where="How far is it from an early state to the last one, and what is passed on the way?",
)
def single_steps(W_hh, Hs):
    return torch.stack([torch.linalg.matrix_norm(torch.diag(1 - H**2) @ W_hh.T, 2) for H in Hs[1:]])


@jacobian_norms.mistake(
    "M12", hint="A state and its negative should have the same slope; yours have not.", where="What is the derivative of tanh, written in terms of its value?"
)
def state_not_squared(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H) @ W_hh.T
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake("M13", hint="Given float32 you return float64.", where="Which dtype has the matrix that you start from?")
def double_precision_forced(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=torch.float64), []
    for H in Hs.flip(0)[:-1]:
        J = J @ torch.diag(1 - H.double() ** 2) @ W_hh.double().T
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)


@jacobian_norms.mistake(
    "M14",
    hint="The activation acts before the weights in your product.",
    where="In which order does a change of the old state meet the recurrent weights and the activation?",
)
def slope_on_the_other_side(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs.flip(0)[:-1]:
        J = J @ W_hh.T @ torch.diag(1 - H**2)
        norms.insert(0, torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms)
