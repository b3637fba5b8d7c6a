"""What is asked for with `--device`, as a record; imports nothing heavy."""

import re
from dataclasses import dataclass
from typing import Literal, cast

GIB = 1024**3
CONTEXT_BYTES = GIB // 2
"""What CUDA takes of a GPU for each process, before the first tensor."""
GPU_MEMORY_BYTES = 4 * GIB
"""A kernel's share of its GPU's memory where nobody says otherwise."""

_FORM = re.compile(r"(?:auto|cpu|cuda(?::(?P<indices>\d{1,3}(?:,\d{1,3})*))?)")


@dataclass(frozen=True, kw_only=True)
class DeviceChoice:
    """Where students' code is to run; `indices` are the GPUs that are named, none for all there are."""

    kind: Literal["auto", "cpu", "cuda"]
    indices: tuple[int, ...] = ()


def parse_device(text: str) -> DeviceChoice:
    """Return what is asked for by "auto", "cpu", "cuda", "cuda:1" or "cuda:0,2".

    Raises:
        ValueError: it is none of these.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        message = f"{text!r} is no device: say auto, cpu, cuda (all GPUs), cuda:1 or cuda:0,2"
        raise ValueError(message)
    named = match["indices"]
    indices = tuple(dict.fromkeys(map(int, named.split(",")))) if named else ()
    kind = cast("Literal['auto', 'cpu', 'cuda']", text.partition(":")[0])
    return DeviceChoice(kind=kind, indices=indices)


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One GPU: its number as torch counts, what CUDA_VISIBLE_DEVICES calls it, its memory, and the device nodes that a kernel needs to use it."""

    index: int
    name: str
    visible: str
    total_bytes: int
    free_bytes: int
    driver: str
    cuda: str
    nodes: tuple[str, ...]

    def __str__(self) -> str:
        """Return what people read of it."""
        return f"GPU {self.index}: {self.name}, {self.free_bytes / GIB:.1f} of {self.total_bytes / GIB:.1f} GiB free"
