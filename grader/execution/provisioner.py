"""A jupyter_client kernel provisioner whose kernels are forked from a zygote."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Unicode

from grader.errors import ExecutionError
from grader.execution.requests import KernelRequest

_LOG = logging.getLogger("grader")
_START_SECONDS = 30.0


class ZygoteProvisioner(KernelProvisionerBase):
    """Asks the zygote at `control` for a kernel; its life is the life of one connection.

    `stages` are the seconds that the start took by stage; `exit_status` and `exit_reason` say how the kernel ended, `ended` when;
    the stage `waited` is how long it was without a processor until its last interrupt.
    """

    control = Unicode(config=True, help="Path of the zygote's control socket.")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets
        super().__init__(**kwargs)
        self.stages: dict[str, float] = {}
        self.exit_status: int | None = None
        self.exit_reason = ""
        self.ended = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel has been started and not been ended."""
        return self._writer is not None

    @property
    def _manager(self) -> KernelManager:
        assert isinstance(self.parent, KernelManager)  # noqa: S101 - jupyter_client makes provisioners for managers only
        return self.parent

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - jupyter_client's signature
        """Choose the sockets: files in the folder that the caller made for this kernel."""
        manager = self._manager
        manager.transport = "ipc"
        manager.ip = str(Path(kwargs["folder"]) / "k")
        manager.shell_port, manager.iopub_port, manager.stdin_port, manager.hb_port, manager.control_port = 1, 2, 3, 4, 5
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401, ARG002 - the same
        """Fork a kernel and return its connection once its sockets are bound; raises ExecutionError."""
        request = KernelRequest(id=Path(kwargs["folder"]).name, key=self._manager.session.key.decode(), **kwargs["limits"])
        try:
            reader, self._writer = await asyncio.open_unix_connection(self.control)
            with socket.socket(fileno=os.dup(self._writer.get_extra_info("socket").fileno())) as connection, kwargs["cgroup"] as descriptors:
                socket.send_fds(connection, [request.model_dump_json().encode() + b"\n"], descriptors)
            line = await asyncio.wait_for(reader.readline(), _START_SECONDS)
            said = json.loads(line or b"{}")
        except (OSError, TimeoutError, ValueError) as error:
            message = f"The warm process gave no kernel: {error!r}"
            raise ExecutionError(message) from error
        if "ready" not in said:
            complaint = str(said.get("failed", "it hung up")).strip()
            _LOG.warning("The warm process gave no kernel: %s", complaint)
            message = f"The warm process gave no kernel: {complaint.splitlines()[-1]}"
            raise ExecutionError(message)
        self.stages = said["ready"]
        self._listening = asyncio.create_task(self._listen(reader))
        info: KernelConnectionInfo = self._manager.get_connection_info()
        return info

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        said: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            while "waited" in (said := json.loads(await reader.readline() or b"{}")):
                self.stages |= said
        self.exit_status = said.get("exit", -signal.SIGKILL)
        self.exit_reason = said.get("reason", "")
        self.ended.set()

    async def poll(self) -> int | None:
        """Return None while the kernel lives, else its exit status."""
        return 0 if self._writer is None else self.exit_status

    async def wait(self) -> int | None:
        """Return the exit status once the kernel has ended."""
        if self._writer is not None:
            await self.ended.wait()
        return self.exit_status

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel; other signals end it."""
        if self._writer is None:
            return
        if signum == signal.SIGINT:
            self._writer.write(b"i")
        else:
            await self.kill()

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - jupyter_client's signature
        """Hang up: the kernel's keeper ends everything that belongs to it."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
            self._writer = None
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def terminate(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - the same
        """Do as `kill`: there is nothing to be polite to."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - the same
        """Nothing is left to clean up after `kill`."""
