"""Marks as a table for spreadsheets: a row a mark, a column a question."""

from collections.abc import Iterable
from itertools import chain

from grader.reports.exports.cells import write_rows
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line
from grader.reports.wording import points

_FIRST = ("student", "lms_id", "email", "assignment", "score", "points", "percent", "late_penalty", "verdict", "message", "graded_at")


def csv_table(marks: Iterable[Mark]) -> str:
    """Return marks as CSV with a byte order mark, without which spreadsheets guess the encoding; a mark that is not there is an empty cell."""
    rows = [(_first(mark), {question.name: points(question.score) for question in mark.result.questions}) for mark in marks]
    questions = list(dict.fromkeys(name for _, scores in rows for name in scores))
    return "\ufeff" + write_rows(chain([(*_FIRST, *questions)], ((*first, *(scores.get(name, "") for name in questions)) for first, scores in rows)))


def score_text(score: float | None) -> str:
    """Return points as a cell shows them, empty where there are none."""
    return "" if score is None else points(score)


def _first(mark: Mark) -> tuple[str, ...]:
    return (
        one_line(mark.student),
        one_line(mark.lms_id),
        one_line(mark.email),
        one_line(mark.assignment),
        score_text(mark.score),
        points(mark.points),
        score_text(100 * mark.score / mark.points if mark.score is not None and mark.points else None),
        points(mark.late_penalty),
        mark.result.verdict,
        one_line(mark.result.message, 500),
        mark.result.graded_at,
    )
