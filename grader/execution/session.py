"""The grader's handle on one kernel: run cells, call entries, replace the kernel when it is lost."""

import asyncio
import platform
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from types import TracebackType
from typing import Literal, Self, TypeVar

from nbformat import NotebookNode

from grader.errors import ExecutionError
from grader.execution.answers import Answer, CellRun, Died, Probe, Raised, TimedOut
from grader.execution.client import CappedClient, merged
from grader.execution.kernels import Kernel, Kernels
from grader.execution.limits import KernelLimits, explain_refusal
from grader.execution.wire import REPLY, REQUEST, Room, pack_probes, unpack_reply
from grader.notebooks.cells import Cell
from grader.values.codec import Caps

_GRACE_SECONDS = 2.0
_LAST_LOOK_SECONDS = 0.05
_READY_SECONDS = 60.0
_DISTURBED = "your code disturbed the connection to the grader"
_TOGETHER = 4  # of the largest: what is asked together, in one call or several, is kept until the last answer has come
_T = TypeVar("_T")
_VERSIONS = {
    "python": platform.python_version(),
    **{name: version(name) for name in ("torch", "numpy", "ipykernel", "grader")},
    "platform": f"{platform.system()} {platform.machine()}",
}


class _LostError(Exception):
    """The kernel ended, or cannot be understood any more; the message is a sentence for the student."""


class _SlowError(Exception):
    """The time was used up; `alive` says whether the kernel came back after an interrupt."""


@dataclass
class _Progress:
    """When something last came of what the kernel works at, whether its time is over, and which of several probes was interrupted."""

    since: float = field(default_factory=time.monotonic)
    over: bool = False
    stopped_at: int | None = None


