"""Pages for students and instructors: one self-contained file each, without scripts and without anything from the network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.reports import wording
from grader.reports.markup import prose
from grader.reports.safe_text import capped, one_line, plain, visible
from grader.reports.views import MOST_CELLS, view_cells, view_questions
from grader.results import QuestionResult, SubmissionResult


@dataclass(frozen=True, kw_only=True)
class IndexRow:
    """One line of the index page; `href` is the path of the submission's page, relative to the index."""

    result: SubmissionResult
    href: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """A question of an assignment over all its submissions; `solved` is the share with all points."""

    name: str
    solved: float


@dataclass(frozen=True, kw_only=True)
class AssignmentTable:
    """The submissions of one assignment, sorted by student; `cells` has a question, or None, for each column."""

    assignment: str
    title: str
    mean: float | None
    columns: tuple[Column, ...]
    rows: tuple[tuple[IndexRow, tuple[QuestionResult | None, ...]], ...]


def render_submission(result: SubmissionResult) -> str:
    """Return the page that a student reads: what is right, what to fix first, and why; nothing of hidden cases but counts and hints."""
    return pages.get_template("submission.html").render(
        result=result,
        questions=view_questions(result),
        cells=view_cells(result),
        more_cells=max(0, sum(cell.status != "ok" for cell in result.cells) - MOST_CELLS),
        first=wording.first_to_fix(result.questions),
    )


def render_index(rows: Iterable[IndexRow], *, title: str = "Grading report", generated_at: str = "") -> str:
    """Return the page that an instructor reads: a table for each assignment with a line for each submission."""
    ordered = sorted(rows, key=lambda row: wording.reading_order(row.result))
    tables = [_table(name, list(group)) for name, group in groupby(ordered, key=lambda row: row.result.assignment)]
    return pages.get_template("index.html").render(
        title=title, generated_at=generated_at, tables=tables, counts=wording.count(row.result for row in ordered), total=len(ordered), marks=wording.MARKS
    )


def _table(assignment: str, rows: Sequence[IndexRow]) -> AssignmentTable:
    graded = [row.result for row in rows if wording.is_graded(row.result)]
    names = dict.fromkeys(question.name for row in rows for question in row.result.questions)
    by_name = [{question.name: question for question in row.result.questions} for row in rows]
    return AssignmentTable(
        assignment=assignment,
        title=next((row.result.title for row in rows if row.result.title), ""),
        mean=sum(wording.share(result.score, result.points) for result in graded) / len(graded) if graded else None,
        columns=tuple(Column(name=name, solved=_solved([found[name] for found in by_name if name in found])) for name in names),
        rows=tuple((row, tuple(found.get(name) for name in names)) for row, found in zip(rows, by_name, strict=True)),
    )


def _solved(questions: Sequence[QuestionResult]) -> float:
    return sum(question.score >= question.points for question in questions) / len(questions)


def _finalize(value: object) -> object:
    """Make every text that a template prints visible and finite; escaping follows, done by jinja2."""
    return visible(capped(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "prose": prose,
        "plain": plain,
        "one_line": one_line,
        "points": wording.points,
        "counted": wording.counted,
        "advice": wording.advice,
        "carried": wording.carried,
        "mark": wording.mark_question,
        "problems": wording.problems,
        "graded": wording.is_graded,
        "unsandboxed": wording.is_unsandboxed,
        "link": quote,
        "percent": lambda part: f"{100 * part:.0f}",
    }
    environment.filters.update(filters)
    environment.globals["share"] = wording.share
    return environment


pages = _environment()
"""The templates of all pages."""
