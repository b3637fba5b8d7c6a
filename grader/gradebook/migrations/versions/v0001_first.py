"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _people()
    _assignments()
    _gradings()
    _marks()
    _decisions()


def _people() -> None:
    op.create_table(
        "students",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("first_seen", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_students"),
        sa.UniqueConstraint("key", name="uq_students_key"),
    )
    op.create_table(
        "roster_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lms_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_roster_entries_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_entries"),
    )
    op.create_index("ix_roster_entries_student_id", "roster_entries", ["student_id"], unique=False)


def _assignments() -> None:
    op.create_table(
        "assignment_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(), nullable=False),
        sa.Column("bundle_version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_versions"),
        sa.UniqueConstraint("assignment", "bundle_version", name="uq_assignment_versions_assignment"),
    )
    op.create_table(
        "late_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=True),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("penalty_per_day", sa.Double(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("after_run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_late_policies"),
    )
    op.create_index("ix_late_policies_assignment", "late_policies", ["assignment"], unique=False)
    op.create_table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("after_run", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_extensions_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_extensions"),
    )
    op.create_index("ix_extensions_student_id", "extensions", ["student_id"], unique=False)


def _gradings() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("handed_in", sa.DateTime(), nullable=False),
        sa.Column("first_seen", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_submissions_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("student_id", "assignment", "digest", name="uq_submissions_student_id"),
    )
    op.create_index("ix_submissions_assignment", "submissions", ["assignment"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("graded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name="fk_attempts_submission_id"),
        sa.ForeignKeyConstraint(["version_id"], ["assignment_versions.id"], name="fk_attempts_version_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("submission_id", "version_id", "tier", "number", name="uq_attempts_submission_id"),
    )
    op.create_index("ix_attempts_version_id", "attempts", ["version_id"], unique=False)
    op.create_table(
        "attempt_bodies",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_attempt_bodies_attempt_id"),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_attempt_bodies"),
    )
    op.create_table(
        "run_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_run_entries_attempt_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_entries_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_run_entries"),
        sa.UniqueConstraint("run_id", "attempt_id", name="uq_run_entries_run_id"),
    )
    op.create_index("ix_run_entries_attempt_id", "run_entries", ["attempt_id"], unique=False)


def _marks() -> None:
    op.create_table(
        "question_results",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("mistake", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_question_results_attempt_id"),
        sa.PrimaryKeyConstraint("attempt_id", "position", name="pk_question_results"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_results",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("difference", sa.String(), nullable=True),
        sa.Column("mistake", sa.String(), nullable=True),
        sa.Column("got_digest", sa.String(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id", "question"], ["question_results.attempt_id", "question_results.position"], name="fk_case_results_attempt_id"),
        sa.PrimaryKeyConstraint("attempt_id", "question", "position", name="pk_case_results"),
        sqlite_with_rowid=False,
    )


def _decisions() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("old", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("after_run", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_overrides_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_overrides"),
    )
    op.create_index("ix_overrides_student_id", "overrides", ["student_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["replaces"], ["comments.id"], name="fk_comments_replaces"),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_comments_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_student_id", "comments", ["student_id"], unique=False)
