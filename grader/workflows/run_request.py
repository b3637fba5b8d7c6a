"""What `grader run` is asked for, what it tells while it works, and what comes out; light, since it is needed before all else is imported."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grader.reports.outline import Outcome
from grader.reports.stages import Stages
from grader.results import SubmissionResult


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What to grade and how; `cold` starts every kernel anew, without a sandbox, instead of forking it."""

    paths: tuple[Path, ...]
    assignment: str | None = None
    student: str | None = None
    force: bool = False
    cold: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What a run tells while it works: how many submissions there are, which assignment is built, whose notebook takes a slot and leaves it, a line to read, and each result."""

    total: Callable[[int], None]
    building: Callable[[str], None]
    started: Callable[[str], None]
    stopped: Callable[[str], None]
    said: Callable[[str], None]
    graded: Callable[[SubmissionResult], None]


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """What came out: results in outline (whole ones are in `files`, in the same order), how many were kept from an earlier run, where the index lies, and the stages' times."""

    results: tuple[Outcome, ...] = field(repr=False)  # Python describes what `asyncio.run` returns: 5 kB of text a submission
    files: tuple[Path, ...] = field(repr=False)
    kept: int
    index: Path
    stages: Stages
