"""Where kernels come from: forked from a zygote, or started cold."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import sys
from pathlib import Path
from typing import Protocol

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from grader.errors import ExecutionError
from grader.execution.channels import Channel, Connection
from grader.execution.cuda import SPOILED, SPOILED_STATUS
from grader.execution.fork import Fork
from grader.execution.limits import CPU_USED_UP, KernelLimits
from grader.execution.requests import KernelRequest
from grader.execution.sandbox.cgroups import Cgroups, KernelCgroup
from grader.execution.zygote_process import ZygoteProcess

_COLD_POLL_SECONDS = 0.2
_COLD_START_SECONDS = 60.0


class Kernel(Protocol):
    """One running kernel, whatever it came from, with a connection to it."""

    connection: Connection

    @property
    def stages(self) -> dict[str, float]:
        """The seconds that its start took by stage, and how long it waited for a processor until its last interrupt."""
        ...

    async def interrupt(self) -> None:
        """Interrupt what it works at."""
        ...

    async def ended(self) -> str:
        """Return, once the kernel has ended by itself, a sentence that says how."""
        ...

    async def stop(self) -> None:
        """End the kernel and everything that belongs to it."""
        ...


class Kernels(Protocol):
    """A source of kernels; `tier` is the name of the sandbox they live in."""

    tier: str

    async def start(self, limits: KernelLimits) -> Kernel:
        """Start a kernel; raises ExecutionError."""
        ...


class WarmKernels:
    """Kernels forked from one zygote, in cgroups of their own where there are any."""

    def __init__(self, zygote: ZygoteProcess, cgroups: Cgroups) -> None:
        self.tier = zygote.tier.name
        self._zygote = zygote
        self._cgroups = cgroups

    async def start(self, limits: KernelLimits) -> Kernel:
        """Fork a kernel; raises ExecutionError."""
        folder = self._zygote.make_kernel_folder(secrets.token_hex(4))
        kernel = _WarmKernel(Fork(self._zygote.control), folder, self._cgroups)
        try:
            await kernel.start(limits)
        except OSError as error:
            await kernel.stop()
            message = f"A kernel needs files of its own: {error}"
            raise ExecutionError(message) from error
        except BaseException:
            await kernel.stop()
            raise
        return kernel


class _WarmKernel:
    def __init__(self, fork: Fork, folder: Path, cgroups: Cgroups) -> None:
        key = secrets.token_hex(32)
        self.connection = Connection(key)
        self._key = key
        self._fork = fork
        self._folder = folder
        self._cgroups = cgroups
        self._cgroup: KernelCgroup | None = None

    @property
    def stages(self) -> dict[str, float]:
        """What the keeper says of it."""
        return self._fork.stages

    async def start(self, limits: KernelLimits) -> None:
        """Fork the kernel and connect to it; raises ExecutionError and OSError."""
        self._cgroup = self._cgroups.make(limits)
        request = KernelRequest(id=self._folder.name, key=self._key, **limits.model_dump())
        with self._cgroup.opened() if self._cgroup else contextlib.nullcontext(()) as descriptors:
            await self._fork.begin(request, descriptors)
        await self.connection.open(self._connect)

    async def _connect(self, channel: Channel, number: int) -> None:
        await asyncio.get_running_loop().create_unix_connection(lambda: channel, str(self._folder / f"k-{number}"))

    async def interrupt(self) -> None:
        """Interrupt what it works at."""
        await self._fork.interrupt()

    async def ended(self) -> str:
        """Return, once the kernel has ended by itself, a sentence that says how."""
        await self._fork.ended.wait()
        crossed = self._cgroup.crossed() if self._cgroup else ""
        return crossed or self._fork.exit_reason or describe_exit(self._fork.exit_status)

    async def stop(self) -> None:
        """Hang up; the keeper does the rest."""
        self.connection.close()
        await self._fork.end()
        self._cgroups.end(self._cgroup)
        shutil.rmtree(self._folder, ignore_errors=True)


class _OneSpec(KernelSpecManager):
    """A kernel spec that is installed nowhere."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - there is one
        """Return the one spec there is."""
        argv = [sys.executable, "-I", "-m", "grader.execution.kernel", "-f", "{connection_file}", "--log-level=40"]
        return KernelSpec(
            argv=argv, display_name="graded Python", language="python", metadata={"kernel_provisioner": {"provisioner_name": "local-provisioner"}}
        )


class ColdKernels:
    """Kernels started one by one as ordinary processes, without a sandbox: slow, but possible where there is no fork.

    `folder` is their working directory, the grader's own where it is None.
    """

    tier = "none"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    async def start(self, limits: KernelLimits) -> Kernel:  # noqa: ARG002 - an ordinary process has none
        """Start a Python process that imports everything anew; raises ExecutionError."""
        manager = AsyncKernelManager(kernel_name="graded", kernel_spec_manager=_OneSpec())
        await manager.start_kernel(cwd=self._folder)
        kernel = _ColdKernel(manager)
        try:
            async with asyncio.timeout(_COLD_START_SECONDS):
                await kernel.connection.open(kernel.connect)
        except TimeoutError as error:
            await kernel.stop()
            message = "A kernel that was started cold did not answer."
            raise ExecutionError(message) from error
        except BaseException:
            await kernel.stop()
            raise
        return kernel


class _ColdKernel:
    def __init__(self, manager: AsyncKernelManager) -> None:
        self.connection = Connection(manager.session.key.decode())
        self.stages: dict[str, float] = {}
        self._manager = manager

    async def connect(self, channel: Channel, number: int) -> None:
        """Connect a channel as soon as the process listens; raises ExecutionError when it ends before."""
        port = (0, self._manager.shell_port, self._manager.iopub_port)[number]
        while True:
            try:
                await asyncio.get_running_loop().create_connection(lambda: channel, self._manager.ip, port)
            except OSError:
                if not await self._manager.is_alive():
                    raise ExecutionError(await self.ended()) from None
                await asyncio.sleep(_COLD_POLL_SECONDS)
            else:
                return

    async def interrupt(self) -> None:
        """Interrupt what it works at."""
        await self._manager.interrupt_kernel()

    async def ended(self) -> str:
        """Return, once the kernel has ended by itself, a sentence that says how."""
        while await self._manager.is_alive():  # noqa: ASYNC110 - jupyter_client tells nobody when a local process ends
            await asyncio.sleep(_COLD_POLL_SECONDS)
        status = await self._manager.provisioner.poll() if self._manager.provisioner else None
        return describe_exit(status)

    async def stop(self) -> None:
        """Kill the process."""
        self.connection.close()
        with contextlib.suppress(RuntimeError):
            await self._manager.shutdown_kernel(now=True)
        await self._manager.cleanup_resources()


def describe_exit(status: int | None) -> str:
    """Return a sentence for the student about a kernel that has ended; negative numbers are signals."""
    if status is None:
        return "the Python process was lost"
    if status == SPOILED_STATUS:
        return SPOILED
    if status == -signal.SIGXCPU:
        return CPU_USED_UP
    if status in (-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT, -signal.SIGILL, -signal.SIGFPE):
        return f"your code crashed the Python process ({signal.strsignal(-status)})"
    if status < 0:
        return f"the Python process was killed ({signal.strsignal(-status)})"
    return f"your code ended the Python process (exit status {status})"
