"""What a terminal shows while submissions are graded."""

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from grader.reports.outline import Outcome
from grader.reports.safe_text import one_line
from grader.reports.terminal import plain_summary, summary_table
from grader.reports.wording import is_graded
from grader.results import SubmissionResult

_PLAIN_LINES = 20
"""So many lines tell of the progress where there is no terminal."""

_MOST_SLOTS_SHOWN = 4
_MOST_IN_A_TABLE = 500


class LiveRun:
    """A progress line on a terminal, sparse plain lines elsewhere: `with LiveRun() as live`."""

    def __init__(self) -> None:
        self._console = Console()
        self._tty = sys.stdout.isatty()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(self),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            _Slots(self),
            console=self._console,
            transient=True,
            disable=not self._tty,
        )
        self._task: TaskID = self._progress.add_task("starting", total=None)
        self._total = 0
        self._started: float | None = None
        self.done = 0
        self.run = 0
        self.not_graded = 0
        self.running: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the progress line away."""
        self._progress.stop()

    def total(self, count: int) -> None:
        """Say how many submissions there are."""
        self._total = count
        self._progress.update(self._task, total=count)
        if not self._tty:
            print(f"Grading {count} submission{'s' * (count != 1)}.", flush=True)  # noqa: T201 - this is what prints

    def building(self, assignment: str) -> None:
        """Say that an assignment's reference is being run."""
        self._progress.update(self._task, description=f"preparing {assignment}")

    def said(self, line: str) -> None:
        """Print a line above the progress."""
        self._console.print(line, markup=False, highlight=False)

    def started(self, student: str) -> None:
        """Say that a slot has taken a student's notebook."""
        if self._started is None:
            self._started = time.monotonic()
            self._progress.reset(self._task, total=self._total, description="grading")
        self.running[student] = time.monotonic()

    def stopped(self, student: str) -> None:
        """Say that a student's notebook has left its slot."""
        self.running.pop(student, None)
        self.run += 1

    def graded(self, result: SubmissionResult) -> None:
        """Count one more submission."""
        self.done += 1
        self.not_graded += not is_graded(result)
        self._progress.update(self._task, advance=1)
        if not self._tty and self._total > _PLAIN_LINES and self.done % -(-self._total // _PLAIN_LINES) == 0:
            print(": ".join(filter(None, [f"{self.done} of {self._total}", self.pace()])), flush=True)  # noqa: T201 - this is what prints

    def pace(self) -> str:
        """Return how fast it goes, and how many submissions could not be graded; what is kept from an earlier run takes no time, and counts for no speed."""
        said = []
        if self._started is not None and self.run:
            rate = self.run / max(time.monotonic() - self._started, 1e-9)
            said = [f"{rate:.1f} a second"] + [f"{(self._total - self.done) / rate:.0f} s left"] * (not self._tty)
        return ", ".join(said + [f"{self.not_graded} could not be graded"] * bool(self.not_graded))

    def summarise(self, results: Sequence[Outcome]) -> None:
        """Print a line for each submission: a table on a terminal, aligned text elsewhere and for large classes, with which a table takes minutes."""
        if self._tty and len(results) <= _MOST_IN_A_TABLE:
            self._console.print(summary_table(results))
        else:
            for line in plain_summary(results):
                print(line)  # noqa: T201 - this is what prints


class _Rate(ProgressColumn):
    """Submissions a second, and failures of ours."""

    def __init__(self, live: LiveRun) -> None:
        super().__init__()
        self._live = live

    def render(self, task: Task) -> Text:  # noqa: ARG002 - the rate is the run's
        """Return the rate as it is now."""
        return Text(self._live.pace() if self._live.done else "")


class _Slots(ProgressColumn):
    """What each slot is at, and for how long."""

    def __init__(self, live: LiveRun) -> None:
        super().__init__()
        self._live = live

    def render(self, task: Task) -> Text:  # noqa: ARG002 - the slots are the run's
        """Return the students whose notebooks run, those that take longest first."""
        now = time.monotonic()
        longest = sorted(self._live.running.items(), key=lambda item: item[1])
        shown = [f"{one_line(student, 20)} {now - since:.0f} s" for student, since in longest[:_MOST_SLOTS_SHOWN]]
        more = [f"and {len(longest) - len(shown)} more"] * (len(longest) > len(shown))
        return Text(", ".join(shown + more), style="dim")
