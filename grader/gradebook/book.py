"""The gradebook as the rest of grader uses it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select

from grader.gradebook import decisions, history as past, people, recording
from grader.gradebook.diff import diff, runs
from grader.gradebook.engine import open_engine, reading, writing
from grader.gradebook.late import LatePolicy
from grader.gradebook.marks import earlier_shares, marks
from grader.gradebook.migrate import migrate
from grader.gradebook.records import Difference, Event, Marked, RosterChange, Run, RunId, Student
from grader.gradebook.roster import read_roster
from grader.gradebook.standing import standings
from grader.gradebook.tables import SubmissionRow, VersionRow
from grader.results import SubmissionResult


class Gradebook:
    """A course's results, overrides and all that, in a database: `with Gradebook("sqlite:///gradebook.db") as gradebook`.

    Several graders may use one at a time, and several threads may use one object. Every method raises GradebookError when the database says no,
    and SettingsError about a student, assignment, question or run that does not exist. `backup` is the copy that was made of an SQLite file whose
    tables had to be brought up to date.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self.backup: Path | None = None

    def __enter__(self) -> Self:
        """Open it, and make or update its tables."""
        try:
            self.backup = migrate(self._engine)
        except BaseException:
            self._engine.dispose()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close all connections."""
        self._engine.dispose()

    def begin_run(self, *, author: str = "") -> RunId:
        """Return the id of a new run."""
        with writing(self._engine) as session:
            return recording.begin_run(session, author=author)

    def record(self, result: SubmissionResult, *, run: RunId | None = None, handed_in: datetime | None = None, forced: bool = False) -> Marked:
        """Write a result down as what stands for its student, in a run of its own without `run`; return the mark.

        A settled attempt at the same file, version and tier is taken instead, unless `forced`. `handed_in` counts when the file is new.
        """
        with writing(self._engine) as session:
            run = recording.begin_run(session, author="") if run is None else run
            return recording.record(session, result, run=run, handed_in=handed_in or datetime.now(UTC), forced=forced)

    def finished(self, student: str, assignment: str, *, digest: str, bundle_version: str, tier: str, lms_id: str = "") -> SubmissionResult | None:
        """Return the newest result of a file, version and tier that need not be graded again, or None."""
        with reading(self._engine) as session:
            return recording.finished(session, student=student, lms_id=lms_id, assignment=assignment, digest=digest, bundle_version=bundle_version, tier=tier)

    def current(self, assignment: str | None = None) -> Iterator[Marked]:
        """Yield the mark of everyone with a result for an assignment, or for all assignments, ordered by assignment and student."""
        with reading(self._engine) as session:
            yield from marks(session, standings(session, assignment=assignment))

    def mark(self, student: str, assignment: str) -> Marked:
        """Return one mark."""
        with reading(self._engine) as session:
            return decisions.mark_of(session, student, assignment)

    def earlier_shares(self) -> dict[tuple[str, str], list[float]]:
        """Return what share of the points each earlier file reached, oldest first, by assignment and student's name."""
        with reading(self._engine) as session:
            return earlier_shares(session)

    def assignments(self) -> list[str]:
        """Return the names of all assignments with results."""
        with reading(self._engine) as session:
            return list(session.scalars(select(SubmissionRow.assignment).distinct().order_by(SubmissionRow.assignment)))

    def newest_versions(self) -> dict[str, str]:
        """Return the newest `bundle_version` of each assignment that was graded."""
        with reading(self._engine) as session:
            rows = session.scalars(select(VersionRow).where(VersionRow.bundle_version != "").order_by(VersionRow.id))
            return {row.assignment: row.bundle_version for row in rows}

    def history(self, student: str, assignment: str) -> list[Event]:
        """Return what happened to a mark, oldest first."""
        with reading(self._engine) as session:
            return past.history(session, student, assignment)

    def override(self, student: str, assignment: str, points: float | None, *, reason: str, author: str, question: str | None = None) -> Marked:
        """Give points for a question, or the whole submission, whatever grading says now or later; None withdraws them. Return the new mark."""
        with writing(self._engine) as session:
            return decisions.override(session, student, assignment, points, question=question, reason=reason, author=author)

    def comment(self, student: str, assignment: str, text: str, *, author: str, question: str | None = None, replace: bool = False) -> Marked:
        """Say something to a student; with `replace` in the place of the author's last comment there, which an empty text takes away."""
        with writing(self._engine) as session:
            return decisions.comment(session, student, assignment, text, question=question, author=author, replace=replace)

    def extension(self, student: str, assignment: str, due: datetime, *, author: str) -> None:
        """Give a student another due date."""
        with writing(self._engine) as session:
            decisions.extension(session, student, assignment, due, author=author)

    def set_late_policies(self, policies: dict[str, LatePolicy]) -> None:
        """Make these the late policies by assignment; others are lifted."""
        with writing(self._engine) as session:
            decisions.set_late_policies(session, policies)

    def import_roster(self, path: Path, *, author: str) -> RosterChange:
        """Add what a roster in CSV says."""
        lines = read_roster(path)
        with writing(self._engine) as session:
            return people.add_roster(session, lines, author=author)

    def students(self) -> list[Student]:
        """Return all students, ordered by name."""
        with reading(self._engine) as session:
            return list(people.all_students(session).values())

    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        with reading(self._engine) as session:
            return runs(session)

    def diff(self, before: int | None = None, after: int | None = None) -> Difference:
        """Return the marks that moved between two runs; by default the last two."""
        with reading(self._engine) as session:
            return diff(session, before, after)
