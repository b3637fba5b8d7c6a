"""A kernel that is forked from a zygote, as long as the grader holds the line."""

import asyncio
import contextlib
import json
import logging
import math
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.errors import ExecutionError
from grader.execution.requests import KernelRequest

_LOG = logging.getLogger("grader")
_START_SECONDS = 30.0
_TOLD_SECONDS = 2.0


class Fork:
    """A connection to the zygote at `control`, whose life is the life of one kernel.

    `stages` are the seconds that the start took by stage; `exit_status` and `exit_reason` say how the kernel ended, `ended` when;
    the stage `waited` is how long it was without a processor until its last interrupt, infinite where not even its keeper had one to say so.
    """

    def __init__(self, control: Path) -> None:
        self.stages: dict[str, float] = {}
        self.exit_status: int | None = None
        self.exit_reason = ""
        self.ended = asyncio.Event()
        self._control = control
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._told = asyncio.Event()

    async def begin(self, request: KernelRequest, descriptors: Sequence[int]) -> None:
        """Ask for a kernel, with the open files of its cgroup where it has one, and return once its sockets are bound; raises ExecutionError."""
        try:
            reader, self._writer = await asyncio.open_unix_connection(self._control)
            with socket.socket(fileno=os.dup(self._writer.get_extra_info("socket").fileno())) as connection:
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

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        said: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            while "waited" in (said := json.loads(await reader.readline() or b"{}")):
                self.stages |= said
                self._told.set()
        self._told.set()
        self.exit_status = said.get("exit", -signal.SIGKILL)
        self.exit_reason = said.get("reason", "")
        self.ended.set()

    async def interrupt(self) -> None:
        """Interrupt what the kernel works at, and return when its keeper has done so, or had no processor for it."""
        if self._writer is None:
            return
        self._told.clear()
        self._writer.write(b"i")
        try:
            await asyncio.wait_for(self._told.wait(), _TOLD_SECONDS)
        except TimeoutError:
            self.stages["waited"] = math.inf

    async def end(self) -> None:
        """Hang up: the kernel's keeper ends everything that belongs to it."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
            self._writer = None
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None
