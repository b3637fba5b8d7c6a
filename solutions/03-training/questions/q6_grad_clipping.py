"""Cases and known mistakes of grad_clipping."""

import math

import torch
from torch import nn

from grader.authoring import Case

from . import assignment


def clip(entry, gradients, theta, container="list"):
    params = []
    for index, gradient in enumerate(gradients):
        like = torch.zeros(2) if gradient is None else gradient
        param = nn.Parameter(torch.full_like(like, index + 0.5))
        param.grad = None if gradient is None else gradient.clone()
        params.append(param)
    norm = entry((param for param in params) if container == "generator" else params, theta)
    return {
        "norm before clipping": None if norm is None else float(norm),
        "gradients": [param.grad for param in params],
        "parameters": [param.detach() for param in params],
    }


def clip_twice(entry, gradients, theta):
    params = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for param, gradient in zip(params, gradients, strict=True):
        param.grad = gradient.clone()
    norms = [entry(params, theta) for _ in range(2)]
    return {
        "norms": [None if norm is None else round(float(norm), 9) for norm in norms],
        "direction kept": [
            torch.nn.functional.cosine_similarity(param.grad.reshape(-1), gradient.reshape(-1), dim=0)
            for param, gradient in zip(params, gradients, strict=True)
        ],
    }


def clip_non_finite(entry, gradients, theta):
    params = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for param, gradient in zip(params, gradients, strict=True):
        param.grad = gradient.clone()
    norm = entry(params, theta)
    return None if norm is None else math.isfinite(float(norm))


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


@assignment.question(
    "grad_clipping",
    points=4,
    driver=clip,
    forbids=[
        "torch.nn.utils.clip_grad_norm_",
        "torch.nn.utils.clip_grad_norm",
        "torch.nn.utils.clip_grad_value_",
        "torch.nn.utils.clip_grads_with_norm_",
        "torch.nn.utils.get_total_norm",
    ],
)
def grad_clipping(draw):
    """Clipping by the global norm, in place"""
    yield Case("norm 5, limit 1", public=True, teaching=True, gradients=[numbers(3.0, 0.0), numbers(4.0)], theta=1.0)
    yield Case("norm below the limit", public=True, teaching=True, gradients=[numbers(0.3), numbers(0.0, 0.4)], theta=2.0)
    yield Case("a matrix, a vector and negative components", teaching=True, gradients=[draw.normal(3, 4), draw.normal(4)], theta=0.5)
    yield Case("each tensor below the limit, together above", teaching=True, gradients=[numbers(0.9, 0.2), numbers(-0.8), numbers(0.1, -0.7, 0.3)], theta=1.0)
    yield Case("one large tensor, one tiny tensor", teaching=True, gradients=[numbers(30.0, -40.0), numbers(0.01, -0.02)], theta=2.5)
    yield Case("parameters come from a generator", gradients=[numbers(6.0, -2.0), numbers(3.0)], theta=3.5, container="generator")
    yield Case("some parameters have no gradient", teaching=True, gradients=[None, numbers(-6.0, 8.0), None], theta=5.0)
    yield Case("single precision gradients", teaching=True, gradients=[draw.normal(2, 3, dtype=torch.float32)], theta=0.25)
    yield Case("clipped a second time", teaching=True, driver=clip_twice, gradients=[draw.normal(2, 2), draw.normal(3)], theta=0.6)
    yield Case("norm exactly at the limit", edge=True, teaching=True, gradients=[numbers(3.0, 0.0), numbers(-4.0)], theta=5.0)
    yield Case("all gradients zero", edge=True, gradients=[torch.zeros(2, 2, dtype=torch.float64), numbers(0.0)], theta=1.0)
    yield Case("no gradient anywhere", edge=True, gradients=[None, None], theta=1.0)
    yield Case("a gradient has overflowed", edge=True, driver=clip_non_finite, gradients=[numbers(1.0, math.inf), numbers(2.0)], theta=1.0)


