"""Tensors in one safetensors buffer, in the one layout that safetensors gives them: the widest dtypes first, then by name.

As the names are numbers and the tree says what each tensor is, the buffer's header holds nothing that is not known: it is compared, never parsed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from grader.errors import MalformedValueError
from grader.values.dtypes import from_stored, safetensors_name, safetensors_rank, stored_bytes, stored_shape, to_stored

_LENGTH_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What one tensor of the buffer must be."""

    dtype: torch.dtype
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Some tensors in a buffer: its beginning, and where the bytes of each lie behind it, in the buffer's order."""

    tensors: tuple[Stored, ...]
    header: bytes
    extents: dict[int, slice]
    total_bytes: int


def join(tensors: Sequence[torch.Tensor]) -> bytes:
    """Return the buffer of tensors named "0", "1", ...; empty where there are none."""
    if not tensors:
        return b""
    layout = lay_out([Stored(dtype=data.dtype, shape=tuple(data.shape)) for data in tensors])
    return layout.header + b"".join(to_stored(tensors[index]) for index in layout.extents)


def split(buffer: bytes, layout: Layout) -> list[torch.Tensor]:
    """Return the tensors of an untrusted buffer; they share no memory with it.

    Raises:
        MalformedValueError: it holds anything else than the tensors that are laid out so, or a byte more.
    """
    if not layout.tensors:
        if buffer:
            raise MalformedValueError(reason="tensors that do not belong to the tree")
        return []
    if len(buffer) != layout.total_bytes or not buffer.startswith(layout.header):
        raise MalformedValueError(reason="tensors that are not what the tree says")
    data = memoryview(buffer)
    # through numpy, which does not know the default device that a notebook may have set
    return [
        from_stored(torch.from_numpy(np.frombuffer(bytearray(data[layout.extents[index]]), dtype=np.uint8)), stored.dtype, stored.shape)
        for index, stored in enumerate(layout.tensors)
    ]


def lay_out(tensors: Sequence[Stored]) -> Layout:
    """Return how safetensors lays out these tensors."""
    order = sorted(range(len(tensors)), key=lambda index: (-safetensors_rank(tensors[index].dtype), str(index)))
    described, extents, end = [], {}, 0
    for index in order:
        dtype, shape = tensors[index].dtype, tensors[index].shape
        begin, end = end, end + stored_bytes(dtype, shape)
        sizes = ",".join(map(str, stored_shape(dtype, shape)))
        described.append(f'"{index}":{{"dtype":"{safetensors_name(dtype)}","shape":[{sizes}],"data_offsets":[{begin},{end}]}}')
        extents[index] = (begin, end)
    text = f"{{{','.join(described)}}}".encode("ascii")
    text += b" " * (-len(text) % _LENGTH_BYTES)
    start = _LENGTH_BYTES + len(text)
    return Layout(
        tensors=tuple(tensors),
        header=len(text).to_bytes(_LENGTH_BYTES, "little") + text,
        extents={index: slice(start + begin, start + end) for index, (begin, end) in extents.items()},
        total_bytes=start + end,
    )
