"""Kernels that each have a warm process to themselves, for a sandbox in which no other can be made."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from grader.execution.kernels import Kernel, WarmKernels
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.cgroups import Cgroups
from grader.execution.sandbox.tiers import SINGLE_USE
from grader.execution.zygote_process import ZygoteProcess


class SingleUseKernels:
    """A source of such kernels; while some run, the process of the next one gets warm: `async with SingleUseKernels(make_process, cgroups) as kernels`."""

    tier = SINGLE_USE.name

    def __init__(self, make_process: Callable[[], ZygoteProcess], cgroups: Cgroups) -> None:
        self._make_process = make_process
        self._cgroups = cgroups
        self._next: asyncio.Task[ZygoteProcess] | None = None

    async def __aenter__(self) -> Self:
        """Warm the first process up; raises ExecutionError."""
        self._next = asyncio.create_task(self._warm())
        await asyncio.wait([self._next])
        self._next.result()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the process that waits for the next kernel; kernels end by themselves."""
        assert self._next is not None  # noqa: S101 - entered
        self._next.cancel()
        (process,) = await asyncio.gather(self._next, return_exceptions=True)
        if isinstance(process, ZygoteProcess):
            await process.__aexit__(kind, error, trace)

    async def start(self, limits: KernelLimits) -> Kernel:
        """Fork a kernel from the process that is warm, or from the one that gets warm first; raises ExecutionError."""
        assert self._next is not None  # noqa: S101 - entered
        warming, self._next = self._next, asyncio.create_task(self._warm())
        process = await warming
        try:
            kernel = await WarmKernels(process, self._cgroups).start(limits)
        except BaseException:
            await process.__aexit__(None, None, None)
            raise
        return _SingleUseKernel(kernel, process)

    async def _warm(self) -> ZygoteProcess:
        return await self._make_process().__aenter__()


class _SingleUseKernel:
    def __init__(self, kernel: Kernel, process: ZygoteProcess) -> None:
        self.connection = kernel.connection
        self.stages = kernel.stages
        self._kernel = kernel
        self._process = process

    async def interrupt(self) -> None:
        """Interrupt what it works at."""
        await self._kernel.interrupt()

    async def ended(self) -> str:
        """Return, once the kernel has ended by itself, a sentence that says how."""
        return await self._kernel.ended()

    async def stop(self) -> None:
        """Hang up, and end the process with its sandbox."""
        await self._kernel.stop()
        await self._process.__aexit__(None, None, None)
