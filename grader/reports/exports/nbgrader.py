"""Marks as `nbgrader export` writes them."""

from collections.abc import Iterable
from itertools import chain

from grader.reports.exports.cells import write_rows
from grader.reports.exports.csv_table import score_text
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line
from grader.reports.wording import points

_COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def nbgrader_csv(marks: Iterable[Mark]) -> str:
    """Return marks with nbgrader's columns; first and last names stay empty, since nobody can tell them apart from a full name."""
    rows = (
        (
            one_line(mark.assignment),
            mark.due,
            mark.submitted_at,
            one_line(mark.student),
            "",
            "",
            one_line(mark.email),
            score_text(mark.raw_score),
            points(mark.late_penalty),
            score_text(mark.score),
            points(mark.points),
        )
        for mark in marks
    )
    return write_rows(chain([_COLUMNS], rows))
