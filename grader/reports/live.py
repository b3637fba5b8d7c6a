"""What a terminal shows while submissions are graded."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from grader.reports.safe_text import one_line
from grader.reports.terminal import plain_summary, summary_table
from grader.results import SubmissionResult


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
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._tty,
        )
        self._task: TaskID = self._progress.add_task("starting", total=None)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the progress line away."""
        self._progress.stop()

    def total(self, count: int) -> None:
        """Say how many submissions there are."""
        self._progress.update(self._task, total=count)
        if not self._tty:
            print(f"Grading {count} submission{'s' * (count != 1)}.", flush=True)  # noqa: T201 - this is what prints

    def building(self, assignment: str) -> None:
        """Say that an assignment's reference is being run."""
        self._progress.update(self._task, description=f"preparing {assignment}")

    def graded(self, result: SubmissionResult) -> None:
        """Count one more submission."""
        self._progress.update(self._task, advance=1, description=f"graded {one_line(result.student, 30)}")

    def summarise(self, results: tuple[SubmissionResult, ...]) -> None:
        """Print a line for each submission: a table on a terminal, aligned text elsewhere."""
        if self._tty:
            self._console.print(summary_table(results))
        else:
            print(plain_summary(results))  # noqa: T201 - this is what prints
