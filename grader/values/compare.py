"""An answer against what is expected."""

import math
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TypeAlias

import torch

from grader.values.difference import Comparison, Difference
from grader.values.dtypes import dtype_name
from grader.values.elements import compare_elements
from grader.values.tolerance import Tolerance
from grader.values.tree import Foreign, TensorLeaf, Value
from grader.values.wording import both, describe, short

__all__ = ["Comparison", "Difference", "agree", "compare"]

_ORDER = ("type", "structure", "shape", "dtype", "device", "gradient", "finiteness", "value")

_Number: TypeAlias = bool | int | float
_Sequence: TypeAlias = list[Value] | tuple[Value, ...]
_Dict: TypeAlias = dict[str | int | float | bool | None, Value]


def compare(expected: Value, got: Value, *, tolerance: Tolerance, allow: Collection[str] = ()) -> Comparison:
    """Return how `got` differs from `expected`.

    Of many differences the one that says most is returned: type before structure, shape, dtype, device, gradient, finiteness and value;
    among equals the first. `allow` names where to be lenient ("wider float", "numpy", "sequence", "number"); what was used is in the notes.
    """
    comparer = _Comparer(tolerance, allow)
    difference = min(comparer.differences(expected, got, ""), key=lambda found: _ORDER.index(found.kind), default=None)
    return Comparison(difference=difference, notes=tuple(comparer.notes))


def agree(expected: Value, got: Value, *, tolerance: Tolerance, allow: Collection[str] = ()) -> bool:
    """Return whether `got` does not differ from `expected`; quicker than `compare`, as it stops at the first difference."""
    return next(_Comparer(tolerance, allow).differences(expected, got, ""), None) is None


class _Comparer:
    """One comparison; `notes` gathers (as keys, in order) what was accepted by allowance."""

    def __init__(self, tolerance: Tolerance, allow: Collection[str]) -> None:
        self.tolerance = tolerance
        self.allow = allow
        self.notes: dict[str, None] = {}

    def differences(self, expected: Value, got: Value, path: str) -> Iterator[Difference]:
        """Yield at most one difference for each part of the answer."""
        if isinstance(expected, dict) and isinstance(got, dict):
            yield from self._dicts(expected, got, path)
        elif isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)) and self._is_like(expected, got):
            yield from self._sequences(expected, got, path)
        else:
            difference = self._leaves(expected, got)
            if difference is not None:
                yield replace(difference, path=path)

    def _is_like(self, expected: _Sequence, got: _Sequence) -> bool:
        if type(expected) is type(got):
            return True
        if "sequence" in self.allow:
            self._note(got, expected)
            return True
        return False

    def _dicts(self, expected: _Dict, got: _Dict, path: str) -> Iterator[Difference]:
        typed = {(type(key), key): item for key, item in got.items()}
        for key, item in expected.items():
            if (type(key), key) in typed:
                yield from self.differences(item, typed.pop((type(key), key)), f"{path}[{short(key)}]")
            else:
                yield Difference(kind="structure", message=f"the key {short(key)} is missing", path=path)
        for _, key in typed:
            yield Difference(kind="structure", message=f"the key {short(key)} is not expected", path=path)

    def _sequences(self, expected: _Sequence, got: _Sequence, path: str) -> Iterator[Difference]:
        if len(expected) != len(got):
            message = f"expected {describe(expected)} of length {len(expected)}, got length {len(got)}"
            yield Difference(kind="structure", message=message, path=path)
            return
        for index, (item, item_got) in enumerate(zip(expected, got, strict=True)):
            yield from self.differences(item, item_got, f"{path}[{index}]")

    def _leaves(self, expected: Value, got: Value) -> Difference | None:
        match expected, got:
            case TensorLeaf(), TensorLeaf() if expected.kind == got.kind:
                return self._tensors(expected, got)
            case None, None:
                return None
            case str(), str():
                return _compare_text(expected, got)
            case (bool() | int() | float(), bool() | int() | float()):
                return self._numbers(expected, got)
            case TensorLeaf(kind="tensor"), TensorLeaf(kind="array") if "numpy" in self.allow:
                self._note(got, expected)
                return self._tensors(expected, got)
            case _:
                return self._single_numbers(expected, got)

    def _single_numbers(self, expected: Value, got: Value) -> Difference | None:
        """Compare a Python number with a tensor, array or scalar that holds one, where that is allowed."""
        number, number_got = _single(expected), _single(got)
        scalar_for_number = isinstance(got, TensorLeaf) and got.kind == "scalar" and not isinstance(expected, TensorLeaf)
        allowed = "number" in self.allow or ("numpy" in self.allow and scalar_for_number)
        if number is None or number_got is None or not allowed:
            return _type_difference(expected, got)
        if isinstance(expected, TensorLeaf) and expected.requires_grad and not (isinstance(got, TensorLeaf) and got.requires_grad):
            return _no_gradient()
        dtypes = [dtype_name(expected.data.dtype)] if isinstance(expected, TensorLeaf) else []
        if isinstance(got, TensorLeaf) and got.data.dtype.is_floating_point and got.data.dtype.itemsize <= torch.float32.itemsize:
            dtypes.append("float32")  # torch's default, and no less: whoever answers in 8 bits would be allowed a quarter of the number
        difference = self._numbers(number, number_got, *dtypes)
        if difference is None:
            self._note(got, expected)
        return difference

    def _numbers(self, expected: _Number, got: _Number, *dtypes: str) -> Difference | None:
        if isinstance(expected, bool) or isinstance(got, bool):
            return _compare_exactly(expected, got) if type(expected) is type(got) else _type_difference(expected, got)
        if isinstance(expected, int):
            return _compare_exactly(expected, got) if isinstance(got, int) else _type_difference(expected, got)
        return _compare_floats(expected, got, relative=self.tolerance.allowed(*dtypes))

    def _tensors(self, expected: TensorLeaf, got: TensorLeaf) -> Difference | None:
        difference = _compare_shapes(expected, got) or self._dtypes(expected, got)
        if difference is not None:
            return difference
        if expected.kind == got.kind and expected.device != got.device:
            return Difference(kind="device", message=f"expected {describe(expected)} on {expected.device}, got one on {got.device}")
        if expected.requires_grad and not got.requires_grad:
            return _no_gradient()
        if "meta" in {expected.device, got.device}:
            return None if expected.device == got.device else _type_difference(expected, got)
        relative = self.tolerance.allowed(dtype_name(expected.data.dtype), dtype_name(got.data.dtype))
        return compare_elements(expected.data, got.data, relative=relative)

    def _dtypes(self, expected: TensorLeaf, got: TensorLeaf) -> Difference | None:
        dtype, dtype_got = expected.data.dtype, got.data.dtype
        if dtype == dtype_got:
            return None
        wider = dtype.is_floating_point and dtype_got.is_floating_point and dtype_got.itemsize > dtype.itemsize
        if wider and "wider float" in self.allow:
            self._accepted(dtype_name(dtype_got), dtype_name(dtype))
            return None
        return Difference(kind="dtype", message=f"expected dtype {dtype_name(dtype)}, got {dtype_name(dtype_got)}")

    def _note(self, got: Value, expected: Value) -> None:
        self._accepted(describe(got), describe(expected))

    def _accepted(self, got: str, expected: str) -> None:
        self.notes[f"You returned {got} where {expected} was asked; accepted here."] = None


