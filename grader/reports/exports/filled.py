"""A learning platform's own table with marks filled in."""

from collections.abc import Iterable
from dataclasses import dataclass

from grader.errors import SettingsError
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line
from grader.reports.wording import points


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The table to upload, how many rows were filled, what else to know, and a sentence for each mark that is not in the table."""

    text: str
    count: int
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def of_one_assignment(marks: Iterable[Mark]) -> list[Mark]:
    """Return the marks, which have to be of one assignment.

    Raises:
        SettingsError: they are of several, or there are none.
    """
    listed = list(marks)
    assignments = sorted({mark.assignment for mark in listed})
    if len(assignments) != 1:
        message = f"one assignment at a time: say which with --assignment ({', '.join(assignments)})" if assignments else "there are no marks to export"
        raise SettingsError(message)
    return listed


def scaled(mark: Mark, most: float | None) -> str:
    """Return a mark as a platform counts it, whose most may differ from the assignment's points; empty where there is no mark."""
    if mark.score is None:
        return ""
    return points(mark.score * (most / mark.points if most and mark.points else 1.0))


def scaling(marks: Iterable[Mark], most: Iterable[float | None]) -> list[str]:
    """Return a sentence where a platform counts other points than the assignment."""
    counted = {possible for possible in most if possible}
    given = {mark.points for mark in marks if mark.points}
    return [
        f"The platform counts {points(possible)} points, the assignment {points(own)}: marks were scaled." for possible in counted for own in given - {possible}
    ]


def without_mark(mark: Mark) -> str:
    """Return a sentence for a submission that has no mark to fill in."""
    return f"{one_line(mark.student)}: not graded ({one_line(mark.result.message, 200)}), so the cell was left as it is."


def number(text: str) -> float | None:
    """Return the number in a cell, None where there is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
