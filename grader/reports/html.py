"""Pages for students and instructors: one self-contained file each, without scripts and without anything from the network."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.reports import wording
from grader.reports.graders_words import sentence, translated
from grader.reports.language import Language, tag, translations
from grader.reports.markup import prose
from grader.reports.outline import Outcome
from grader.reports.safe_text import capped, one_line, plain, visible
from grader.reports.views import MOST_CELLS, view_cells, view_questions
from grader.results import QuestionResult, SubmissionResult


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexRow:
    """One line of the index page; `href` is the path of the submission's page, relative to the index."""

    result: Outcome
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


def render_submission(result: SubmissionResult, *, language: Language = "en") -> str:
    """Return the page that a student reads: what is right, what to fix first, and why; nothing of hidden cases but counts and hints."""
    tr = translations(language)
    said = translated(result, tr)
    return (
        pages(language)
        .get_template("submission.html")
        .render(
            result=said,
            questions=view_questions(said, tr),
            cells=view_cells(said, tr),
            more_cells=max(0, sum(cell.status != "ok" for cell in said.cells) - MOST_CELLS),
            first=wording.first_to_fix(said, tr),
        )
    )


def render_index(rows: Iterable[IndexRow], *, title: str = "", generated_at: str = "", class_report: str = "", language: Language = "en") -> str:
    """Return the page that an instructor reads; see `index_parts`."""
    return "".join(index_parts(rows, title=title, generated_at=generated_at, class_report=class_report, language=language))


def index_parts(rows: Iterable[IndexRow], *, title: str = "", generated_at: str = "", class_report: str = "", language: Language = "en") -> Iterator[str]:
    """Yield the page that an instructor reads, part by part: a table for each assignment with a line for each submission.

    `class_report` is the path of the class report, relative to the index, where there is one.
    """
    tr = translations(language)
    ordered = sorted(rows, key=lambda row: wording.reading_order(row.result))
    yield from (
        pages(language)
        .get_template("index.html")
        .generate(
            title=title or tr.gettext("Grading report"),
            generated_at=generated_at,
            class_report=class_report,
            tables=[_table(name, list(group)) for name, group in groupby(ordered, key=lambda row: row.result.assignment)],
            counts=wording.count(row.result for row in ordered).said(tr),
            total=len(ordered),
            marks=wording.all_marks(tr),
        )
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


@cache
def pages(language: Language) -> Environment:
    """Return the templates of all pages in a language."""
    tr = translations(language)
    environment = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(tr, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    filters: dict[str, Any] = {
        "prose": prose,
        "plain": plain,
        "one_line": one_line,
        "points": wording.points,
        "counted_points": partial(wording.counted_points, tr=tr),
        "advice": partial(wording.advice, tr=tr),
        "carried": partial(wording.carried, tr=tr),
        "mark": partial(wording.mark_question, tr=tr),
        "said": partial(sentence, tr=tr),
        "problems": partial(wording.problems, tr=tr),
        "listed": partial(wording.listed, tr=tr),
        "graded": wording.is_graded,
        "unsandboxed": wording.is_unsandboxed,
        "link": quote,
        "percent": lambda part: f"{100 * part:.0f}",
    }
    environment.filters.update(filters)
    environment.globals.update(share=wording.share, language=tag(language))
    return environment
