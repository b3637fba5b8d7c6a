"""The tables. Rows are only ever added: what is true now is the newest row, and the others are its history."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REVISION = "0001"
"""The newest migration: these tables are what it leaves behind."""


class SafeText(TypeDecorator[str]):
    """Text that every database can hold: what is no Unicode, and NUL, becomes a question mark."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the text as it is stored."""
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: stored in UTC without a zone, read back with it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the moment as it is stored."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the moment with its zone."""
        return None if value is None else value.replace(tzinfo=UTC)


def storable(text: str) -> str:
    """Return the text as `SafeText` stores it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: SafeText, float: Double, datetime: Moment, list[dict[str, Any]]: JSON}


def as_table(rows: type[Base]) -> Table:
    """Return a table for statements that take or give rows: of objects a session keeps account, which takes longer than what is done with them."""
    return Base.metadata.tables[rows.__tablename__]


class RevisionRow(Base):
    """The migration that the tables are of, in alembic's own table."""

    __tablename__ = "alembic_version"
    __table_args__ = (PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),)

    version_num: Mapped[str] = mapped_column(String(32))


class VersionRow(Base):
    """One version of an assignment; `bundle_version` is empty for what could not be graded against any."""

    __tablename__ = "assignment_versions"
    __table_args__ = (UniqueConstraint("assignment", "bundle_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str]
    bundle_version: Mapped[str]
    title: Mapped[str]
    points: Mapped[float]
    questions: Mapped[list[dict[str, Any]]]
    first_seen: Mapped[datetime]


class StudentRow(Base):
    """A student; `key` is how submissions name them."""

    __tablename__ = "students"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    first_seen: Mapped[datetime]


class RosterRow(Base):
    """What a roster says about a student; the newest counts."""

    __tablename__ = "roster_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    name: Mapped[str]
    lms_id: Mapped[str]
    email: Mapped[str]
    section: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]


class SubmissionRow(Base):
    """One student's file for one assignment, by its content; `handed_in` is when it first came."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("student_id", "assignment", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"))
    assignment: Mapped[str] = mapped_column(index=True)
    digest: Mapped[str]
    handed_in: Mapped[datetime]
    first_seen: Mapped[datetime]


class RunRow(Base):
    """One `grader run`."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str]
    at: Mapped[datetime]


class AttemptRow(Base):
    """One grading of a submission; `number` counts gradings of the same file, version and sandbox tier from 1.

    It is not `settled` where the fault was ours, so that it is to be graded again.
    """

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("submission_id", "version_id", "tier", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("assignment_versions.id"), index=True)
    tier: Mapped[str]
    number: Mapped[int]
    verdict: Mapped[str]
    settled: Mapped[bool]
    score: Mapped[float]
    points: Mapped[float]
    seconds: Mapped[float]
    graded_at: Mapped[datetime]


class BodyRow(Base):
    """The whole result of an attempt, compressed."""

    __tablename__ = "attempt_bodies"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class EntryRow(Base):
    """That an attempt stood for its student in a run, graded then or kept from an earlier run; the newest counts."""

    __tablename__ = "run_entries"
    __table_args__ = (UniqueConstraint("run_id", "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), index=True)


class QuestionRow(Base):
    """One question of an attempt; `position` counts from 0."""

    __tablename__ = "question_results"
    __table_args__ = ({"sqlite_with_rowid": False},)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    points: Mapped[float]
    score: Mapped[float]
    verdict: Mapped[str]
    mistake: Mapped[str | None]


class CaseRow(Base):
    """One case of a question of an attempt; positions count from 0."""

    __tablename__ = "case_results"
    __table_args__ = (
        ForeignKeyConstraint(["attempt_id", "question"], ["question_results.attempt_id", "question_results.position"]),
        {"sqlite_with_rowid": False},
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    verdict: Mapped[str]
    difference: Mapped[str | None]
    mistake: Mapped[str | None]
    got_digest: Mapped[str]
    seconds: Mapped[float]


class OverrideRow(Base):
    """Points that a person gave for a question, or for the whole submission where `question` is None.

    `points` is None where an earlier override was withdrawn; `old` is the mark that stood before. `after_run` is the newest run at that time.
    """

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    assignment: Mapped[str]
    question: Mapped[str | None]
    points: Mapped[float | None]
    old: Mapped[float]
    reason: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]
    after_run: Mapped[int]


class CommentRow(Base):
    """What a person says to a student; `replaces` is the earlier comment that this one stands in for, and an empty text takes it away."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    assignment: Mapped[str]
    question: Mapped[str | None]
    text: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))


class ExtensionRow(Base):
    """A due date of one student; the newest counts."""

    __tablename__ = "extensions"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    assignment: Mapped[str]
    due: Mapped[datetime]
    author: Mapped[str]
    at: Mapped[datetime]
    after_run: Mapped[int]


class LatePolicyRow(Base):
    """An assignment's late policy, none where `due` is None; the newest counts."""

    __tablename__ = "late_policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(index=True)
    due: Mapped[datetime | None]
    grace_minutes: Mapped[int]
    penalty_per_day: Mapped[float]
    max_days: Mapped[int | None]
    at: Mapped[datetime]
    after_run: Mapped[int]
