"""Marks as a table for spreadsheets: a row a mark, a column a question."""

from collections.abc import Iterable, Iterator

from grader.reports.exports.cells import write_rows
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line
from grader.reports.wording import points

_FIRST = ("student", "lms_id", "email", "assignment", "score", "points", "percent", "late_penalty", "verdict", "message", "graded_at")


def csv_table(marks: Iterable[Mark]) -> str:
    """Return marks as CSV with a byte order mark, without which spreadsheets guess the encoding; a mark that is not there is an empty cell."""
    listed = list(marks)
    questions = list(dict.fromkeys(question.name for mark in listed for question in mark.result.questions))
    return "\ufeff" + write_rows([(*_FIRST, *questions), *_rows(listed, questions)])


def score_text(score: float | None) -> str:
    """Return points as a cell shows them, empty where there are none."""
    return "" if score is None else points(score)


def _rows(marks: Iterable[Mark], questions: list[str]) -> Iterator[list[str]]:
    for mark in marks:
        scores = {question.name: points(question.score) for question in mark.result.questions}
        percent = score_text(100 * mark.score / mark.points if mark.score is not None and mark.points else None)
        yield [
            one_line(mark.student),
            one_line(mark.lms_id),
            one_line(mark.email),
            one_line(mark.assignment),
            score_text(mark.score),
            points(mark.points),
            percent,
            points(mark.late_penalty),
            mark.result.verdict,
            one_line(mark.result.message, 500),
            mark.result.graded_at,
            *(scores.get(name, "") for name in questions),
        ]
