"""The grader's side of a zygote: starting it in its sandbox, and stopping it with all that it forked."""

import asyncio
import contextlib
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.errors import ExecutionError
from grader.execution.claimed_folder import ClaimedFolder, remove_what_killed_graders_left
from grader.execution.devices import Gpu
from grader.execution.requests import ZygoteSettings
from grader.execution.sandbox.cgroups import own_cgroups
from grader.execution.sandbox.outer import SANDBOX_USER, outer_command, plain_command
from grader.execution.sandbox.places import SOCKETS
from grader.execution.sandbox.tiers import Tier

_WARM_SECONDS = 120.0
_END_SECONDS = 10.0
_KILLED_SECONDS = 30.0


class ZygoteProcess:
    """A warm process that forks kernels: `async with ZygoteProcess(tier) as zygote`. Who has something else to do meanwhile calls `begin` before, and `end` after.

    `sockets` is the host's folder of the control socket and of one folder a kernel; of all GPUs its kernels see `gpu` only, or none.
    Raises ExecutionError when there is no room for it, or it does not get warm.
    """

    def __init__(self, tier: Tier, gpu: Gpu | None = None) -> None:
        self.tier = tier
        self._gpu = gpu
        try:
            self._folder = ClaimedFolder("sockets")
        except OSError as error:
            raise _no_room(error) from error
        self.sockets = self._folder.path
        self._process: asyncio.subprocess.Process | None = None
        self._warm = False

    @property
    def control(self) -> Path:
        """The control socket's path on the host."""
        return self.sockets / "control"

    async def __aenter__(self) -> Self:
        """Start the process, unless it is begun, and wait until it is warm."""
        try:
            if self._process is None:
                await self.begin()
            await self._get_warm()
        except BaseException:
            await self.end()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the process, its kernels, and its sockets."""
        await self.end()

    def make_kernel_folder(self, name: str) -> Path:
        """Return a new folder for one kernel's sockets, which only the sandbox's user may enter; raises ExecutionError."""
        folder = self.sockets / name
        try:
            folder.mkdir(mode=0o700)
            self.tier_owns(folder)
        except OSError as error:
            raise _no_room(error) from error
        return folder

    def tier_owns(self, folder: Path) -> None:
        """Give a folder to the user that the sandbox runs as, where that is another than ours."""
        if self.tier.outer and SANDBOX_USER is not None:
            shutil.chown(folder, SANDBOX_USER, SANDBOX_USER)

    def command(self) -> list[str]:
        """Return the command that starts the process."""
        return outer_command(self.sockets, self._gpu, single_use=self.tier.single_use) if self.tier.outer else plain_command(self._gpu)

    async def begin(self) -> None:
        """Start the process and leave it to its imports."""
        own_cgroups()  # whoever divides a cgroup must be alone in it
        remove_what_killed_graders_left()
        self.tier_owns(self.sockets)
        inside = SOCKETS if self.tier.outer else self.sockets
        self._process = await asyncio.create_subprocess_exec(
            *self.command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            close_fds=True,
            start_new_session=True,
            cwd="/",
        )
        assert self._process.stdin is not None  # noqa: S101 - piped above
        settings = ZygoteSettings(sockets=str(inside), tier=self.tier.name, devices=self._gpu.nodes if self._gpu else ())
        self._process.stdin.write(settings.model_dump_json().encode() + b"\n")

    async def _get_warm(self) -> None:
        assert self._process is not None  # noqa: S101 - begun
        assert self._process.stdout is not None  # noqa: S101 - piped at the start
        try:
            said = await asyncio.wait_for(self._process.stdout.readline(), _WARM_SECONDS)
        except TimeoutError:
            said = b""
        if said != b"warm\n":
            message = f"The warm process of tier {self.tier.name} did not start: {await self._complaint()}"
            raise ExecutionError(message)
        self._warm = True

    async def _complaint(self) -> str:
        assert self._process is not None  # noqa: S101 - called after the start
        assert self._process.stderr is not None  # noqa: S101 - piped at the start
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        said = (await self._process.stderr.read()).decode(errors="replace").strip()
        return said[-2000:] or f"it ended with status {await self._process.wait()}"

    async def end(self) -> None:
        """End the process, its kernels, and its sockets, if it has not ended."""
        if self._process is not None:
            assert self._process.stdin is not None  # noqa: S101 - piped at the start
            if not self._warm:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
            # the zygote ends with its standard input, and all that it forked ends with it, also when the grader is killed
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.communicate(), _END_SECONDS)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                with contextlib.suppress(TimeoutError):  # its pipes are open until all that it forked is gone
                    await asyncio.wait_for(self._process.communicate(), _KILLED_SECONDS)
        self._folder.remove()


def _no_room(error: OSError) -> ExecutionError:
    return ExecutionError(f"Kernels need a folder for their sockets: {error}")
