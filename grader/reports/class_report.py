"""The page that an instructor reads of a class: what it did not understand, and what to look at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from itertools import groupby
from math import ceil
from statistics import fmean, median

from markupsafe import Markup

from grader.reports.class_row import ClassRow
from grader.reports.class_statistics import Cluster, MistakeFigures, QuestionFigures, clusters, mistake_figures, question_figures
from grader.reports.graders_words import sentence
from grader.reports.html import pages
from grader.reports.language import Language, translations
from grader.reports.similarity import alike
from grader.reports.wording import points, share
from grader.results import Verdict

MOST_LINKS = 40
_MOST_MISTAKES = 40
_MOST_CLUSTERS = 25
_MOST_SLOW = 10
_MOST_PAIRS = 50
_LEVELS = 5
_HARD = 0.7
_FEW_FOR_QUARTILES = 4

Earlier = Mapping[tuple[str, str], Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """A submission that an instructor should look at, and why."""

    row: ClassRow
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AlikeRows:
    """Two submissions with near-identical code; `share` is the part of the shorter one that is in both."""

    first: ClassRow
    second: ClassRow
    share: float


@dataclass(frozen=True, kw_only=True)
class HeatRow:
    """A line of the heat map; for each question the points and how much is missing, from 0 (nothing) to 5 (all), or None."""

    row: ClassRow
    cells: tuple[tuple[str, int] | None, ...]


@dataclass(frozen=True, kw_only=True)
class ClassSection:
    """All that is said of one assignment; `heat` can be read once."""

    assignment: str
    title: str
    count: int
    graded: int
    mean: float
    median: float
    full: int
    quartiles: tuple[float, float] | None
    distribution: Markup | None
    questions: tuple[QuestionFigures, ...]
    hardest: tuple[QuestionFigures, ...]
    question_map: Markup | None
    mistakes: tuple[MistakeFigures, ...]
    more_mistakes: int
    clusters: tuple[Cluster, ...]
    more_clusters: int
    noticed: tuple[Noticed, ...]
    alike: tuple[AlikeRows, ...]
    more_alike: int
    failed: tuple[ClassRow, ...]
    slowest: tuple[ClassRow, ...]
    attempts: tuple[tuple[int, float], ...]
    progress: Markup | None
    heat: Iterator[HeatRow]


def render_class(rows: Iterable[ClassRow], *, generated_at: str = "", earlier: Earlier | None = None, language: Language = "en") -> str:
    """Return the class report; see `class_parts`."""
    return "".join(class_parts(rows, generated_at=generated_at, earlier=earlier, language=language))


def class_parts(rows: Iterable[ClassRow], *, generated_at: str = "", earlier: Earlier | None = None, language: Language = "en") -> Iterator[str]:
    """Yield the class report, part by part: a section for each assignment.

    `earlier` gives the marks of earlier attempts, oldest first and from 0 to 1, by assignment and student.
    """
    tr = translations(language)
    ordered = sorted(rows, key=lambda row: (row.assignment, row.student.casefold(), row.student, row.href))
    groups = [list(group) for _, group in groupby(ordered, key=lambda row: row.assignment)]
    sections = [_section(f"a{number}", group, earlier or {}, tr) for number, group in enumerate(groups, start=1)]
    yield from pages(language).get_template("class.html").generate(generated_at=generated_at, sections=sections, total=len(ordered), most_links=MOST_LINKS)


def _section(name: str, rows: Sequence[ClassRow], earlier: Earlier, tr: NullTranslations) -> ClassSection:
    from grader.reports import charts  # noqa: PLC0415 - matplotlib takes half a second, and is wanted when all is graded

    graded = [row for row in rows if row.is_graded]
    shares = [share(row.score, row.points) for row in graded]
    questions = question_figures(graded)
    mistakes, groups, pairs = mistake_figures(graded), clusters(graded), _alike(graded)
    attempts = _attempts(graded, earlier)
    return ClassSection(
        assignment=rows[0].assignment,
        title=next((row.title for row in rows if row.title), ""),
        count=len(rows),
        graded=len(graded),
        mean=fmean(shares) if shares else 0.0,
        median=median(shares) if shares else 0.0,
        full=sum(row.score >= row.points for row in graded),
        quartiles=_quartiles(shares),
        distribution=charts.histogram(shares, name=f"{name}-marks", label=tr.gettext("Distribution of the marks")) if shares else None,
        questions=tuple(questions),
        hardest=tuple(sorted((one for one in questions if one.mean < _HARD), key=lambda one: one.mean)[:3]),
        question_map=_question_map(f"{name}-questions", questions, tr),
        mistakes=tuple(mistakes[:_MOST_MISTAKES]),
        more_mistakes=max(0, len(mistakes) - _MOST_MISTAKES),
        clusters=tuple(_said(group, tr) for group in groups[:_MOST_CLUSTERS]),
        more_clusters=max(0, len(groups) - _MOST_CLUSTERS),
        noticed=tuple(Noticed(row=row, reasons=reasons) for row in rows if (reasons := _reasons(row, tr))),
        alike=pairs[:_MOST_PAIRS],
        more_alike=max(0, len(pairs) - _MOST_PAIRS),
        failed=tuple(row for row in rows if row.verdict in {Verdict.ERROR, Verdict.OURS}),
        slowest=tuple(sorted((row for row in graded if row.seconds), key=lambda row: -row.seconds)[:_MOST_SLOW]),
        attempts=tuple((len(marks), median(marks)) for marks in attempts),
        progress=charts.progress(attempts, name=f"{name}-progress", label=tr.gettext("Marks over attempts")) if attempts else None,
        heat=_heat(graded, [question.name for question in questions]),
    )


def _quartiles(shares: Sequence[float]) -> tuple[float, float] | None:
    ordered = sorted(shares)
    if len(ordered) < _FEW_FOR_QUARTILES:
        return None
    return ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]


def _question_map(name: str, questions: Iterable[QuestionFigures], tr: NullTranslations) -> Markup | None:
    from grader.reports import charts  # noqa: PLC0415 - as above

    known = [(one.number, one.mean, one.discrimination) for one in questions if one.discrimination is not None]
    return charts.question_map(known, name=name, label=tr.gettext("Success and discrimination of the questions")) if len(known) > 1 else None


def _said(group: Cluster, tr: NullTranslations) -> Cluster:
    return Cluster(question=group.question, number=group.number, cases=group.cases, reading=sentence(group.reading, tr), rows=group.rows)


def _reasons(row: ClassRow, tr: NullTranslations) -> tuple[str, ...]:
    found = [tr.gettext("not allowed: {names}").format(names=", ".join(row.forbidden))] if row.forbidden else []
    if row.tampered:
        found.append(tr.ngettext("{number} locked cell changed", "{number} locked cells changed", row.tampered).format(number=row.tampered))
    return (*found, *(sentence(message, tr) for message in row.lost))


def _alike(rows: Iterable[ClassRow]) -> tuple[AlikeRows, ...]:
    by_page = {row.href: row for row in rows}
    pairs = alike({href: row.prints for href, row in by_page.items()})
    return tuple(AlikeRows(first=by_page[pair.first], second=by_page[pair.second], share=pair.share) for pair in pairs)


def _attempts(rows: Iterable[ClassRow], earlier: Earlier) -> list[list[float]]:
    """Return the marks at the first, second, ... attempt; of everybody, where anybody handed in more than once."""
    marks = [[*earlier.get((row.assignment, row.student), ()), share(row.score, row.points)] for row in rows]
    most = max(map(len, marks), default=0)
    return [[each[place] for each in marks if place < len(each)] for place in range(most)] if most > 1 else []


def _heat(rows: Iterable[ClassRow], names: Sequence[str]) -> Iterator[HeatRow]:
    for row in sorted(rows, key=lambda row: (share(row.score, row.points), row.student.casefold())):
        yield HeatRow(row=row, cells=tuple(_heat_cell(row, name) for name in names))


def _heat_cell(row: ClassRow, name: str) -> tuple[str, int] | None:
    answer = next((answer for answer in row.answers if answer.name == name), None)
    return None if answer is None else (points(answer.score), ceil(_LEVELS * (1 - share(answer.score, answer.points)) - 1e-9))
