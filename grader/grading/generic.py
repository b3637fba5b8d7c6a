"""Generic readings of a wrong answer: what students' errors look like when nobody has foreseen them.

Each reading says what is to be seen and where to look, in a sentence each; none gives a number of the expected answer away.
"""

import itertools
import math
import re
from collections.abc import Iterator

import torch

from grader.execution.answers import Raised, Returned
from grader.grading.bundle import BundledCase
from grader.grading.numeric import SHAPE_READS, VALUE_READS, Pair, Reading
from grader.grading.walk import parent_path, part_at
from grader.results import Differing
from grader.values.compare import compare
from grader.values.tree import Foreign, TensorLeaf, Value

_MOST_ELEMENTS = 1_000_000
_MOST_PARTS = 5
_CLOSE = 1e-6


def read_raised(raised: Raised) -> Reading | None:
    """Read an exception that a student's code raised where a value was expected."""
    return next((Reading(hint=hint, where=where) for pattern, hint, where in _EXCEPTIONS if pattern.search(raised.message)), None)


def read_returned(case: BundledCase, expected: Returned, got: Returned, difference: Differing) -> Reading | None:
    """Read a value that differs."""
    if difference.kind in _BY_KIND:
        return _BY_KIND[difference.kind]
    if difference.kind in ("type", "structure"):
        return _read_structure(part_at(expected.value, difference.path), part_at(got.value, difference.path), case)
    if (exchanged := _exchanged(expected.value, got.value, case)) is not None:
        return exchanged
    pair = _pair(case, expected.value, got.value, difference.path)
    if pair is None:
        return None
    if difference.kind == "finiteness":
        return _finiteness(pair)
    reads = {"shape": SHAPE_READS, "value": VALUE_READS}.get(difference.kind, ())
    return next((reading for read in reads if (reading := read(pair)) is not None), None)


_BY_KIND = {
    "mutated": Reading(
        hint="Your code changes what it was given.",
        where="Which line writes into one of the arguments, where it should make something new?",
    ),
    "gradient": Reading(
        hint="The result is cut off from what it was computed from: no gradient can flow back through it.",
        where="Which step takes the numbers out of the graph, or makes a new tensor of them?",
    ),
    "dtype": Reading(
        hint="The result does not have the dtype that was asked for.",
        where="Which step fixes or changes the dtype, and what should decide it instead?",
    ),
}

_EXCEPTIONS = [
    (
        re.compile(r"unexpected keyword argument|missing \d+ required positional|takes \d+ positional argument"),
        "The arguments are passed by their names, and yours have other names, or there are more or fewer of them.",
        "Does the first line of the function still read as it was given?",
    ),
    (
        re.compile(r"shapes cannot be multiplied|inconsistent tensor size|size mismatch|matmul: Input operand"),
        "Two shapes do not fit together in a matrix product.",
        "What are the rows and columns of the two factors there, and which sizes have to be equal?",
    ),
    (
        re.compile(r"must match the size of tensor|could not be broadcast together|Sizes of tensors must match"),
        "Two tensors are combined whose shapes do not fit.",
        "Write both shapes down beside that line: which axis is not what you take it for?",
    ),
    (
        re.compile(r"expected (m1 and m2|scalar type|mat1 and mat2)|same dtype|expected .* but found"),
        "Two tensors of different dtypes meet.",
        "Which of the two is made inside your code, and with which dtype?",
    ),
    (
        re.compile(r"in-place operation"),
        "A tensor that a gradient needs is overwritten.",
        "Which line writes into a tensor that was used before?",
    ),
    (
        re.compile(r"index out of range|out of bounds"),
        "An index reaches beyond the last element.",
        "What are the first and the last index that the loop or the look-up uses?",
    ),
]


def _read_structure(expected: Value, got: Value, case: BundledCase) -> Reading | None:
    if got is None:
        return Reading(hint="Nothing comes back from your code.", where="Does every way through it end with a return?")
    if isinstance(got, Foreign) and "generator" in got.type_name:
        return Reading(hint="A generator comes back where a finished value was expected.", where="Is there a yield, or a comprehension in round brackets?")
    return _exchanged(expected, got, case)


def _exchanged(expected: Value, got: Value, case: BundledCase) -> Reading | None:
    """Find the right parts in another order."""
    if not (isinstance(expected, tuple) and isinstance(got, tuple) and 1 < len(expected) == len(got) <= _MOST_PARTS):
        return None
    for order in itertools.permutations(range(len(expected))):
        if all(compare(expected[place], part, tolerance=case.tolerance, allow=case.allow).difference is None for place, part in zip(order, got, strict=True)):
            return Reading(hint="The parts of your result are right, but in another order.", where="In which order does the text ask for them?")
    return None


def _finiteness(pair: Pair) -> Reading:
    if bool(pair.got.isnan().any()):
        return Reading(
            hint="There is a NaN where a number was expected.",
            where="Which step can meet 0/0, infinity minus infinity, 0 times infinity, or the logarithm of something negative?",
        )
    if bool(pair.got.isinf().any()):
        return Reading(hint="There is an infinity where a number was expected.", where="Which step overflows, divides by 0 or takes the logarithm of 0?")
    return Reading(hint="A number comes back where the right answer is not finite.", where="What keeps your result from becoming infinite?")


def _pair(case: BundledCase, expected: Value, got: Value, path: str) -> Pair | None:
    left, right = _numbers(expected, path), _numbers(got, path)
    if left is None or right is None or not left.numel() or not right.numel():
        return None
    dtypes = [str(value.data.dtype).removeprefix("torch.") for value in (part_at(expected, path), part_at(got, path)) if isinstance(value, TensorLeaf)]
    relative = max(_CLOSE, case.tolerance.allowed(*dtypes))
    return Pair(expected=left, got=right, relative=relative, sizes=frozenset(_sizes(list(case.inputs.values()))))


def _numbers(value: Value, path: str) -> torch.Tensor | None:
    """Return a part as a float64 tensor: a tensor that is not too large, a number, or all of the list that a number stands in."""
    part = part_at(value, path)
    if isinstance(part, TensorLeaf):
        is_read = not part.data.is_meta and not part.data.is_complex() and part.data.numel() <= _MOST_ELEMENTS
        return part.data.to(torch.float64) if is_read else None
    around = part_at(value, parent_path(path))
    if path and isinstance(around, list | tuple) and all(_is_number(item) for item in around):
        part = list(around)
    try:
        return torch.tensor(part, dtype=torch.float64) if isinstance(part, list) or _is_number(part) else None
    except (OverflowError, ValueError, TypeError):
        return None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sizes(values: list[Value]) -> Iterator[int]:
    """Yield the sizes that a mean may divide by: axes, products of axes, lengths."""
    for value in values:
        if isinstance(value, TensorLeaf):
            shape = value.data.shape
            yield from (math.prod(axes) for count in (1, 2, len(shape)) for axes in itertools.combinations(shape, count))
        elif isinstance(value, list | tuple):
            yield len(value)
            yield from _sizes(list(value))
        elif isinstance(value, str):
            yield len(value)
