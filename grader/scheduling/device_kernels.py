"""Kernels on one device: a GPU, or the CPU."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Self

from grader.errors import ExecutionError
from grader.execution.devices import GIB, Gpu
from grader.execution.kernels import ColdKernels, Kernel, Kernels, WarmKernels
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.cgroups import Cgroups, own_cgroups
from grader.execution.sandbox.tiers import Tier
from grader.execution.single_use import SingleUseKernels
from grader.execution.zygote_process import ZygoteProcess

_HOST_BYTES = GIB  # CUDA's own, which no student has asked for


class DeviceKernels:
    """Kernels that are forked from one warm process, and see one GPU or none; when the process is lost another is started.

    `tier=None` starts every kernel cold. The first warm process may be `begun` already. `gpu_memory_bytes` is each kernel's share, of which a GPU has `room` for so many; `busy` is counted by who uses them.
    """

    def __init__(self, *, tier: Tier | None, gpu: Gpu | None, gpu_memory_bytes: int, begun: ZygoteProcess | None = None) -> None:
        self.tier = tier.name if tier else "none"
        self.device = "cpu" if gpu is None else "cuda"
        self.room = gpu.free_bytes // gpu_memory_bytes if gpu else 0
        self.busy = 0
        self._tier = tier
        self._cgroups = own_cgroups() if tier else Cgroups(missing="none for kernels that are started cold")
        self._gpu = gpu
        self._gpu_memory_bytes = gpu_memory_bytes
        self._begun = begun
        self._stack = AsyncExitStack()
        self._kernels: Kernels | None = None
        self._renewing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Warm up; raises ExecutionError."""
        await self._renew(None)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every kernel and the warm process."""
        await self._stack.aclose()

    @property
    def described(self) -> Mapping[str, str]:
        """What a report says of what holds the limit of memory, of a GPU and of how it computes."""
        held = {"memory limit": self._cgroups.described}
        if self._gpu is None:
            return held
        share = f"{self._gpu_memory_bytes / GIB:.3g} of {self._gpu.total_bytes / GIB:.3g} GiB"
        computing = {"tf32": "off", "cudnn": "deterministic", "cublas workspace": ":4096:8"}
        return {**held, "gpu": self._gpu.name, "gpu memory": share, "driver": self._gpu.driver, "cuda": self._gpu.cuda, **computing}

    def limits(self, limits: KernelLimits) -> KernelLimits:
        """Return a kernel's limits with its share of the GPU, and what CUDA takes of the host's memory on top."""
        if self._gpu is None:
            return limits
        return limits.model_copy(update={"memory_bytes": limits.memory_bytes + _HOST_BYTES, "gpu_memory_bytes": self._gpu_memory_bytes})

    async def start(self, limits: KernelLimits) -> Kernel:
        """Start a kernel, from a new warm process when the old one is lost; raises ExecutionError."""
        kernels = self._kernels
        assert kernels is not None  # noqa: S101 - entered
        try:
            return await kernels.start(limits)
        except ExecutionError:
            return await (await self._renew(kernels)).start(limits)

    async def _renew(self, lost: Kernels | None) -> Kernels:
        """Return the kernels of a new warm process in the place of one that is lost, started once for all slots that miss it."""
        async with self._renewing:
            if self._kernels is None or self._kernels is lost:
                await self._stack.aclose()
                self._kernels = await self._new_kernels()
            return self._kernels

    async def _new_kernels(self) -> Kernels:
        if self._tier is None:
            return ColdKernels()
        make_process = partial(ZygoteProcess, self._tier, self._gpu)
        if self._tier.single_use:
            return await self._stack.enter_async_context(SingleUseKernels(make_process, self._cgroups))
        process, self._begun = self._begun or make_process(), None
        return WarmKernels(await self._stack.enter_async_context(process), self._cgroups)
