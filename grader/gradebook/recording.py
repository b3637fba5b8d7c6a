"""Writing results down as they arrive, and finding those that still hold."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.orm import Session

from grader.gradebook.adding import add_or_find
from grader.gradebook.body import pack, unpack
from grader.gradebook.marks import marks
from grader.gradebook.people import ensure_student, find_student
from grader.gradebook.records import AttemptId, Marked, RunId
from grader.gradebook.standing import standings
from grader.gradebook.tables import AttemptRow, BodyRow, CaseRow, EntryRow, QuestionRow, RunRow, SubmissionRow, VersionRow, as_table
from grader.results import CaseResult, QuestionResult, SubmissionResult, Verdict

# Made once: for statements as small as these, making one takes longer than its execution.
_SUBMISSION = (
    select(SubmissionRow.id)
    .where(
        SubmissionRow.student_id == bindparam("student_id"),
        SubmissionRow.assignment == bindparam("assignment"),
        SubmissionRow.digest == bindparam("digest"),
    )
    .with_for_update()
)
_VERSION = select(VersionRow.id).where(VersionRow.assignment == bindparam("assignment"), VersionRow.bundle_version == bindparam("bundle_version"))
_LAST_ATTEMPT = (
    select(AttemptRow.id, AttemptRow.number, AttemptRow.settled)
    .where(AttemptRow.submission_id == bindparam("submission_id"), AttemptRow.version_id == bindparam("version_id"), AttemptRow.tier == bindparam("tier"))
    .order_by(AttemptRow.number.desc())
    .limit(1)
)
_ENTRY = select(EntryRow.id).where(EntryRow.run_id == bindparam("run_id"), EntryRow.attempt_id == bindparam("attempt_id"))
_FINISHED = (
    select(BodyRow.body)
    .join(AttemptRow, AttemptRow.id == BodyRow.attempt_id)
    .join(SubmissionRow)
    .join(VersionRow)
    .where(
        SubmissionRow.student_id == bindparam("student_id"),
        SubmissionRow.assignment == bindparam("assignment"),
        SubmissionRow.digest == bindparam("digest"),
        VersionRow.bundle_version == bindparam("bundle_version"),
        AttemptRow.tier == bindparam("tier"),
        AttemptRow.settled,
    )
    .order_by(AttemptRow.number.desc())
    .limit(1)
)
_NEW_SUBMISSION = insert(as_table(SubmissionRow)).returning(SubmissionRow.id)
_NEW_VERSION = insert(as_table(VersionRow)).returning(VersionRow.id)
_NEW_ATTEMPT = insert(as_table(AttemptRow)).returning(AttemptRow.id)
_NEW_BODY, _NEW_ENTRY, _NEW_QUESTIONS, _NEW_CASES = (
    insert(as_table(BodyRow)),
    insert(as_table(EntryRow)),
    insert(as_table(QuestionRow)),
    insert(as_table(CaseRow)),
)


def begin_run(session: Session, *, author: str) -> RunId:
    """Return the id of a new run."""
    row = RunRow(author=author, at=datetime.now(UTC))
    session.add(row)
    session.flush()
    return RunId(row.id)


def newest_run(session: Session) -> RunId:
    """Return the id of the newest run, 0 where there was none."""
    return RunId(session.scalar(select(func.max(RunRow.id))) or 0)


def record(session: Session, result: SubmissionResult, *, run: RunId, handed_in: datetime, forced: bool) -> Marked:
    """Write a result down as what stands for its student from this run on; return the mark.

    A settled attempt at the same file, version and tier is taken instead, unless `forced`.
    """
    connection = session.connection()
    student = ensure_student(connection, result.student, lms_id=result.lms_id)
    submission = _submission(connection, result, student, handed_in)
    key = {"submission_id": submission, "version_id": _version(connection, result), "tier": tier_of(result)}
    last = connection.execute(_LAST_ATTEMPT, key).one_or_none()
    known: dict[AttemptId, SubmissionResult] = {}
    if last is not None and last.settled and not forced:
        attempt = AttemptId(last.id)
    else:
        attempt = _attempt(connection, result, key, number=last.number + 1 if last else 1)
        known[attempt] = result
    entry = {"run_id": run, "attempt_id": attempt}
    if attempt in known or connection.scalar(_ENTRY, entry) is None:
        connection.execute(_NEW_ENTRY, entry)
    return next(marks(session, standings(session, assignment=result.assignment, student_id=student), known=known))


def finished(session: Session, *, student: str, lms_id: str, assignment: str, digest: str, bundle_version: str, tier: str) -> SubmissionResult | None:
    """Return the newest settled result of a file, version and tier, or None."""
    student_id = find_student(session.connection(), student, lms_id=lms_id)
    body = session.scalar(_FINISHED, {"student_id": student_id, "assignment": assignment, "digest": digest, "bundle_version": bundle_version, "tier": tier})
    return None if body is None else unpack(body)


def tier_of(result: SubmissionResult) -> str:
    """Return the sandbox tier that a result was made in, empty where no student code ran."""
    return result.environment.get("sandbox", "")


def is_settled(result: SubmissionResult) -> bool:
    """Whether nothing of a result is for us to grade again."""
    return Verdict.OURS not in {result.verdict, *(question.verdict for question in result.questions)}


def _submission(connection: Connection, result: SubmissionResult, student: int, handed_in: datetime) -> int:
    """Return the row's id of the file, locked against other graders of it until this transaction ends."""
    key = {"student_id": student, "assignment": result.assignment, "digest": result.digest or _digest_of_message(result.message)}
    return connection.scalar(_SUBMISSION, key) or add_or_find(
        connection, _NEW_SUBMISSION, key | {"handed_in": handed_in, "first_seen": datetime.now(UTC)}, _SUBMISSION, key
    )


