"""The dtypes that can cross, and how each is stored."""

from math import prod

import torch

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.bool,
        torch.uint8,
        torch.uint16,
        torch.uint32,
        torch.uint64,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.float8_e4m3fn,
        torch.float8_e4m3fnuz,
        torch.float8_e5m2,
        torch.float8_e5m2fnuz,
        torch.float8_e8m0fnu,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
        torch.complex64,
        torch.complex128,
    )
}
NUMPY_DTYPES = frozenset(name for name in DTYPES if not name.startswith(("float8", "bfloat")))

_SAFETENSORS_NAMES = {
    torch.bool: "BOOL",
    torch.uint8: "U8",
    torch.int8: "I8",
    torch.int16: "I16",
    torch.uint16: "U16",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int32: "I32",
    torch.uint32: "U32",
    torch.float32: "F32",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.uint64: "U64",
}
_SAFETENSORS_RANKS = {dtype: rank for rank, dtype in enumerate(_SAFETENSORS_NAMES)}
_STORED = {dtype: dtype.to_real() if dtype.is_complex else torch.uint8 if name.startswith("float8") else dtype for name, dtype in DTYPES.items()}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def dtype_name(dtype: torch.dtype) -> str:
    """Return the name without its module, such as "float32"."""
    return _NAMES.get(dtype) or str(dtype).removeprefix("torch.")


def is_inexact(dtype: torch.dtype) -> bool:
    """Tell whether the dtype holds real or complex floating-point numbers."""
    return dtype.is_floating_point or dtype.is_complex


def stored_shape(dtype: torch.dtype, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that the data is stored in: complex numbers are pairs."""
    return (*shape, 2) if dtype.is_complex else shape


def stored_bytes(dtype: torch.dtype, shape: tuple[int, ...]) -> int:
    """Return the number of bytes of the data."""
    return prod(shape) * dtype.itemsize


def safetensors_name(dtype: torch.dtype) -> str:
    """Return the name that safetensors gives to what the dtype is stored as: real parts for complex numbers, bytes for float8."""
    return _SAFETENSORS_NAMES[_STORED[dtype]]


def safetensors_rank(dtype: torch.dtype) -> int:
    """Return the place of what the dtype is stored as in safetensors' order of dtypes."""
    return _SAFETENSORS_RANKS[_STORED[dtype]]


def to_stored(data: torch.Tensor) -> bytes:
    """Return the data's bytes."""
    real = torch.view_as_real(data) if data.is_complex() else data
    # a copy has ordinary strides, which numpy's arrays of one or no element need not have; numpy has not every dtype, but it has bytes
    return real.clone(memory_format=torch.contiguous_format).view(-1).view(torch.uint8).numpy().tobytes()


def from_stored(stored: torch.Tensor, dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
    """Return the data whose bytes `to_stored` has given; it shares memory with `stored`."""
    return stored.view(dtype).view(shape)
