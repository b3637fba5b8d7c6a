"""Stand-ins for seams that are slow or far away in truth."""

import contextlib
import io
import linecache
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from grader.errors import ExecutionError
from grader.execution.answers import Answer, CellRun, Died, Probe, Session, TimedOut
from grader.execution.probe import answer
from grader.notebooks.cells import Cell


async def one_by_one(session: Session, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
    """Return what a session answers to each probe by itself, up to one that does not come back."""
    answers: list[Answer] = []
    for probe in probes:
        answers.append(await session.probe(probe, timeout_seconds=timeout_seconds))
        if isinstance(answers[-1], TimedOut | Died):
            break
    return answers


class FakeSession:
    """A session without a kernel: cells and probes run in this very process, so only trusted code may come here.

    `instead` may answer a probe itself, with a timeout or a death; where it returns None the entry is called.
    """

    def __init__(self, instead: Callable[[Probe], Answer | None] | None = None) -> None:
        self.timings: dict[str, float] = {"start": 0.0, "cells": 0.0, "probes": 0.0, "replay": 0.0}
        self.environment: Mapping[str, str] = {"device": "cpu", "sandbox": "fake"}
        self.cells: list[Cell] = []
        self.probes: list[Probe] = []
        self.timeouts: list[float] = []
        self._instead = instead
        self._namespace: dict[str, Any] = {"__name__": "__main__"}

    async def run(self, cells: Sequence[Cell]) -> list[CellRun]:
        """Execute the code cells one after the other in one namespace."""
        self.cells = list(cells)
        return [self._run_one(cell) for cell in cells if cell.kind == "code"]

    async def probe(self, probe: Probe, *, timeout_seconds: float) -> Answer:
        """Call the entry in this process; no limit is kept."""
        self.probes.append(probe)
        self.timeouts.append(timeout_seconds)
        if timeout_seconds <= 0:
            return TimedOut(limit_seconds=timeout_seconds)
        prepared = self._instead(probe) if self._instead is not None else None
        if prepared is not None:
            return prepared
        with contextlib.redirect_stdout(io.StringIO()):
            return answer(self._namespace, probe)

    async def probe_all(self, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
        """Call the entries one after the other, up to one that does not come back."""
        return await one_by_one(self, probes, timeout_seconds=timeout_seconds)

    def _run_one(self, cell: Cell) -> CellRun:
        if cell.options.skip:
            return CellRun(cell_id=cell.id, status="not run")
        name = f"<cell {cell.id} of session {id(self)}>"
        linecache.cache[name] = (len(cell.source), None, cell.source.splitlines(keepends=True), name)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, name, "exec"), self._namespace)  # noqa: S102 - a test's own code
        except Exception as error:  # noqa: BLE001 - whatever a cell raises is a result
            return CellRun(cell_id=cell.id, status="error", error=type(error).__name__, message=str(error))
        return CellRun(cell_id=cell.id, status="ok")


class FakeKernels:
    """Opens fake sessions and remembers them; after `most` sessions no kernel can be had."""

    def __init__(self, *, instead: Callable[[Probe], Answer | None] | None = None, most: int = 100) -> None:
        self.sessions: list[FakeSession] = []
        self._instead = instead
        self._most = most

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Session]:
        """Give a fresh session."""
        if len(self.sessions) == self._most:
            message = "No sandbox."
            raise ExecutionError(message)
        session = FakeSession(self._instead)
        self.sessions.append(session)
        yield session


class FakeClock:
    """A clock that goes forward by `step` seconds whenever somebody looks at it."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        """Return the time in seconds."""
        self.now += self.step
        return self.now
