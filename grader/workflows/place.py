"""Where a run's submissions are graded; the seam between slots of this machine and the workers of a cluster."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from grader.execution.answers import Session
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission
from grader.results import SubmissionResult
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import open_session_for

InSlot: TypeAlias = Callable[[], AbstractContextManager[None]]


class Place(Protocol):
    """Grades up to `count` submissions at a time."""

    @property
    def count(self) -> int:
        """The most submissions that may be on their way."""
        ...

    async def grade(self, bundle: Bundle, submission: Submission, in_slot: InSlot) -> SubmissionResult:
        """Return the graded submission; where that cannot be done, a result with the verdict `ours`. While it has a slot, it is within `in_slot()`."""
        ...


class LocalPlace:
    """The slots of this machine, each with one kernel at a time; what has left its slot is judged and written down beside the next ones' kernels."""

    def __init__(self, slots: LocalSlots) -> None:
        self.count = 2 * slots.count
        self._slots = slots
        self._free = asyncio.Semaphore(slots.count)

    async def grade(self, bundle: Bundle, submission: Submission, in_slot: InSlot) -> SubmissionResult:
        """Return the submission graded in one of the slots; what it waits for one is none of its time."""
        waited = 0.0

        @asynccontextmanager
        async def open_session() -> AsyncIterator[Session]:
            nonlocal waited
            since = time.monotonic()
            async with self._free:
                waited += time.monotonic() - since
                with in_slot():
                    async with open_session_for(self._slots, bundle.limits) as session:
                        yield session

        return await grade(bundle, submission, open_session, clock=lambda: time.monotonic() - waited, now=datetime.now(UTC))


def local_device(settings: Settings, notebooks: Iterable[Sequence[Cell]]) -> str:
    """Return the device of this machine's slots.

    A GPU has room for few, and for a notebook that does not speak of cuda it does nothing: only where one does "auto" means GPUs. Those of a cluster
    are its workers' own.
    """
    if settings.cluster:
        return "cpu"
    asks = any("cuda" in cell.source for cells in notebooks for cell in cells if cell.kind == "code")
    return "cpu" if settings.device == "auto" and not asks else settings.device