def _type_difference(expected: Value, got: Value) -> Difference:
    if isinstance(expected, Foreign):
        return Difference(kind="type", message=f"the expected answer is {describe(expected)}, with which nothing can be compared")
    if isinstance(got, Foreign):
        return Difference(kind="type", message=f"returned {describe(got)} where {describe(expected)} was expected")
    return Difference(kind="type", message=f"expected {describe(expected)}, got {describe(got)}")


def _no_gradient() -> Difference:
    return Difference(kind="gradient", message="no gradient reaches this tensor: it is cut off from what it was computed from")


def _compare_shapes(expected: TensorLeaf, got: TensorLeaf) -> Difference | None:
    if expected.data.shape == got.data.shape:
        return None
    shape, shape_got = tuple(expected.data.shape), tuple(got.data.shape)
    hint = ": transposed?" if sorted(shape) == sorted(shape_got) else ""
    return Difference(kind="shape", message=f"expected shape {shape}, got {shape_got}{hint}")


def _compare_text(expected: str, got: str) -> Difference | None:
    if expected == got:
        return None
    first = next((i for i, (left, right) in enumerate(zip(expected, got, strict=False)) if left != right), min(len(expected), len(got)))
    message = f"expected {short(expected)}, got {short(got)}"
    if first:
        message += f"; they differ from character {first} on"
    return Difference(kind="value", message=message, first_index=(first,))


def _compare_exactly(expected: _Number, got: _Number) -> Difference | None:
    if expected == got:
        return None
    words, words_got = both(expected, got)
    return Difference(kind="value", message=f"expected {words}, got {words_got}", first_index=(), differing=1, total=1)


def _compare_floats(expected: float, got: float, *, relative: float) -> Difference | None:
    if expected == got:
        return None
    words, words_got = both(expected, got)
    message = f"expected {words}, got {words_got}"
    try:
        got = float(got)
    except OverflowError:  # an int beyond the range of floats
        return Difference(kind="value", message=message, first_index=(), largest_error=math.inf, differing=1, total=1)
    if not (math.isfinite(expected) and math.isfinite(got)):
        same = expected == got or (math.isnan(expected) and math.isnan(got))
        return None if same else Difference(kind="finiteness", message=message, first_index=(), differing=1, total=1)
    error = abs(got - expected)
    if error <= relative * (abs(expected) or 1.0):
        return None
    return Difference(kind="value", message=message, first_index=(), largest_error=error, differing=1, total=1)


def _single(value: Value) -> _Number | None:
    match value:
        case bool() | int() | float():
            return value
        case TensorLeaf() if not value.data.dim() and value.device != "meta" and not value.data.is_complex():
            return value.data.item()
        case _:
            return None
