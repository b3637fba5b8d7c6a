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
    torch.uint16: "U16",
    torch.uint32: "U32",
    torch.uint64: "U64",
    torch.int8: "I8",
    torch.int16: "I16",
    torch.int32: "I32",
    torch.int64: "I64",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float32: "F32",
    torch.float64: "F64",
}


def dtype_name(dtype: torch.dtype) -> str:
    """Return the name without its module, such as "float32"."""
    return str(dtype).removeprefix("torch.")


def is_inexact(dtype: torch.dtype) -> bool:
    """Tell whether the dtype holds real or complex floating-point numbers."""
    return dtype.is_floating_point or dtype.is_complex


def stored_dtype(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype that the data is stored as: real parts for complex numbers, bytes for float8."""
    if dtype.is_complex:
        return dtype.to_real()
    return torch.uint8 if dtype_name(dtype).startswith("float8") else dtype


def stored_shape(dtype: torch.dtype, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that the data is stored in: complex numbers are pairs."""
    return (*shape, 2) if dtype.is_complex else shape


def stored_bytes(dtype: torch.dtype, shape: tuple[int, ...]) -> int:
    """Return the number of bytes of the data."""
    return prod(shape) * dtype.itemsize


def safetensors_name(dtype: torch.dtype) -> str:
    """Return the name that safetensors gives to what the dtype is stored as."""
    return _SAFETENSORS_NAMES[stored_dtype(dtype)]


def to_stored(data: torch.Tensor) -> torch.Tensor:
    """Return the data as it is stored: a contiguous copy."""
    real = torch.view_as_real(data) if data.is_complex() else data.view(stored_dtype(data.dtype))
    return real.clone(memory_format=torch.contiguous_format)


def from_stored(stored: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Return the data that `to_stored` was given."""
    return torch.view_as_complex(stored) if dtype.is_complex else stored.view(dtype)
