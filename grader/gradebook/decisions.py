"""What people decide: overrides, comments, extensions and late policies; each is added, none changed."""

import math
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import SettingsError
from grader.gradebook.late import LatePolicy
from grader.gradebook.marks import marks, overrides_in_force
from grader.gradebook.people import named_student
from grader.gradebook.recording import newest_run
from grader.gradebook.records import Marked
from grader.gradebook.standing import late_policies, standings
from grader.gradebook.tables import CommentRow, ExtensionRow, LatePolicyRow, OverrideRow


def override(session: Session, student: str, assignment: str, points: float | None, *, question: str | None, reason: str, author: str) -> Marked:
    """Give points for a question or a whole submission, or withdraw them (None), whatever grading says; return the mark after it.

    Raises:
        SettingsError: there is no such student, result or question, nothing to withdraw or no reason, or the points are no number of at least 0.
    """
    if not reason.strip():
        message = "Say a reason: whoever reads the history will want to know it."
        raise SettingsError(message)
    before = mark_of(session, student, assignment)
    old = _score(before, question)
    if points is None and not any(one.question == question for one in overrides_in_force(before)):
        message = f"{student} has no override for {question or assignment} to withdraw."
        raise SettingsError(message)
    if points is not None and not (math.isfinite(points) and points >= 0):
        message = f"{points} are no points: say a number from 0."
        raise SettingsError(message)
    row = OverrideRow(
        student_id=named_student(session, student),
        assignment=assignment,
        question=question,
        points=points,
        old=old,
        reason=reason,
        author=author,
        at=datetime.now(UTC),
        after_run=newest_run(session),
    )
    session.add(row)
    session.flush()
    return mark_of(session, student, assignment)


def comment(session: Session, student: str, assignment: str, text: str, *, question: str | None, author: str, replace: bool) -> Marked:
    """Say something to a student, in the place of the author's last comment there when `replace` is set; return the mark with it.

    Raises:
        SettingsError: there is no such student, result, question, or comment to replace, or nothing is said.
    """
    if not text.strip() and not replace:
        message = "An empty comment says nothing; with --replace it takes your last one away."
        raise SettingsError(message)
    before = mark_of(session, student, assignment)
    _score(before, question)
    student_id = named_student(session, student)
    last = None
    if replace:
        query = select(CommentRow.id).filter_by(student_id=student_id, assignment=assignment, question=question, author=author)
        last = session.scalar(query.order_by(CommentRow.id.desc()).limit(1))
    if replace and last is None:
        message = f"{author} has no comment on {question or assignment} of {student} to replace."
        raise SettingsError(message)
    row = CommentRow(student_id=student_id, assignment=assignment, question=question, text=text, author=author, at=datetime.now(UTC), replaces=last)
    session.add(row)
    session.flush()
    return mark_of(session, student, assignment)


def extension(session: Session, student: str, assignment: str, due: datetime, *, author: str) -> None:
    """Give a student another due date for an assignment.

    Raises:
        SettingsError: there is no such student.
    """
    student_id = named_student(session, student)
    row = ExtensionRow(student_id=student_id, assignment=assignment, due=due, author=author, at=datetime.now(UTC), after_run=newest_run(session))
    session.add(row)


def set_late_policies(session: Session, policies: dict[str, LatePolicy]) -> None:
    """Make these the late policies, and take away those of other assignments."""
    known = late_policies(session)
    now, run = datetime.now(UTC), newest_run(session)
    for name in sorted(known.keys() | policies.keys()):
        policy = policies.get(name)
        if policy == known.get(name):
            continue
        session.add(
            LatePolicyRow(
                assignment=name,
                due=policy.due if policy else None,
                grace_minutes=policy.grace_minutes if policy else 0,
                penalty_per_day=policy.penalty_per_day if policy else 0.0,
                max_days=policy.max_days if policy else None,
                at=now,
                after_run=run,
            )
        )


def mark_of(session: Session, student: str, assignment: str) -> Marked:
    """Return the mark of the student that a person means.

    Raises:
        SettingsError: there is no such student, or no result.
    """
    student_id = named_student(session, student)
    found = standings(session, assignment=assignment, student_id=student_id)
    if not found:
        known = sorted({name for _, name in standings(session, student_id=student_id)})
        message = f"{student} has no result for {assignment!r}" + (f"; there are {', '.join(known)}." if known else ", nor for anything else.")
        raise SettingsError(message)
    return next(marks(session, found))


def _score(marked: Marked, question: str | None) -> float:
    if question is None:
        return marked.score
    for one in marked.questions:
        if one.name == question:
            return one.score
    message = f"{marked.assignment} has no question {question!r}; there are {', '.join(one.name for one in marked.questions) or 'none that were graded'}."
    raise SettingsError(message)
