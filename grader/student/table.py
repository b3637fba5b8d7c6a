"""The part of two tensors where they differ, small enough to be read."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from grader.student.attempt import CaseAttempt
from grader.values.dtypes import dtype_name, is_inexact
from grader.values.tolerance import Tolerance, scale, widen
from grader.values.tree import TensorLeaf, Value
from grader.values.wording import short

_SIDE = 8


@dataclass(frozen=True, kw_only=True)
class Table:
    """Numbers of one two-dimensional window, row by row; `label` says which part of the tensor it is, and `differs` which numbers differ."""

    label: str
    expected: tuple[tuple[str, ...], ...]
    got: tuple[tuple[str, ...], ...]
    differs: tuple[tuple[bool, ...], ...]


def difference_table(tried: CaseAttempt) -> Table | None:
    """Return at most 8 x 8 numbers around the first element that differs, None where no elements were compared."""
    difference = tried.difference
    if difference is None or difference.first_index is None or not difference.first_index:
        return None
    expected = dict(_leaves(tried.case.expected)).get(difference.path)
    got = dict(_leaves(tried.got)).get(difference.path)
    if not isinstance(expected, TensorLeaf) or not isinstance(got, TensorLeaf):
        return None
    window, label = _window(tuple(expected.data.shape), difference.first_index)
    numbers, numbers_got = _numbers(expected.data[window]), _numbers(got.data[window])
    if is_inexact(expected.data.dtype):
        marks = _differing(expected.data, got.data, tried.case.tolerance)[window].reshape(len(numbers), -1).tolist()
    else:
        marks = [[left != right for left, right in zip(row, row_got, strict=True)] for row, row_got in zip(numbers, numbers_got, strict=True)]
    return Table(label=label, expected=numbers, got=numbers_got, differs=tuple(map(tuple, marks)))


def _differing(expected: torch.Tensor, got: torch.Tensor, tolerance: Tolerance) -> torch.Tensor:
    wide, wide_got = widen(expected), widen(got)
    relative = tolerance.allowed(dtype_name(expected.dtype), dtype_name(got.dtype))
    fine = ((wide_got - wide).abs() <= relative * wide.abs().clamp(min=scale(wide))) | (wide == wide_got) | (wide.isnan() & wide_got.isnan())
    return ~(fine.all(dim=-1) if expected.is_complex() else fine)


def _window(shape: tuple[int, ...], first: tuple[int, ...]) -> tuple[tuple[int | slice, ...], str]:
    """Return the index of a window of the last two axes that holds an element, and how one would write it."""
    axes: list[int | slice] = list(first[:-2])
    for length, position in list(zip(shape, first, strict=True))[-2:]:
        start = max(0, min(position - _SIDE // 2, length - _SIDE))
        axes.append(slice(start, min(start + _SIDE, length)))
    whole = all(isinstance(axis, slice) and axis == slice(0, length) for axis, length in zip(axes, shape, strict=True))
    return tuple(axes), "" if whole else f"[{', '.join(f'{axis.start}:{axis.stop}' if isinstance(axis, slice) else str(axis) for axis in axes)}]"


def _numbers(window: torch.Tensor) -> tuple[tuple[str, ...], ...]:
    rows = window.reshape(-1, window.shape[-1]).tolist()
    return tuple(tuple(f"{number:.4g}" if isinstance(number, float) else str(number) for number in row) for row in rows)


def _leaves(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Yield every leaf with its path, as a comparison writes it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}[{short(key)}]")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value
