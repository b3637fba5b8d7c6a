"""The header of a safetensors buffer, checked against what is expected before any data is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from grader.errors import MalformedValueError
from grader.values.dtypes import safetensors_name, stored_bytes, stored_shape
from grader.values.strict_json import parse

_LENGTH_BYTES = 8
_FIELDS = {"dtype", "shape", "data_offsets"}


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What one tensor of the buffer must be."""

    dtype: torch.dtype
    shape: tuple[int, ...]


def check_header(buffer: bytes, expected: Sequence[Stored]) -> None:
    """Check that the buffer holds exactly the expected tensors, named "0", "1", ..., and not a byte more.

    Raises:
        MalformedValueError: it does not.
    """
    header_bytes = int.from_bytes(buffer[:_LENGTH_BYTES], "little")
    data_bytes = len(buffer) - _LENGTH_BYTES - header_bytes
    if data_bytes < 0 or header_bytes > _longest_header(expected):
        raise MalformedValueError(reason="a tensor header of the wrong length")
    tokens = sum(8 + len(stored.shape) for stored in expected) + len(expected) + 8
    header = parse(buffer[_LENGTH_BYTES : _LENGTH_BYTES + header_bytes], depth=3, tokens=tokens, make_object=_unique)
    if not isinstance(header, dict) or set(header) != {str(index) for index in range(len(expected))}:
        raise MalformedValueError(reason="tensors that do not belong to the tree")
    extents = [_extent(header[str(index)], stored) for index, stored in enumerate(expected)]
    end = 0
    for extent in sorted(extents):
        if extent[0] != end:
            raise MalformedValueError(reason="tensor data with gaps or overlaps")
        end = extent[1]
    if end != data_bytes:
        raise MalformedValueError(reason="tensor data of the wrong length")


def _longest_header(expected: Sequence[Stored]) -> int:
    return 64 + sum(128 + 24 * len(stored.shape) for stored in expected)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedValueError(reason="a JSON object with a key twice")
    return result


def _extent(entry: object, stored: Stored) -> tuple[int, int]:
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        raise MalformedValueError(reason="a tensor header with unknown fields")
    shape = list(stored_shape(stored.dtype, stored.shape))
    if entry["dtype"] != safetensors_name(stored.dtype) or not _same_integers(entry["shape"], shape):
        raise MalformedValueError(reason="a tensor of another dtype or shape than the tree says")
    offsets = entry["data_offsets"]
    begin = offsets[0] if isinstance(offsets, list) and offsets and type(offsets[0]) is int else -1
    end = begin + stored_bytes(stored.dtype, stored.shape)
    if begin < 0 or not _same_integers(offsets, [begin, end]):
        raise MalformedValueError(reason="a tensor of another length than its shape says")
    return begin, end


def _same_integers(found: object, expected: list[int]) -> bool:
    # 1.0 == True == 1, so the types are compared as well
    return isinstance(found, list) and all(type(number) is int for number in found) and found == expected
