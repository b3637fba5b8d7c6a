"""Two tensors of one shape, element by element."""

from typing import Literal

import numpy as np
import torch

from grader.values.difference import Difference
from grader.values.dtypes import is_inexact
from grader.values.tolerance import scale, widen
from grader.values.wording import both


def compare_elements(expected: torch.Tensor, got: torch.Tensor, *, relative: float) -> Difference | None:
    """Return how the elements differ: not at all, in being finite, or in value.

    Integers and booleans are compared exactly. Other elements may differ by `relative` times the larger of the element and the tensor's scale.
    Both tensors lie on the CPU and have one shape; their dtypes are both exact and equal, both real, or both complex.
    """
    if not is_inexact(expected.dtype):
        return _compare_exactly(expected, got)
    if expected.dtype == got.dtype and expected.dtype.itemsize > 1 and torch.equal(expected, got):  # float8 knows no such operation
        return None
    wide, wide_got = widen(expected), widen(got)
    finite = wide.isfinite()
    if not (finite & wide_got.isfinite()).all():
        unlike = _by_element(_class(wide) != _class(wide_got), expected)
        if unlike.any():
            return _difference("finiteness", expected, got, unlike)
    errors = (wide_got - wide).abs().masked_fill(~finite, 0.0)
    bounds = relative * wide.abs().clamp(min=scale(wide))
    # `not <=` rather than `>`: whatever is no number differs
    differs = _by_element(finite & ~(errors <= bounds), expected)
    return _difference("value", expected, got, differs, float(errors.max())) if differs.any() else None


def _compare_exactly(expected: torch.Tensor, got: torch.Tensor) -> Difference | None:
    bits, bits_got = _bits(expected), _bits(got)
    differs = bits != bits_got
    if not differs.any():
        return None
    if expected.dtype == torch.bool:
        return _difference("value", expected, got, differs)
    pairs = zip(bits[differs].view(expected.dtype).tolist(), bits_got[differs].view(got.dtype).tolist(), strict=True)
    return _difference("value", expected, got, differs, float(max(abs(left - right) for left, right in pairs)))


def _bits(data: torch.Tensor) -> torch.Tensor:
    # unsigned integers of more than 8 bits have few operations in torch; their bits compare just as well
    signed = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}
    return data.view(signed.get(data.dtype, data.dtype))


def _class(wide: torch.Tensor) -> torch.Tensor:
    """Return 0 for finite numbers, 1 and -1 for the infinities, 2 for NaN."""
    return wide.isposinf().to(torch.int8) - wide.isneginf().to(torch.int8) + 2 * wide.isnan().to(torch.int8)


def _by_element(mask: torch.Tensor, data: torch.Tensor) -> torch.Tensor:
    return mask.any(dim=-1) if data.is_complex() else mask


def _difference(
    kind: Literal["finiteness", "value"], expected: torch.Tensor, got: torch.Tensor, differs: torch.Tensor, largest_error: float | None = None
) -> Difference:
    first = int(differs.flatten().to(torch.uint8).argmax())
    index = tuple(int(position) for position in np.unravel_index(first, expected.shape))
    words, words_got = both(expected[index].item(), got[index].item())
    differing, total = int(differs.sum()), differs.numel()
    message = f"expected {words}, got {words_got}"
    if total > 1:
        message = f"element {list(index)}: {message}; {differing} of {total} elements differ"
        message += " in being finite" if kind == "finiteness" else ""
        message += "" if largest_error is None else f", largest error {largest_error:.2g}"
    return Difference(kind=kind, message=message, first_index=index, largest_error=largest_error, differing=differing, total=total)