def _digest_of_message(message: str) -> str:
    """Return what stands for the content of a file that could not be read."""
    return "unreadable-" + hashlib.sha256(message.encode("utf-8", "replace")).hexdigest()[:32]


def _version(connection: Connection, result: SubmissionResult) -> int:
    key = {"assignment": result.assignment, "bundle_version": result.bundle_version if result.questions else ""}
    found = connection.scalar(_VERSION, key)
    if found is not None:
        return found
    questions = [{"name": question.name, "title": question.title, "points": question.points} for question in result.questions]
    row = key | {"title": result.title, "points": result.points, "questions": questions, "first_seen": datetime.now(UTC)}
    return add_or_find(connection, _NEW_VERSION, row, _VERSION, key)


def _attempt(connection: Connection, result: SubmissionResult, key: dict[str, Any], *, number: int) -> AttemptId:
    row = key | {
        "number": number,
        "verdict": result.verdict,
        "settled": is_settled(result),
        "score": result.score,
        "points": result.points,
        "seconds": result.timings.get("total", 0.0),
        "graded_at": datetime.now(UTC),
    }
    identity = connection.execute(_NEW_ATTEMPT, row).scalar_one()
    connection.execute(_NEW_BODY, {"attempt_id": identity, "body": pack(result)})
    if result.questions:
        connection.execute(_NEW_QUESTIONS, [_question(identity, position, question) for position, question in enumerate(result.questions)])
    if cases := [_case(identity, place, position, case) for place, one in enumerate(result.questions) for position, case in enumerate(one.cases)]:
        connection.execute(_NEW_CASES, cases)
    return AttemptId(identity)


def _question(attempt: int, position: int, question: QuestionResult) -> dict[str, Any]:
    return {
        "attempt_id": attempt,
        "position": position,
        "name": question.name,
        "points": question.points,
        "score": question.score,
        "verdict": question.verdict,
        "mistake": question.diagnosis.mistake if question.diagnosis else None,
    }


def _case(attempt: int, question: int, position: int, case: CaseResult) -> dict[str, Any]:
    return {
        "attempt_id": attempt,
        "question": question,
        "position": position,
        "name": case.name,
        "verdict": case.verdict,
        "difference": case.difference.kind if case.difference else None,
        "mistake": case.diagnosis.mistake if case.diagnosis else None,
        "got_digest": case.got_digest,
        "seconds": case.seconds,
    }
