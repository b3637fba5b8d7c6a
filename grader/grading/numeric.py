"""Readings of numbers that differ: functions of a pair of tensors, each giving what is to be seen and where to look."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import torch

_MOST_AXES = 5
_MOST_ROWS = 256


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is to be seen (`hint`), and a question that leads to the place (`where`)."""

    hint: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The part that differs, as numbers in float64; `sizes` are the sizes that occur in the inputs."""

    expected: torch.Tensor
    got: torch.Tensor
    relative: float
    sizes: frozenset[int]

    def is_near(self, other: torch.Tensor) -> bool:
        """Whether what was got is `other` up to rounding."""
        if other.shape != self.got.shape or not bool(other.isfinite().all()):
            return False
        return bool((other - self.got).abs().max() <= self.relative * self.got.abs().max())


Read: TypeAlias = Callable[[Pair], Reading | None]


def _permuted(pair: Pair) -> Reading | None:
    if not 1 < pair.expected.dim() <= _MOST_AXES:
        return None
    for order in itertools.permutations(range(pair.expected.dim())):
        if list(order) != sorted(order) and pair.is_near(pair.expected.permute(order)):
            if pair.expected.dim() == 2:  # noqa: PLR2004 - a matrix
                return Reading(hint="Your result is the transpose of the right one.", where="Which axis does the text put first?")
            return Reading(hint="The numbers are right, but their axes are in another order.", where="Which axis does the text put first, and which last?")
    return None


def _reshaped(pair: Pair) -> Reading | None:
    if pair.expected.numel() == pair.got.numel() and pair.is_near(pair.expected.reshape(pair.got.shape)):
        return Reading(hint="The numbers are right and in order; only their shape is not the one that was asked for.", where="Which axes should there be?")
    return None


def _reduced(pair: Pair) -> Reading | None:
    """Find a sum or mean too many, or one that is missing."""
    for axes, reduce in itertools.product(_axes(pair.expected), (torch.sum, torch.mean)):
        if any(pair.is_near(reduce(pair.expected, dim=axes, keepdim=keep)) for keep in (False, True)):
            return Reading(hint="One sum or mean too many was taken over an axis.", where="Which axes should still be there in the result?")
    for axes, reduce in itertools.product(_axes(pair.got), (torch.sum, torch.mean)):
        found = reduce(pair.got, dim=axes)
        if found.shape == pair.expected.shape and bool((found - pair.expected).abs().max() <= pair.relative * pair.expected.abs().max()):
            return Reading(
                hint="Your numbers are right, but a last step is missing that puts them together.", where="Over which axis is a sum or a mean taken?"
            )
    return None


def _axes(tensor: torch.Tensor) -> list[tuple[int, ...]]:
    each: list[tuple[int, ...]] = [(axis,) for axis in range(min(tensor.dim(), _MOST_AXES))]
    return [*each, tuple(range(tensor.dim()))] if tensor.dim() else []


def _stretched(pair: Pair) -> Reading | None:
    grew = pair.got.numel() > pair.expected.numel() and pair.got.dim() >= pair.expected.dim()
    if grew and all(size in (*pair.expected.shape, 1) for size in pair.got.shape):
        return Reading(
            hint="Your result has more elements than there should be: two shapes that did not match were stretched to fit each other.",
            where="Which two tensors are combined there, and do their axes stand for the same thing?",
        )
    return None


def _imprecise(pair: Pair) -> Reading | None:
    if pair.is_near(pair.expected):
        return Reading(hint="Very close, but less precise than the inputs allow.", where="Does some step work in a lower precision?")
    return None


def _constant(pair: Pair) -> Reading | None:
    if pair.got.numel() < 2 or not bool((pair.got == pair.got.flatten()[0]).all()):  # noqa: PLR2004 - one number is always constant
        return None
    if not bool(pair.got.any()):
        return Reading(hint="Your result is 0 everywhere.", where="Is what was computed ever put into the result?")
    return Reading(hint="Your result has the same number everywhere.", where="Does it depend on the inputs at all?")


def _factor(pair: Pair) -> Reading | None:
    if not pair.expected.any():
        return None
    largest = int(pair.expected.abs().argmax())
    factor = float(pair.got.flatten()[largest] / pair.expected.flatten()[largest])
    if factor == 0 or not pair.is_near(pair.expected * factor):
        return None
    for known, hint, where in _known_factors(pair.sizes):
        if math.isclose(factor, known, rel_tol=pair.relative):
            return Reading(hint=hint, where=where)
    several = int((pair.expected.abs() > pair.relative * pair.expected.abs().max()).sum()) > 1
    return Reading(hint="Every number is off by the same factor.", where="What is multiplied or divided by once too often, or not at all?") if several else None


def _known_factors(sizes: frozenset[int]) -> Iterator[tuple[float, str, str]]:
    yield -1.0, "The sign is the wrong way round.", "Where does a minus sign belong, or what was subtracted from what?"
    where = "Which logarithm does the text use, and which one the code?"
    yield 1 / math.log(2), "Every number is 1.4427 times too large: the logarithm has another base.", where
    yield math.log(2), "Every number is 0.6931 times too large: the logarithm has another base.", where
    yield 1 / math.log(10), "Every number is 0.4343 times too large: the logarithm has another base.", where
    for size in sorted(sizes - {0, 1}):
        yield size, "Every number is too large by the size of one of the axes: a sum where a mean was asked for?", "What is added up, and what averaged?"
        yield 1 / size, "Every number is too small by the size of one of the axes: a mean where a sum was asked for?", "What is added up, and what averaged?"


def _flipped(pair: Pair) -> Reading | None:
    if any(pair.expected.shape[axis] > 1 and pair.is_near(pair.expected.flip(axis)) for axis in range(pair.expected.dim())):
        return Reading(
            hint="The numbers are right, but one axis runs backwards.", where="Where does the loop start, and in which order are its results put together?"
        )
    return None


def _shifted(pair: Pair) -> Reading | None:
    for axis, size in enumerate(pair.expected.shape):
        if size < 3:  # noqa: PLR2004 - two places cannot show a shift
            continue
        expected, got = pair.expected.movedim(axis, 0), pair.got.movedim(axis, 0)
        if _is_alike(expected[1:], got[:-1], pair.relative) or _is_alike(expected[:-1], got[1:], pair.relative):
            return Reading(hint="The numbers are right, but one place off along an axis.", where="Which is the first index, and does it count from 0 or 1?")
    return None


def _mixed_rows(pair: Pair) -> Reading | None:
    count = pair.expected.shape[0] if pair.expected.dim() > 1 else 0
    if not 1 < count <= _MOST_ROWS:
        return None
    expected, got = pair.expected.reshape(count, -1), pair.got.reshape(count, -1)
    near = torch.cdist(expected, got, p=math.inf) <= pair.relative * expected.abs().max()
    if bool(near.any(dim=0).all()) and bool(near.any(dim=1).all()):
        return Reading(hint="Every row is right, but the rows are in another order.", where="Where are rows taken apart or put together, and in which order?")
    return None


def _offset(pair: Pair) -> Reading | None:
    off = pair.got - pair.expected
    varied = pair.expected.numel() > 2 and bool((pair.expected - pair.expected.mean()).abs().max() > pair.relative)  # noqa: PLR2004 - two are no evidence
    if varied and pair.is_near(pair.expected + off.mean()):
        return Reading(hint="Every number is off by the same amount.", where="Which term is added too often, or not at all?")
    return None


def _transformed(pair: Pair) -> Reading | None:
    for change, hint, where in _TRANSFORMATIONS:
        if pair.is_near(change(pair.expected)):
            return Reading(hint=hint, where=where)
    for axis, change_along in itertools.product(range(pair.expected.dim()), (torch.softmax, torch.log_softmax)):
        if pair.expected.shape[axis] > 1 and pair.is_near(change_along(pair.expected, dim=axis)):
            return Reading(hint="Your result is a softmax of the right one.", where="Is a softmax asked for here at all?")
    return None


def _stretched_values(pair: Pair) -> Reading | None:
    for axis in range(pair.expected.dim()):
        first_got, first = pair.got.narrow(axis, 0, 1), pair.expected.narrow(axis, 0, 1)
        if bool((pair.got == first_got).all()) and not bool((pair.expected == first).all()):
            return Reading(
                hint="Your result is the same all along one axis.",
                where="Which quantity should differ along that axis: was it left out, averaged away or stretched?",
            )
    return None


def _is_alike(one: torch.Tensor, other: torch.Tensor, relative: float) -> bool:
    return bool((one - other).abs().max() <= relative * one.abs().max()) and bool(one.any())


_TRANSFORMATIONS: list[tuple[Callable[[torch.Tensor], torch.Tensor], str, str]] = [
    (torch.exp, "Your result is the exponential of the right one.", "Is the last step asked for, or is a logarithm missing?"),
    (torch.log, "Your result is the logarithm of the right one.", "Is a logarithm too much, or an exponential missing?"),
    (torch.reciprocal, "Your result is one divided by the right one.", "Is a minus sign in an exponent, or what is divided by what, the wrong way round?"),
    (torch.square, "Your result is the square of the right one.", "Is a square root missing?"),
    (torch.sqrt, "Your result is the square root of the right one.", "Is a square root too much?"),
    (torch.atanh, "Your result is what the right one is before its tanh.", "Which function goes around the sum?"),
    (torch.tanh, "Your result is the tanh of the right one.", "Is a tanh too much?"),
    (lambda right: torch.sigmoid(torch.atanh(right)), "A sigmoid stands where a tanh was asked for.", "Between which two numbers does the result have to lie?"),
    (lambda right: torch.tanh(torch.logit(right)), "A tanh stands where a sigmoid was asked for.", "Between which two numbers does the result have to lie?"),
    (lambda right: torch.relu(torch.atanh(right)), "A ReLU stands where a tanh was asked for.", "Can the result be negative?"),
    (lambda right: 1 - right, "Your result is 1 minus the right one.", "Which of the two shares was asked for?"),
]

SHAPE_READS: tuple[Read, ...] = (_permuted, _reshaped, _reduced, _stretched)
VALUE_READS: tuple[Read, ...] = (
    _imprecise,
    _constant,
    _factor,
    _permuted,
    _flipped,
    _shifted,
    _mixed_rows,
    _offset,
    _transformed,
    _stretched_values,
)
