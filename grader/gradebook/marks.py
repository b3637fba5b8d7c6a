"""Final marks: what grading found, with overrides and the cost of being late."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from grader.gradebook.body import unpack
from grader.gradebook.people import all_students, one_student
from grader.gradebook.records import AttemptId, Comment, Marked, MarkedQuestion, Override, Student
from grader.gradebook.standing import Standing, newest_entries
from grader.gradebook.tables import AttemptRow, BodyRow, CommentRow, EntryRow, SubmissionRow, as_table
from grader.results import SubmissionResult, Verdict

_DIGITS = 6

# Made once: for statements as small as these, making one takes longer than its execution.
_COUNTS = (
    select(SubmissionRow.student_id, SubmissionRow.assignment, func.count())
    .join(AttemptRow, AttemptRow.submission_id == SubmissionRow.id)
    .group_by(SubmissionRow.student_id, SubmissionRow.assignment)
)
_COUNTS_OF_ONE = _COUNTS.where(SubmissionRow.student_id == bindparam("student_id"))
_COMMENTS = select(as_table(CommentRow)).order_by(CommentRow.id)
_COMMENTS_ON_ONE = _COMMENTS.where(CommentRow.student_id == bindparam("student_id"))


def marks(
    session: Session, found: Mapping[tuple[int, str], Standing], *, known: Mapping[AttemptId, SubmissionResult] = MappingProxyType({})
) -> Iterator[Marked]:
    """Yield the marks of what stands, ordered by assignment and student; one result at a time is in memory.

    What is `known` is not read again.
    """
    students = all_students(session) if len(found) > 1 else {student_id: one_student(session.connection(), student_id) for student_id, _ in found}
    only = next(iter(students)) if len(students) == 1 else None
    comments = _comments(session, only)
    counts = _attempts(session, only)
    places = {student_id: place for place, student_id in enumerate(students)}
    for key in sorted(found, key=lambda key: (key[1], places[key[0]])):
        result = known.get(found[key].attempt) or _result(session, found[key])
        yield _marked(result, found[key], student=students[key[0]], comments=comments.get(key, ()), attempts=counts[key])


def overrides_in_force(marked: Marked) -> list[Override]:
    """Return the overrides of a mark, the whole submission's first."""
    return [one for one in (marked.override, *(question.override for question in marked.questions)) if one is not None]


def earlier_shares(session: Session) -> dict[tuple[str, str], list[float]]:
    """Return what share of the points each earlier file reached, oldest first, by assignment and student's name."""
    standing = select(AttemptRow.submission_id).join(EntryRow, EntryRow.attempt_id == AttemptRow.id).where(EntryRow.id.in_(newest_entries()))
    query = (
        select(SubmissionRow.id, SubmissionRow.assignment, SubmissionRow.student_id, AttemptRow.score, AttemptRow.points)
        .join(AttemptRow, AttemptRow.submission_id == SubmissionRow.id)
        .where(AttemptRow.settled, AttemptRow.verdict != Verdict.ERROR, AttemptRow.points > 0, SubmissionRow.id.not_in(standing))
        .order_by(AttemptRow.id)
    )
    shares: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for submission, assignment, student_id, score, points in session.execute(query):
        shares[assignment, student_id][submission] = score / points
    names = {student_id: student.name for student_id, student in all_students(session).items()} if shares else {}
    by_name: dict[tuple[str, str], list[float]] = {}
    for (assignment, student_id), by_file in shares.items():
        by_name.setdefault((assignment, names[student_id]), []).extend(by_file.values())
    return by_name


def _marked(result: SubmissionResult, standing: Standing, *, student: Student, comments: Iterable[Comment], attempts: int) -> Marked:
    overrides = {override.question: override for override in standing.overrides}
    questions = tuple(
        MarkedQuestion(
            name=question.name,
            title=question.title,
            points=question.points,
            graded=question.score,
            score=overrides[question.name].points if question.name in overrides else question.score,
            override=overrides.get(question.name),
        )
        for question in result.questions
    )
    earned = math.fsum([result.score, *(question.score - question.graded for question in questions)])
    late = standing.late
    penalty = late.penalty(standing.handed_in, points=result.points, score=earned) if late else 0.0
    whole = overrides.get(None)
    return Marked(
        student=student,
        assignment=standing.assignment,
        title=result.title,
        score=round(whole.points if whole else earned - penalty, _DIGITS),
        points=result.points,
        graded=result.score,
        penalty=0.0 if whole else round(penalty, _DIGITS),
        days_late=late.days_late(standing.handed_in) if late else 0,
        handed_in=standing.handed_in,
        due=late.due if late else None,
        questions=questions,
        override=whole,
        comments=tuple(comments),
        attempt=standing.attempt,
        attempts=attempts,
        result=result,
    )


def _result(session: Session, standing: Standing) -> SubmissionResult:
    return unpack(session.scalars(select(BodyRow.body).where(BodyRow.attempt_id == standing.attempt)).one())


def _attempts(session: Session, student: int | None) -> Mapping[tuple[int, str], int]:
    """Return how often each submission was graded, of one student or of all."""
    rows = session.execute(_COUNTS) if student is None else session.execute(_COUNTS_OF_ONE, {"student_id": student})
    return {(student_id, assignment): count for student_id, assignment, count in rows}


def _comments(session: Session, student: int | None) -> Mapping[tuple[int, str], list[Comment]]:
    """Return the comments that hold, neither replaced nor taken away, on one student or on all."""
    rows = (session.execute(_COMMENTS) if student is None else session.execute(_COMMENTS_ON_ONE, {"student_id": student})).all()
    replaced = {row.replaces for row in rows}
    found = defaultdict(list)
    for row in rows:
        if row.id not in replaced and row.text:
            found[row.student_id, row.assignment].append(Comment(question=row.question, text=row.text, author=row.author, at=row.at))
    return found
