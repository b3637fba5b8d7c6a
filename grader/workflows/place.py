"""Where a run's submissions are graded; the seam between slots of this machine and the workers of a cluster."""

import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from grader.execution.answers import Session
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission
from grader.results import SubmissionResult
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import open_session_for


class Place(Protocol):
    """Grades up to `count` submissions at a time."""

    @property
    def count(self) -> int:
        """The most submissions that may be on their way."""
        ...

    async def grade(self, bundle: Bundle, submission: Submission) -> SubmissionResult:
        """Return the graded submission; where that cannot be done, a result with the verdict `ours`."""
        ...


class LocalPlace:
    """The slots of this machine."""

    def __init__(self, slots: LocalSlots) -> None:
        self.count = slots.count
        self._slots = slots

    async def grade(self, bundle: Bundle, submission: Submission) -> SubmissionResult:
        """Return the submission graded in one of the slots."""
        return await grade_in(self._slots, bundle, submission)


def local_device(settings: Settings, notebooks: Iterable[Sequence[Cell]]) -> str:
    """Return the device of this machine's slots.

    A GPU has room for few, and for a notebook that does not speak of cuda it does nothing: only where one does "auto" means GPUs. Those of a cluster
    are its workers' own.
    """
    if settings.cluster:
        return "cpu"
    asks = any("cuda" in cell.source for cells in notebooks for cell in cells if cell.kind == "code")
    return "cpu" if settings.device == "auto" and not asks else settings.device


async def grade_in(slots: LocalSlots, bundle: Bundle, submission: Submission) -> SubmissionResult:
    """Return a submission graded in kernels of some slots."""

    def open_session() -> AbstractAsyncContextManager[Session]:
        return open_session_for(slots, bundle.limits)

    return await grade(bundle, submission, open_session, clock=time.monotonic, now=datetime.now(UTC))
