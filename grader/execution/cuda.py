"""CUDA in the warm process, which must never start it, and in the kernels that are forked from it, which may.

A fork of a process with a CUDA context cannot use CUDA at all; so the warm process is looked at before each fork.
"""

import ctypes
import os
from typing import Protocol

import torch

from grader.errors import ExecutionError
from grader.execution.devices import CONTEXT_BYTES

_NOT_INITIALIZED = 3  # CUDA_ERROR_NOT_INITIALIZED
SPOILED_STATUS = 77
"""How a kernel ends whose GPU has met a mistake: whatever it would do there afterwards fails as well."""
SPOILED = "your code made a mistake on the GPU after which nothing works there any more, often an index that is out of range: run it on the CPU to see which"


class Driver(Protocol):
    """What is asked of libcuda."""

    def cuDeviceGetCount(self, count: object, /) -> int:  # noqa: N802 - the driver's own name
        """Return 3 while nobody in this process has called cuInit."""
        ...


def loaded_driver() -> Driver | None:
    """Return libcuda where this process has loaded it already; nothing is loaded."""
    try:
        driver: Driver = ctypes.CDLL("libcuda.so.1", mode=os.RTLD_NOLOAD)
    except OSError:
        return None
    return driver


def require_untouched(driver: Driver | None) -> None:
    """Raise ExecutionError when somebody in this process has started CUDA: no fork of it could use a GPU."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        message = "torch has started CUDA in the warm process"
        raise ExecutionError(message)
    if driver is not None and (said := driver.cuDeviceGetCount(ctypes.byref(ctypes.c_int()))) != _NOT_INITIALIZED:
        message = f"something has started CUDA in the warm process: cuDeviceGetCount says {said}"
        raise ExecutionError(message)


def is_spoiled(message: str) -> bool:
    """Whether an exception's message is of the kind after which CUDA does not work any more in this process."""
    return "CUDA error" in message and "out of memory" not in message and torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def compute_alike() -> None:
    """Make a GPU compute as the CPU does: float32 with all its 24 bits, and the same result each time. Starts nothing.

    TF32 keeps 11 bits of each factor, so that right answers would miss the tolerance; cuDNN uses it unless it is told not to.
    """
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def take_no_more_than(memory_bytes: int) -> None:
    """Let this process take so much of its GPU's memory, from the moment it starts CUDA; starts nothing itself."""
    torch.cuda._lazy_call(lambda: _limit(memory_bytes))  # type: ignore[no-untyped-call]  # noqa: SLF001 - every public way starts CUDA


def _limit(memory_bytes: int) -> None:
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, (memory_bytes - CONTEXT_BYTES) / total))
