"""What `grader validate` shows: which case catches which known mistake, for a terminal and as a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.reports.html import pages


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """One known mistake and the names of the cases that catch it."""

    id: str
    name: str
    caught_by: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class MatrixColumn:
    """One case; `number` counts from 1 within its question."""

    number: int
    name: str
    group: str
    teaching: bool


@dataclass(frozen=True, kw_only=True)
class MatrixTable:
    """All known mistakes of one question against all its cases."""

    question: str
    title: str
    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]
    hidden_only: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MatrixSection:
    """One assignment: its questions' tables, and sentences about what is wrong."""

    assignment: str
    tables: tuple[MatrixTable, ...]
    problems: tuple[str, ...]

    @property
    def counts(self) -> str:
        """How many questions, cases and mistakes there are."""
        counts = {
            "question": len(self.tables),
            "case": sum(len(table.columns) for table in self.tables),
            "known mistake": sum(len(table.rows) for table in self.tables),
        }
        return ", ".join(f"{count} {what}{'s' * (count != 1)}" for what, count in counts.items())


def render_kill_matrix(sections: Sequence[MatrixSection]) -> str:
    """Return the page with every table."""
    return pages("en").get_template("kill_matrix.html").render(sections=sections)


def plain_kill_matrix(section: MatrixSection) -> str:
    """Return one assignment's tables as text: a line a mistake, a mark (x caught, . let pass) a case."""
    return "\n".join([f"{section.assignment}: {section.counts}", *(line for table in section.tables for line in _plain_table(table))])


def _plain_table(table: MatrixTable) -> Iterator[str]:
    yield f"\n  {table.question}: {table.title}"
    for column in table.columns:
        yield f"    {column.number:2} {column.name} ({column.group}{', teaching' if column.teaching else ''})"
    width = max((len(row.id) for row in table.rows), default=0)
    yield f"    {'':{width}}  {''.join(str(column.number % 10) for column in table.columns)}"
    for row in table.rows:
        marks = "".join("x" if column.name in row.caught_by else "." for column in table.columns)
        yield f"    {row.id:{width}}  {marks}  {row.name}"
    if table.hidden_only:
        yield f"    no public case catches {', '.join(table.hidden_only)}"
