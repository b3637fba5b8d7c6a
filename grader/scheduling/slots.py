"""Local slots: places where one submission is graded at a time, over kernels forked from one warm process."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from grader.errors import ExecutionError
from grader.execution.answers import Session
from grader.execution.kernels import ColdKernels, Kernel, Kernels, WarmKernels, messaging_context
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.tiers import Tier
from grader.execution.session import KernelSession
from grader.execution.zygote_process import ZygoteProcess


class LocalSlots:
    """`count` slots on this machine: `async with LocalSlots(tier=tier, count=2) as slots`.

    All slots fork from one warm process; when it is lost another is started. `tier=None` starts every kernel cold.
    """

    def __init__(self, *, tier: Tier | None, count: int, device: str = "cpu") -> None:
        self.count = count
        self.tier = tier.name if tier else "none"
        self._tier = tier
        self._device = device
        self._context = messaging_context()
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
        self._context.destroy(linger=0)

    def session(self, *, limits: KernelLimits, cell_seconds: float, total_seconds: float, output_bytes: int) -> AbstractAsyncContextManager[Session]:
        """Return a session over a fresh kernel."""
        return KernelSession(
            self,
            limits=limits,
            cell_seconds=cell_seconds,
            total_seconds=total_seconds,
            output_bytes=output_bytes,
            device=self._device,
        )

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
            return ColdKernels(self._context)
        return WarmKernels(await self._stack.enter_async_context(ZygoteProcess(self._tier)), self._context)
