"""Local slots: places where one submission is graded at a time, over kernels forked from warm processes."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from grader.errors import ExecutionError, SettingsError
from grader.execution.answers import Session
from grader.execution.devices import GIB, GPU_MEMORY_BYTES, Gpu, parse_device
from grader.execution.gpus import choose_gpus
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.tiers import Tier
from grader.execution.session import KernelSession
from grader.execution.zygote_process import ZygoteProcess
from grader.notebooks.cells import Cell
from grader.scheduling.device_kernels import DeviceKernels
from grader.values.threads import one_thread

_STARTS_CUDA = Cell(id="cuda", kind="code", source="import torch\ntorch.ones(1, device='cuda').item()")
_CUDA_SECONDS = 120.0


class LocalSlots:
    """`count` slots on this machine, spread over its GPUs by their free memory: `async with LocalSlots(tier=tier, count=2) as slots`.

    All slots of a device fork from one warm process. A count of 0 becomes one a processor core; on GPUs it is no more than there is room for
    `gpu_memory_bytes` each. `tier=None` starts every kernel cold, on the CPU. A warm process of the tier may be
    `begun` already; it serves where there is no GPU.
    """

    def __init__(
        self, *, tier: Tier | None, count: int, device: str = "cpu", gpu_memory_bytes: int = GPU_MEMORY_BYTES, begun: ZygoteProcess | None = None
    ) -> None:
        self.count = count
        self.tier = tier.name if tier else "none"
        self._tier = tier
        self._device = device
        self._gpu_memory_bytes = gpu_memory_bytes
        self._begun = begun
        self._stack = AsyncExitStack()
        self._kernels: list[DeviceKernels] = []

    async def __aenter__(self) -> Self:
        """Warm up; raises SettingsError where the devices are not there or too small, ExecutionError where no kernel starts on them."""
        gpus = await asyncio.to_thread(self._gpus)
        self.count = count_slots(self.count, gpus, self._gpu_memory_bytes)
        async with AsyncExitStack() as stack:
            stack.enter_context(one_thread())
            for gpu in gpus or (None,):
                begun = None if gpu else self._begun
                kernels = DeviceKernels(tier=self._tier, gpu=gpu, gpu_memory_bytes=self._gpu_memory_bytes, begun=begun)
                self._kernels.append(await stack.enter_async_context(kernels))
            await asyncio.gather(*(_require_cuda(kernels) for kernels in self._kernels if kernels.device == "cuda"))
            self._stack = stack.pop_all()
        return self

    def _gpus(self) -> tuple[Gpu, ...]:
        if self._tier is not None:
            return choose_gpus(self._device)
        if parse_device(self._device).kind == "cuda":
            message = f"--device {self._device}: kernels that are started cold run on the CPU; leave --cold away."
            raise SettingsError(message)
        return ()

    @property
    def device(self) -> str:
        """The kind of device that kernels run on: "cpu", "cuda"."""
        return self._kernels[0].device

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every kernel and the warm processes."""
        await self._stack.aclose()

    @asynccontextmanager
    async def session(self, *, limits: KernelLimits, cell_seconds: float, total_seconds: float, output_bytes: int) -> AsyncIterator[Session]:
        """Give a session over a fresh kernel, on the device with the most room."""
        kernels = max(self._kernels, key=lambda one: one.room - one.busy)
        session = KernelSession(
            kernels,
            limits=kernels.limits(limits),
            cell_seconds=cell_seconds,
            total_seconds=total_seconds,
            output_bytes=output_bytes,
            device=kernels.device,
        )
        session.environment = {**session.environment, **kernels.described}
        kernels.busy += 1
        try:
            async with session:
                yield session
        finally:
            kernels.busy -= 1


def count_slots(asked: int, gpus: Sequence[Gpu], gpu_memory_bytes: int) -> int:
    """Return how many slots there are where so many are asked for, 0 for as many as make sense; on GPUs no more than there is room for.

    Raises:
        SettingsError: the GPUs' free memory has no room for a single one.
    """
    cores = os.cpu_count() or 1
    if not gpus:
        return asked or cores
    room = sum(gpu.free_bytes // gpu_memory_bytes for gpu in gpus)
    if not room:
        there = "; ".join(map(str, gpus))
        message = f"No GPU has room for a slot of {gpu_memory_bytes / GIB:.3g} GiB ({there}). Lower gpu_memory in grader.toml, or say --device cpu."
        raise SettingsError(message)
    return min(room, asked or max(cores, len(gpus)))


async def _require_cuda(kernels: DeviceKernels) -> None:
    """Start CUDA once in a kernel: what keeps it from starting is ours or the machine's, and must not be told to students as theirs."""
    limits = kernels.limits(KernelLimits())
    async with KernelSession(kernels, limits=limits, cell_seconds=_CUDA_SECONDS, total_seconds=_CUDA_SECONDS, output_bytes=10_000) as session:
        (run,) = await session.run([_STARTS_CUDA])
    if run.status != "ok":
        said = f"{run.error}: {run.message}".strip(": ")
        message = f"CUDA does not start in the sandbox {kernels.tier} on {kernels.described['gpu']}: {said}. `--device cpu` grades without it."
        raise ExecutionError(message)
