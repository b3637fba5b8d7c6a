"""What decides each mark at a point in time: the attempt that stands, the overrides in force, when it was handed in and when it was due."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.gradebook.late import LatePolicy
from grader.gradebook.records import AttemptId, Override, RunId
from grader.gradebook.tables import AttemptRow, EntryRow, ExtensionRow, LatePolicyRow, OverrideRow, SubmissionRow, VersionRow

_Key = tuple[int, str]
"""The id of a student's row, and an assignment."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What decides one mark; equal standings give equal marks."""

    student_id: int
    assignment: str
    attempt: AttemptId
    digest: str
    bundle_version: str
    handed_in: datetime
    late: LatePolicy | None
    overrides: tuple[Override, ...]


def standings(session: Session, *, assignment: str | None = None, student_id: int | None = None, at_end_of: RunId | None = None) -> dict[_Key, Standing]:
    """Return what stands now, or stood at the end of a run, for all or for one assignment or student."""
    newest = (
        select(func.max(EntryRow.id))
        .join(AttemptRow, AttemptRow.id == EntryRow.attempt_id)
        .join(SubmissionRow, SubmissionRow.id == AttemptRow.submission_id)
        .group_by(SubmissionRow.student_id, SubmissionRow.assignment)
    )
    if at_end_of is not None:
        newest = newest.where(EntryRow.run_id <= at_end_of)
    if assignment is not None:
        newest = newest.where(SubmissionRow.assignment == assignment)
    if student_id is not None:
        newest = newest.where(SubmissionRow.student_id == student_id)
    query = (
        select(SubmissionRow, AttemptRow.id, VersionRow.bundle_version)
        .join(AttemptRow, AttemptRow.submission_id == SubmissionRow.id)
        .join(VersionRow, VersionRow.id == AttemptRow.version_id)
        .join(EntryRow, EntryRow.attempt_id == AttemptRow.id)
        .where(EntryRow.id.in_(newest))
    )
    overrides = _overrides(session, at_end_of)
    extensions = _extensions(session, at_end_of)
    policies = late_policies(session, at_end_of)
    found = {}
    for submission, attempt, version in session.execute(query):
        key = (submission.student_id, submission.assignment)
        found[key] = Standing(
            student_id=submission.student_id,
            assignment=submission.assignment,
            attempt=AttemptId(attempt),
            digest=submission.digest,
            bundle_version=version,
            handed_in=submission.handed_in,
            late=_late(policies.get(submission.assignment), extensions.get(key)),
            overrides=overrides.get(key, ()),
        )
    return found


def late_policies(session: Session, at_end_of: RunId | None = None) -> dict[str, LatePolicy]:
    """Return the late policies by assignment."""
    query = select(LatePolicyRow).order_by(LatePolicyRow.id)
    if at_end_of is not None:
        query = query.where(LatePolicyRow.after_run < at_end_of)
    newest = {row.assignment: row for row in session.scalars(query)}
    return {
        name: LatePolicy(due=row.due, grace_minutes=row.grace_minutes, penalty_per_day=row.penalty_per_day, max_days=row.max_days)
        for name, row in newest.items()
        if row.due is not None
    }


def _overrides(session: Session, at_end_of: RunId | None) -> Mapping[_Key, tuple[Override, ...]]:
    query = select(OverrideRow).order_by(OverrideRow.id)
    if at_end_of is not None:
        query = query.where(OverrideRow.after_run < at_end_of)
    newest: dict[_Key, dict[str | None, OverrideRow]] = defaultdict(dict)
    for row in session.scalars(query):
        newest[row.student_id, row.assignment][row.question] = row
    return {
        key: tuple(
            Override(question=row.question, points=row.points, old=row.old, reason=row.reason, author=row.author, at=row.at)
            for row in by_question.values()
            if row.points is not None
        )
        for key, by_question in newest.items()
    }


def _extensions(session: Session, at_end_of: RunId | None) -> Mapping[_Key, datetime]:
    query = select(ExtensionRow).order_by(ExtensionRow.id)
    if at_end_of is not None:
        query = query.where(ExtensionRow.after_run < at_end_of)
    return {(row.student_id, row.assignment): row.due for row in session.scalars(query)}


def _late(policy: LatePolicy | None, extension: datetime | None) -> LatePolicy | None:
    return policy.model_copy(update={"due": extension}) if policy and extension else policy
