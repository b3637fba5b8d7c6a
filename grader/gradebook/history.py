"""Everything that happened to one mark."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.people import named_student
from grader.gradebook.records import Event
from grader.gradebook.tables import AttemptRow, CommentRow, ExtensionRow, OverrideRow, SubmissionRow, VersionRow


def history(session: Session, student: str, assignment: str) -> list[Event]:
    """Return what happened to a student's mark for an assignment, oldest first.

    Raises:
        SettingsError: there is no such student.
    """
    student_id = named_student(session, student)
    gradings = _gradings(session, student_id, assignment)
    decisions = _decisions(session, student_id, assignment)
    return sorted([*gradings, *decisions], key=lambda event: event.at)


def _gradings(session: Session, student_id: int, assignment: str) -> Iterator[Event]:
    query = (
        select(AttemptRow, SubmissionRow.digest, VersionRow.bundle_version)
        .join(SubmissionRow, SubmissionRow.id == AttemptRow.submission_id)
        .join(VersionRow, VersionRow.id == AttemptRow.version_id)
        .where(SubmissionRow.student_id == student_id, SubmissionRow.assignment == assignment)
        .order_by(AttemptRow.id)
    )
    for attempt, digest, version in session.execute(query):
        what = f"{attempt.score:g} of {attempt.points:g} points ({attempt.verdict}; file {digest[:10]}, version {version[:10] or 'none'}, sandbox {attempt.tier or 'none'})"
        yield Event(at=attempt.graded_at, kind="graded", what=what)


def _decisions(session: Session, student_id: int, assignment: str) -> Iterator[Event]:
    about = {"student_id": student_id, "assignment": assignment}
    for override in session.scalars(select(OverrideRow).filter_by(**about).order_by(OverrideRow.id)):
        where = override.question or "the whole submission"
        if override.points is None:
            yield Event(at=override.at, kind="withdrawn override", what=f"{where}, was {override.old:g}: {override.reason}", author=override.author)
        else:
            what = f"{where}: {override.points:g} instead of {override.old:g}: {override.reason}"
            yield Event(at=override.at, kind="override", what=what, author=override.author)
    for comment in session.scalars(select(CommentRow).filter_by(**about).order_by(CommentRow.id)):
        where = f"{comment.question}: " if comment.question else ""
        yield Event(at=comment.at, kind="comment" if comment.text else "withdrawn comment", what=f"{where}{comment.text}", author=comment.author)
    for extension in session.scalars(select(ExtensionRow).filter_by(**about).order_by(ExtensionRow.id)):
        yield Event(at=extension.at, kind="extension", what=f"due {extension.due:%Y-%m-%d %H:%M} UTC", author=extension.author)
