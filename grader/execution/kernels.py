"""Where kernels come from: forked from a zygote, or started cold."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import sys
from pathlib import Path
from typing import Any, Protocol

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import json_unpacker

from grader.errors import ExecutionError
from grader.execution.cuda import SPOILED, SPOILED_STATUS
from grader.execution.limits import CPU_USED_UP, KernelLimits
from grader.execution.provisioner import ZygoteProvisioner
from grader.execution.sandbox.cgroups import Cgroups, KernelCgroup
from grader.execution.zygote_process import ZygoteProcess

_MESSAGE_BYTES = 96 * 1024**2
_WAITING_MESSAGES = 8
_JSON_BYTES = 8 * 1024**2
_JSON_VALUES = 250_000
_COLD_POLL_SECONDS = 0.2


class Kernel(Protocol):
    """One running kernel, whatever it came from."""

    manager: AsyncKernelManager
    stages: dict[str, float]

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


class _OneSpec(KernelSpecManager):
    """A kernel spec that is installed nowhere."""

    spec: KernelSpec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - there is one
        """Return the one spec there is."""
        return self.spec


class _WarmManager(AsyncKernelManager):
    """A manager without a control channel: the keeper interrupts and ends its kernels."""

    def _connect_control_socket(self) -> None:
        """Connect nothing."""


def _manager(kind: type[AsyncKernelManager], context: zmq.asyncio.Context, argv: list[str], provisioner: dict[str, Any]) -> AsyncKernelManager:
    specs = _OneSpec()
    specs.spec = KernelSpec(argv=argv, display_name="graded Python", language="python", metadata={"kernel_provisioner": provisioner})
    manager = kind(kernel_name="graded", kernel_spec_manager=specs, context=context)
    manager.session.unpack = unpack_json
    return manager


def unpack_json(text: bytes | memoryview) -> Any:  # noqa: ANN401 - JSON
    """Return one part of a message, empty where it is too large: a few bytes of JSON can be fifty times as many in memory, and all wait meanwhile.

    Values do not travel in these parts, and outputs of that size are not kept.
    """
    if len(text) > _JSON_BYTES:
        return {}
    read = bytes(text)
    # each value of many begins behind one of these
    if sum(map(read.count, (b",", b"[", b"{"))) > _JSON_VALUES:
        return {}
    part = json_unpacker(read)
    if isinstance(part, dict) and "msg_id" in part:
        part.pop("date", None)  # jupyter_client would read it, slowly, and nobody asks for it
    return part


def messaging_context() -> zmq.asyncio.Context:
    """Return a ZeroMQ context whose sockets hold few messages, and none of over 96 MiB."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, _MESSAGE_BYTES)
    context.setsockopt(zmq.RCVHWM, _WAITING_MESSAGES)
    context.setsockopt(zmq.LINGER, 0)
    return context


class WarmKernels:
    """Kernels forked from one zygote, in cgroups of their own where there are any."""

    def __init__(self, zygote: ZygoteProcess, context: zmq.asyncio.Context, cgroups: Cgroups) -> None:
        self.tier = zygote.tier.name
        self._zygote = zygote
        self._context = context
        self._cgroups = cgroups

    async def start(self, limits: KernelLimits) -> Kernel:
        """Fork a kernel; raises ExecutionError."""
        folder = self._zygote.make_kernel_folder(secrets.token_hex(4))
        provisioner = {"provisioner_name": "grader-zygote", "config": {"control": str(self._zygote.control)}}
        manager = _manager(_WarmManager, self._context, [], provisioner)
        kernel = _WarmKernel(manager, folder, self._cgroups)
        try:
            kernel.cgroup = self._cgroups.make(limits)
            opened = kernel.cgroup.opened() if kernel.cgroup else contextlib.nullcontext(())
            await manager.start_kernel(folder=str(folder), limits=limits.model_dump(), cgroup=opened)
        except OSError as error:
            await kernel.stop()
            message = f"A kernel needs files of its own: {error}"
            raise ExecutionError(message) from error
        except BaseException:
            await kernel.stop()
            raise
        kernel.stages = kernel.provisioner.stages
        return kernel


class _WarmKernel:
    def __init__(self, manager: AsyncKernelManager, folder: Path, cgroups: Cgroups) -> None:
        self.manager = manager
        self.stages: dict[str, float] = {}
        self.cgroup: KernelCgroup | None = None
        self._folder = folder
        self._cgroups = cgroups

    @property
    def provisioner(self) -> ZygoteProvisioner:
        """The provisioner that jupyter_client made for this kernel."""
        provisioner = self.manager.provisioner
        assert isinstance(provisioner, ZygoteProvisioner)  # noqa: S101 - named in the kernel spec above
        return provisioner

    async def ended(self) -> str:
        """Return, once the kernel has ended by itself, a sentence that says how."""
        await self.provisioner.ended.wait()
        crossed = self.cgroup.crossed() if self.cgroup else ""
        return crossed or self.provisioner.exit_reason or describe_exit(self.provisioner.exit_status)

    async def stop(self) -> None:
        """Hang up; the keeper does the rest."""
        if self.manager.provisioner is not None:
            await self.manager.provisioner.kill()
        await self.manager.cleanup_resources()
        self._cgroups.end(self.cgroup)
        shutil.rmtree(self._folder, ignore_errors=True)


class ColdKernels:
    """Kernels started one by one as ordinary processes, without a sandbox: slow, but possible where there is no fork.

    `folder` is their working directory, the grader's own where it is None.
    """

    tier = "none"

    def __init__(self, context: zmq.asyncio.Context, folder: Path | None = None) -> None:
        self._context = context
        self._folder = folder

    async def start(self, limits: KernelLimits) -> Kernel:  # noqa: ARG002 - an ordinary process has none
        """Start a Python process that imports everything anew."""
        argv = [sys.executable, "-I", "-m", "grader.execution.kernel", "-f", "{connection_file}", "--log-level=40"]
        manager = _manager(AsyncKernelManager, self._context, argv, {"provisioner_name": "local-provisioner"})
        await manager.start_kernel(cwd=self._folder)
        return _ColdKernel(manager)


class _ColdKernel:
    def __init__(self, manager: AsyncKernelManager) -> None:
        self.manager = manager
        self.stages: dict[str, float] = {}

    async def ended(self) -> str:
        """Return, once the kernel has ended by itself, a sentence that says how."""
        while await self.manager.is_alive():  # noqa: ASYNC110 - jupyter_client tells nobody when a local process ends
            await asyncio.sleep(_COLD_POLL_SECONDS)
        status = await self.manager.provisioner.poll() if self.manager.provisioner else None
        return describe_exit(status)

    async def stop(self) -> None:
        """Kill the process."""
        with contextlib.suppress(RuntimeError):
            await self.manager.shutdown_kernel(now=True)
        await self.manager.cleanup_resources()


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
