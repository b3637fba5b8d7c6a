"""Values as people read them."""

import math
from collections.abc import Iterator

import torch

from grader.grading.walk import part_at
from grader.results import Shown
from grader.values.tree import Foreign, TensorLeaf, Value

_SIDE = 12
_TEXT_LENGTH = 300
_PRINTED_NUMBERS = 30
_LONGEST_INTEGER_BITS = 200

Entry = float | int | bool | str


def show(value: Value, *, path: str = "") -> Shown:
    """Return a value as people read it; where `path` leads to a tensor inside a container, the table is that tensor's."""
    text = "".join(_pieces(value))
    truncated = len(text) > _TEXT_LENGTH
    if truncated:
        text = text[: _TEXT_LENGTH - 1] + "…"
    leaf = part_at(value, path)
    if not isinstance(leaf, TensorLeaf):
        return Shown(text=text, truncated=truncated)
    label, table = _slice(leaf.data)
    return Shown(
        text=text,
        shape=tuple(leaf.data.shape),
        dtype=_dtype(leaf),
        rows=table,
        slice_label=f"{path} {label}".strip(),
        truncated=truncated or bool(label),
    )


def _pieces(value: Value) -> Iterator[str]:
    if isinstance(value, TensorLeaf):
        yield _tensor_text(value)
    elif isinstance(value, dict):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield (", " if index else "") + _scalar_text(key) + ": "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "[" if isinstance(value, list) else "("
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(item)
        yield "]" if isinstance(value, list) else ",)" if len(value) == 1 else ")"
    elif isinstance(value, Foreign):
        yield f"<{value.type_name}>"
    else:
        yield _scalar_text(value)


def _scalar_text(value: str | int | float | None) -> str:  # noqa: PYI041 - a number is an int or a float here, and treated differently
    if isinstance(value, str):
        return repr(value[: _TEXT_LENGTH + 1])
    if isinstance(value, float):
        text = f"{value:.4g}"
        return text if not math.isfinite(value) or any(mark in text for mark in ".e") else f"{text}.0"
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER_BITS:
        return f"<an integer of {value.bit_length()} bits>"
    return repr(value)


def _tensor_text(leaf: TensorLeaf) -> str:
    name = {"tensor": "tensor", "array": "array", "scalar": "numpy"}[leaf.kind]
    if leaf.data.is_meta or not 0 < leaf.data.numel() <= _PRINTED_NUMBERS:
        return f"{name} of shape {tuple(leaf.data.shape)}, {_dtype(leaf)}"
    return f"{name}({_nested_text(_plain(leaf.data).tolist())})"


def _nested_text(numbers: object) -> str:
    if isinstance(numbers, list):
        return "[" + ", ".join(_nested_text(item) for item in numbers) + "]"
    return f"{numbers:.4g}" if isinstance(numbers, float | complex) else str(numbers)


def _slice(data: torch.Tensor) -> tuple[str, tuple[tuple[Entry, ...], ...] | None]:
    """Return the label and the numbers of the first matrix of a tensor, at most 12 x 12."""
    if data.is_meta:
        return "", None
    matrix = data[(0,) * (data.dim() - 2)] if data.numel() else data.reshape(0, 0)
    shape = matrix.shape
    sides = [f":{_SIDE}" if size > _SIDE else ":" for size in shape]
    corner = matrix[tuple(slice(_SIDE) for _ in shape)]
    complete = data.dim() <= 2 and ":12" not in sides  # noqa: PLR2004 - a matrix
    label = "" if complete or not data.numel() else f"[{', '.join(['0'] * (data.dim() - 2) + sides)}]"
    rows = _plain(corner).reshape(1, -1) if data.dim() < 2 else _plain(corner)  # noqa: PLR2004 - a matrix
    return label, tuple(tuple(_entry(number) for number in row) for row in rows.tolist())


def _plain(data: torch.Tensor) -> torch.Tensor:
    """Return the data in a dtype that can be listed: not every narrow float can."""
    return data.to(torch.float64) if data.dtype.is_floating_point else data


def _entry(number: complex | bool) -> Entry:  # noqa: FBT001 - one of a tensor's numbers
    if isinstance(number, complex):
        return f"{number:.4g}"
    return number if math.isfinite(number) else str(float(number))


def _dtype(leaf: TensorLeaf) -> str:
    return str(leaf.data.dtype).removeprefix("torch.")
