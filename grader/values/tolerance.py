"""How far an answer may be from what is expected: as far as the reference's own rounding explains.

That is why a GPU gives the verdict of the CPU, on which what is expected is computed. A GPU adds the same float32 numbers, in another order and with
multiplications fused into additions; both orders stay within the same bound on the error (Higham, Accuracy and Stability of Numerical Algorithms,
section 4.2), and neither is likely to come near it. What the CPU's order costs is measured against float64 and allowed 32 times, and 2e-5, which is 168
roundings, at least. TF32 rounds to 11 bits instead of 24, which is 8192 times as much, and misses it: so it is off (`grader.execution.cuda`).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch

from grader.values.dtypes import DTYPES, is_inexact
from grader.values.tree import TensorLeaf, Value

_BASE = {"float64": 1e-9, "float32": 2e-5, "bfloat16": 2e-2, "float16": 2e-2}
_LARGEST = {"float64": 1e-2, "float32": 1e-2}
_LARGEST_OF_LOW_PRECISION = 5e-2
_ROUNDINGS = 32
_EPS = torch.finfo(torch.float32).eps

# masks such as -1e9 in attention scores say nothing about the size of the other elements
_MASK = 1e4
_MASK_GAP = 1e3


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """The largest relative error.

    `rounding` is the reference's error in float32, in units of float32's eps; `working` is the lowest precision among the inputs.
    `relative`, where it is set, is the author's word and overrides both.
    """

    relative: float | None = None
    rounding: float = 0.0
    working: str = "float64"

    def allowed(self, *dtypes: str) -> float:
        """Return the relative error allowed for numbers of these dtypes; names of dtypes without rounding do not matter."""
        return _allowed(self.rounding, (*dtypes, self.working)) if self.relative is None else self.relative


@lru_cache(maxsize=1024)
def _allowed(rounding: float, dtypes: tuple[str, ...]) -> float:
    coarsest = max((_real(name) for name in dtypes if is_inexact(DTYPES[name])), key=_eps, default="float64")
    eps = _eps(coarsest)
    base = _BASE.get(coarsest, min(eps, 0.5))
    largest = _LARGEST.get(coarsest, max(base, _LARGEST_OF_LOW_PRECISION))
    return min(max(base, _ROUNDINGS * rounding * eps), largest)


def measure(single: Value, double: Value, *, working: str) -> Tolerance:
    """Return the tolerance that follows from what the reference returned for float32 and for float64 inputs.

    `working` is the lowest floating-point dtype among the case's inputs, "float64" where there is none.
    """
    return Tolerance(rounding=_rounding(single, double), working=working)


def widen(data: torch.Tensor) -> torch.Tensor:
    """Return floating-point data in float64; complex numbers become pairs along a new last axis."""
    return torch.view_as_real(data.to(torch.complex128)) if data.is_complex() else data.to(torch.float64)


def scale(wide: torch.Tensor) -> float:
    """Return the size of the numbers in a widened tensor: the largest finite magnitude, 1 where all are 0.

    Magnitudes of 1e4 and more that stand a factor of 1e3 above all others are taken for masks and do not count.
    """
    magnitudes = wide[wide.isfinite()].abs()
    if not magnitudes.numel():
        return 1.0
    largest = float(magnitudes.max())
    if largest >= _MASK:
        is_high = magnitudes > largest / _MASK_GAP
        low = magnitudes[~is_high]
        if low.numel() and float(magnitudes[is_high].min()) >= _MASK_GAP * float(low.max()):
            largest = float(low.max())
    return largest or 1.0


def _real(name: str) -> str:
    dtype = DTYPES[name]
    return str(dtype.to_real()).removeprefix("torch.") if dtype.is_complex else name


def _eps(name: str) -> float:
    return torch.finfo(DTYPES[name]).eps


def _rounding(single: Value, double: Value) -> float:
    match single, double:
        case dict(), dict():
            return max((_rounding(single[key], double[key]) for key in single if key in double), default=0.0)
        case [*_], [*_]:
            return max((_rounding(left, right) for left, right in zip(single, double, strict=False)), default=0.0)
        case TensorLeaf(), TensorLeaf():
            return _leaf_rounding(single, double)
        case float(), float():
            error = abs(single - double) / (abs(double) or 1.0) / _EPS
            return error if math.isfinite(error) else 0.0
        case _:
            return 0.0


def _leaf_rounding(single: TensorLeaf, double: TensorLeaf) -> float:
    if single.data.shape != double.data.shape or "meta" in {single.device, double.device}:
        return 0.0
    if not is_inexact(single.data.dtype) or single.data.is_complex() != double.data.is_complex() or not is_inexact(double.data.dtype):
        return 0.0
    exact = widen(double.data)
    errors = (widen(single.data) - exact).abs()
    size = scale(exact)
    errors = errors[errors.isfinite() & (exact.abs() <= size)]
    return float(errors.max()) / size / _EPS if errors.numel() else 0.0
