"""What decides each mark at a point in time: the attempt that stands, the overrides in force, when it was handed in and when it was due."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVarTuple

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from grader.gradebook.late import LatePolicy
from grader.gradebook.records import AttemptId, Override, RunId
from grader.gradebook.tables import AttemptRow, EntryRow, ExtensionRow, LatePolicyRow, OverrideRow, SubmissionRow, VersionRow, as_table

_Key = tuple[int, str]
"""The id of a student's row, and an assignment."""

_Columns = TypeVarTuple("_Columns")


@dataclass(frozen=True, kw_only=True, slots=True)
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
    given = {"assignment": assignment, "student_id": student_id, "at_end_of": at_end_of}
    said = {name: value for name, value in given.items() if value is not None}
    overrides = _overrides(session, said)
    extensions = _extensions(session, said)
    policies = late_policies(session, at_end_of)
    found = {}
    for student, of, digest, handed_in, attempt, version in session.execute(_standings(frozenset(said)), said):
        key = (student, of)
        found[key] = Standing(
            student_id=student,
            assignment=of,
            attempt=AttemptId(attempt),
            digest=digest,
            bundle_version=version,
            handed_in=handed_in,
            late=_late(policies.get(of), extensions.get(key)),
            overrides=overrides.get(key, ()),
        )
    return found


def newest_entries() -> Select[int]:
    """Return the query for the ids of the entries that stand, one a student and assignment."""
    return (
        select(func.max(EntryRow.id))
        .join(AttemptRow, AttemptRow.id == EntryRow.attempt_id)
        .join(SubmissionRow, SubmissionRow.id == AttemptRow.submission_id)
        .group_by(SubmissionRow.student_id, SubmissionRow.assignment)
    )


@cache  # making these statements takes longer than their execution
def _standings(said: frozenset[str]) -> Select[int, str, str, datetime, int, str]:
    newest = newest_entries()
    if "at_end_of" in said:
        newest = newest.where(EntryRow.run_id <= bindparam("at_end_of"))
    return (
        select(SubmissionRow.student_id, SubmissionRow.assignment, SubmissionRow.digest, SubmissionRow.handed_in, AttemptRow.id, VersionRow.bundle_version)
        .join(AttemptRow, AttemptRow.submission_id == SubmissionRow.id)
        .join(VersionRow, VersionRow.id == AttemptRow.version_id)
        .join(EntryRow, EntryRow.attempt_id == AttemptRow.id)
        .where(EntryRow.id.in_(_only(newest, SubmissionRow, said)))
    )


@cache
def _decided(table: type[OverrideRow | ExtensionRow | LatePolicyRow], said: frozenset[str]) -> Select[Any]:
    """Return the query for what people decided, oldest first."""
    query = select(as_table(table)).order_by(table.id)
    if "at_end_of" in said:
        query = query.where(table.after_run < bindparam("at_end_of"))
    return _only(query, table, said)


def _only(query: Select[*_Columns], table: type[SubmissionRow | OverrideRow | ExtensionRow | LatePolicyRow], said: frozenset[str]) -> Select[*_Columns]:
    for name in ("assignment", "student_id"):
        if name in said:
            query = query.where(getattr(table, name) == bindparam(name))
    return query


def late_policies(session: Session, at_end_of: RunId | None = None) -> dict[str, LatePolicy]:
    """Return the late policies by assignment."""
    said = {} if at_end_of is None else {"at_end_of": at_end_of}
    newest = {row.assignment: row for row in session.execute(_decided(LatePolicyRow, frozenset(said)), said)}
    return {
        name: LatePolicy(due=row.due, grace_minutes=row.grace_minutes, penalty_per_day=row.penalty_per_day, max_days=row.max_days)
        for name, row in newest.items()
        if row.due is not None
    }


def _overrides(session: Session, said: Mapping[str, Any]) -> Mapping[_Key, tuple[Override, ...]]:
    newest: dict[_Key, dict[str | None, Row[Any]]] = defaultdict(dict)
    for row in session.execute(_decided(OverrideRow, frozenset(said)), said):
        newest[row.student_id, row.assignment][row.question] = row
    return {
        key: tuple(
            Override(question=row.question, points=row.points, old=row.old, reason=row.reason, author=row.author, at=row.at)
            for row in by_question.values()
            if row.points is not None
        )
        for key, by_question in newest.items()
    }


def _extensions(session: Session, said: Mapping[str, Any]) -> Mapping[_Key, datetime]:
    return {(row.student_id, row.assignment): row.due for row in session.execute(_decided(ExtensionRow, frozenset(said)), said)}


def _late(policy: LatePolicy | None, extension: datetime | None) -> LatePolicy | None:
    return policy.model_copy(update={"due": extension}) if policy and extension else policy