class KernelSession:
    """A session over kernels that may come and go; see `grader.execution.answers.Session`.

    `cell_seconds` limits one cell, `total_seconds` everything from the start to the last probe, replays included. Among the `timings`, `starved` is the
    time that was used up for want of a processor.
    """

    def __init__(
        self,
        kernels: Kernels,
        *,
        limits: KernelLimits,
        cell_seconds: float,
        total_seconds: float,
        output_bytes: int,
        device: str = "cpu",
        caps: Caps | None = None,
    ) -> None:
        self.timings: dict[str, float] = {"start": 0.0, "cells": 0.0, "probes": 0.0, "replay": 0.0}
        self.environment: Mapping[str, str] = {"sandbox": kernels.tier, "device": device, **_VERSIONS}
        self._kernels = kernels
        self._limits = limits
        self._cell_seconds = cell_seconds
        self._deadline = time.monotonic() + total_seconds
        self._output_bytes = output_bytes
        self._device = device
        self._caps = caps or Caps()
        self._room = self._new_room()
        self._kernel: Kernel | None = None
        self._client: CappedClient | None = None
        self._ended: asyncio.Task[str] | None = None
        self._replayable: list[Cell] = []

    async def __aenter__(self) -> Self:
        """Start the first kernel; raises ExecutionError."""
        await self._start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the kernel and everything that belongs to it."""
        await self._stop()

    async def run(self, cells: Sequence[Cell]) -> list[CellRun]:
        """Execute the code cells in order; a failing one does not stop the rest."""
        return [await self._run_one(cell) for cell in cells if cell.kind == "code"]

    async def probe(self, probe: Probe, *, timeout_seconds: float) -> Answer:
        """Call an entry and return what came back; a lost kernel is replaced first."""
        return (await self._answered([probe], timeout_seconds, self._new_room()))[0]

    async def probe_all(self, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
        """Call entries one after the other and return what came back, up to the first `TimedOut` or `Died`; a lost kernel is replaced first.

        They are asked in one message. When one of them is not back in time, those before it whose answers had not arrived are asked once more, since
        a late answer is worth nothing; which one it was the kernel says. When the kernel is lost instead, the rest are asked one by one.
        """
        return await self._answered(probes, timeout_seconds, self._room)

    async def _answered(self, probes: Sequence[Probe], timeout_seconds: float, room: Room) -> list[Answer]:
        answers: list[Answer] = []
        end, at_once, hung = len(probes), len(probes), False
        while len(answers) < end:
            seconds = min(timeout_seconds, self._remaining())
            if seconds <= 0 or not await self._ready_again():
                return [*answers, TimedOut(limit_seconds=timeout_seconds)]
            before = len(answers)
            asked = probes[before : min(end, before + at_once)]
            progress, started = _Progress(), time.monotonic()
            try:
                await self._bounded(self._collect(asked, answers, progress, room), seconds, progress)
            except _SlowError:
                if hung or len(answers) + 1 == before + len(asked):
                    return [*answers, TimedOut(limit_seconds=timeout_seconds)]
                if progress.stopped_at is None:
                    at_once = 1
                else:
                    end, hung = before + progress.stopped_at, True
            except _LostError as lost:
                await self._stop()
                if len(answers) + 1 == before + len(asked):
                    return [*answers, Died(reason=str(lost))]
                at_once = 1
            finally:
                self.timings["probes"] += time.monotonic() - started
        return [*answers, TimedOut(limit_seconds=timeout_seconds)] if hung else answers

    async def _run_one(self, cell: Cell) -> CellRun:
        if cell.options.skip or not cell.source.strip():
            return CellRun(cell_id=cell.id, status="not run")
        if self._remaining() <= 0 or not await self._ready_again():
            return CellRun(cell_id=cell.id, status="not run", message="the time for the whole notebook was used up")
        assert self._client is not None  # noqa: S101 - a kernel is ready
        client, started = self._client, time.monotonic()
        client.left = self._output_bytes
        run = await self._execute(cell)
        # a kernel that comes in its place has no more, and keeps nothing of what is replayed
        self._output_bytes = client.left
        self.timings["cells"] += time.monotonic() - started
        if run.status in ("ok", "error"):
            self._replayable.append(cell)
        return run

    async def _execute(self, cell: Cell) -> CellRun:
        assert self._client is not None  # noqa: S101 - a kernel is ready
        started = time.monotonic()
        # new_code_cell would validate it against the notebook schema, which costs more than an ordinary cell's run
        node = NotebookNode(cell_type="code", metadata=NotebookNode(), source=cell.source, outputs=[], execution_count=None)
        seconds = min(self._cell_seconds, self._remaining())
        status: Literal["ok", "error", "timeout", "died"] = "ok"
        name = message = ""
        try:
            await self._bounded(self._client.async_execute_cell(node, 0), seconds)
        except _SlowError:
            status, message = "timeout", f"this cell ran for more than {seconds:g} seconds"
        except _LostError as lost:
            await self._stop()
            status, message = "died", str(lost)
        for output in node.outputs:
            if output.output_type == "error" and status == "ok":
                status, name, message = "error", str(output.ename)[:200], explain_refusal(str(output.evalue)[:2000], self._limits)
        outputs = tuple(merged(node.outputs))
        return CellRun(cell_id=cell.id, status=status, error=name, message=message, outputs=outputs, seconds=time.monotonic() - started)

    async def _collect(self, probes: Sequence[Probe], answers: list[Answer], progress: _Progress, room: Room) -> None:
        """Ask for all of them and append the answers that come in time."""
        assert self._client is not None  # noqa: S101 - a kernel is ready
        content, buffers = pack_probes(probes, self._device)
        asked = self._client.kc.request(REQUEST, content, buffers)
        number = 0
        while number < len(probes):
            got = await self._client.kc.shell_channel.get_msg()
            if got["parent_header"].get("msg_id") != asked or got["msg_type"] != REPLY:
                continue
            reply = unpack_reply(got["content"], got["buffers"], asked=probes, caps=self._caps, room=room)
            # a reply without an answer would buy time for nothing
            if reply is None or reply.first != number or not (reply.answers or progress.over):
                raise _LostError(_DISTURBED)
            number += len(reply.answers)
            if not progress.over:
                answers += map(self._explained, reply.answers)
                progress.since = time.monotonic()
            if reply.stopped:
                progress.stopped_at = max(0, number - 1)
                return

    def _new_room(self) -> Room:
        return Room(left=_TOGETHER * (self._caps.tree_bytes + self._caps.tensor_bytes))

    def _explained(self, answer: Answer) -> Answer:
        return replace(answer, message=explain_refusal(answer.message, self._limits)) if isinstance(answer, Raised) else answer

    async def _bounded(self, work: Awaitable[_T], seconds: float, progress: _Progress | None = None) -> _T:
        """Wait for work in the kernel: `_SlowError` when for so long nothing has come of it (the kernel is interrupted, then ended), `_LostError` when it ends."""
        assert self._kernel is not None  # noqa: S101 - a kernel is ready
        assert self._ended is not None  # noqa: S101 - the same
        progress = progress or _Progress()
        task = asyncio.ensure_future(work)
        try:
            while (left := min(progress.since + seconds, self._deadline) - time.monotonic()) > 0:
                # the last look is at what came in time while something else held the grader up: that is not the student's fault
                if await self._first(task, left) or await self._first(task, _LAST_LOOK_SECONDS):
                    return self._outcome(task)
            progress.over = True
            await self._kernel.interrupt()
            came_back = await self._first(task, _GRACE_SECONDS)
            if self._kernel.stages.get("waited", 0.0) > seconds / 2:
                self.timings["starved"] = self.timings.get("starved", 0.0) + seconds
            if not came_back:
                await self._stop()
            raise _SlowError
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _first(self, task: "asyncio.Future[_T]", seconds: float) -> bool:
        """Wait until the task is done (True) or the time is over (False); raises `_LostError` when the kernel ends before."""
        assert self._ended is not None  # noqa: S101 - a kernel is ready
        await asyncio.wait((task, self._ended), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done() and not (task.done() and task.exception() is None):
            raise _LostError(self._ended.result())
        return task.done()

    def _outcome(self, task: "asyncio.Future[_T]") -> _T:
        try:
            return task.result()
        except Exception as error:  # a kernel that sends what cannot be read is not to be trusted further
            raise _LostError(_DISTURBED) from error

    async def _ready_again(self) -> bool:
        """Make sure that there is a kernel with the notebook's state; False when the time is over before."""
        while self._kernel is None:
            started = time.monotonic()
            await self._start()
            for cell in list(self._replayable):
                if self._remaining() <= 0:
                    return False
                if (await self._execute(cell)).status in ("timeout", "died"):
                    self._replayable.remove(cell)
                if self._kernel is None:
                    break
            self.timings["replay"] += time.monotonic() - started
        return True

    def _remaining(self) -> float:
        return self._deadline - time.monotonic()

    async def _start(self) -> None:
        """Start a kernel and wait until its outputs reach us; one that is lost before is no fault of the student's, and is replaced once."""
        started = time.monotonic()
        if not (await self._answers() or await self._answers()):
            message = "A fresh kernel did not answer."
            raise ExecutionError(message)
        assert self._kernel is not None  # noqa: S101 - it answers
        for stage, seconds in self._kernel.stages.items():
            self.timings[stage] = self.timings.get(stage, 0.0) + seconds
        self.timings["start"] += time.monotonic() - started

    async def _answers(self) -> bool:
        """Start a kernel; False, with nothing left of it, when it does not answer."""
        self._kernel = await self._kernels.start(self._limits)
        self._ended = asyncio.create_task(self._kernel.ended())
        self._client = CappedClient(self._kernel.connection)
        ready = asyncio.create_task(self._kernel.connection.greeted())
        await asyncio.wait([ready, self._ended], timeout=_READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        answered = ready.done() and ready.exception() is None
        ready.cancel()
        if not answered:
            await self._stop()
        return answered

    async def _stop(self) -> None:
        if self._ended is not None:
            self._ended.cancel()
            await asyncio.wait([self._ended])
            self._ended = None
        self._client = None
        if self._kernel is not None:
            await self._kernel.stop()
            self._kernel = None