@grad_clipping.mistake(
    "L01",
    hint="The direction of the gradient changed.",
    where="All components have to shrink by one common factor. Does yours treat each number by itself?",
)
def by_value(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    for g in grads:
        g.clamp_(-theta, theta)
    return norm


@grad_clipping.mistake(
    "L02",
    hint="Every tensor is limited by itself, so the tensors change relative to each other.",
    where="Over what is the norm taken: one tensor, or all of them together?",
)
def each_tensor_by_its_own_norm(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    for g in grads:
        own = g.norm().item()
        if own > theta:
            g.mul_(theta / own)
    return norm


@grad_clipping.mistake(
    "L03",
    hint="Small gradients became larger, and zero gradients became NaN.",
    where="What does the smaller of the two numbers in the formula say when the norm is below the limit?",
)
def always_rescaled(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = torch.sqrt(sum((torch.sum(g**2) for g in grads), torch.tensor(0.0)))
    for g in grads:
        g.mul_(theta / norm)
    return norm


@grad_clipping.mistake(
    "L04",
    hint="Clipped gradients have norm 1, whatever the limit is.",
    where="Which number of the formula is missing in your factor?",
)
def scaled_to_norm_one(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    if norm > theta:
        for g in grads:
            g.div_(norm)
    return norm


@grad_clipping.mistake(
    "L05",
    hint="A parameter that took no part in the loss stops your function.",
    where="What is the gradient of a parameter before any backward pass?",
)
def missing_gradients_not_expected(params, theta):
    params = list(params)
    norm = math.sqrt(sum((p.grad**2).sum().item() for p in params))
    if norm > theta:
        for p in params:
            p.grad.mul_(theta / norm)
    return norm


@grad_clipping.mistake(
    "L06",
    hint="You computed the right numbers and left the gradients as they were.",
    where="Does your line change the tensor, or only what a name stands for?",
)
def only_a_name_is_rebound(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    if norm > theta:
        for g in grads:
            g = g * theta / norm  # noqa: PLW2901 - the mistake itself
    return norm


@grad_clipping.mistake(
    "L07",
    hint="The gradients are right; the value that you return is not.",
    where="Is the norm to be taken before or after the gradients change?",
)
def returns_the_norm_after(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return min(norm, theta)


@grad_clipping.mistake(
    "L08",
    hint="Works for a list; with what a module's own method hands out, nothing is clipped.",
    where="How often can a generator be walked through?",
)
def walks_twice_through_a_generator(params, theta):
    norm = math.sqrt(sum((p.grad**2).sum().item() for p in params if p.grad is not None))
    if norm > theta:
        for p in params:
            if p.grad is not None:
                p.grad.mul_(theta / norm)
    return norm


@grad_clipping.mistake(
    "L09",
    hint="Exactly at the limit your gradient changes a little.",
    where="The formula has no small number that guards the division. When would it be needed?",
)
def small_number_below_the_line(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    for g in grads:
        g.mul_(min(1.0, theta / (norm + 1e-6)))
    return norm


@grad_clipping.mistake("L10", hint="The gradients are as before; something else was scaled.", where="What is to be limited: the weights or their gradients?")
def parameters_scaled(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad**2).sum().item() for p in params))
    if norm > theta:
        for p in params:
            p.data.mul_(theta / norm)
    return norm


@grad_clipping.mistake("L11", hint="Your norm is 25 where it should be 5.", where="Which last step turns a sum of squares into a length?")
def root_forgotten(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum((g**2).sum().item() for g in grads)
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return float(norm)


@grad_clipping.mistake("L12", hint="Your norm is 7 where it should be 5.", where="Lengths of tensors do not add up like numbers. What is added?")
def norms_added(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = float(sum(g.norm().item() for g in grads))
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return norm


@grad_clipping.mistake("L13", hint="Only the largest component counts in your norm.", where="Which components does the length of a vector depend on?")
def largest_component(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = max((g.abs().max().item() for g in grads), default=0.0)
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return norm


@grad_clipping.mistake("L14", hint="Nothing is returned.", where="A training loop likes to log the norm: what does the question ask back?")
def returns_nothing(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)


@grad_clipping.mistake(
    "L15",
    hint="A tensor that is small by itself is not scaled with the others.",
    where="Once the whole gradient is too long, which tensors shrink?",
)
def small_tensors_spared(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    for g in grads:
        if g.norm() > theta:
            g.mul_(theta / norm)
    return norm


@grad_clipping.mistake(
    "L16",
    hint="Without a single gradient your function fails.",
    where="What is the length of nothing at all?",
)
def nothing_to_stack(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = torch.stack([g.norm() for g in grads]).norm()
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return norm


@grad_clipping.mistake(
    "L17",
    hint="A gradient that has overflowed is reported as harmless.",
    where="Who reads the norm should see that something went wrong. Which step hides it?",
)
def overflow_hidden(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g[torch.isfinite(g)] ** 2).sum().item() for g in grads))
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return norm


@grad_clipping.mistake("L18", hint="Components of opposite sign cancel in your norm.", where="What makes every component count as positive?")
def signs_cancel(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum(g.sum().item() ** 2 for g in grads))
    if norm > theta:
        for g in grads:
            g.mul_(theta / norm)
    return norm


@grad_clipping.mistake(
    "L19",
    hint="The gradients change while you still measure them, so later tensors are scaled by another factor than earlier ones.",
    where="What has to be known before the first tensor is touched?",
)
def scaled_while_measuring(params, theta):
    total = 0.0
    for p in params:
        if p.grad is not None:
            total += (p.grad**2).sum().item()
            if math.sqrt(total) > theta:
                p.grad.mul_(theta / math.sqrt(total))
    return math.sqrt(total)


@grad_clipping.mistake(
    "L20",
    hint="Only the first of the parameters is looked at.",
    where="How long does your loop run before it returns?",
)
def first_parameter_only(params, theta):
    for p in params:
        if p.grad is not None:
            norm = p.grad.norm().item()
            if norm > theta:
                p.grad.mul_(theta / norm)
            return norm
    return 0.0


@grad_clipping.mistake(
    "L21",
    hint="A component is lost wherever the gradient is negative.",
    where="Which sign may a component of a gradient have?",
)
def negative_components_cut(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    for g in grads:
        g.mul_(min(1.0, theta / norm) if norm > 0 else 1.0).clamp_(min=0)
    return norm


@grad_clipping.mistake("L22", hint="Gradients that are all zero stop your function.", where="By what do you divide when the norm is 0?")
def division_by_a_zero_norm(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = math.sqrt(sum((g**2).sum().item() for g in grads))
    factor = min(1.0, theta / norm)
    for g in grads:
        g.mul_(factor)
    return norm
