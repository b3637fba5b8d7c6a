"""Marks in Canvas's gradebook: its own export, with one column filled."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from grader.errors import SettingsError
from grader.reports.exports.cells import Table, read_table, write_table
from grader.reports.exports.filled import Filled, number, of_one_assignment, scaled, scaling, without_mark
from grader.reports.exports.marks import Mark
from grader.reports.exports.matching import RowKeys, match_rows
from grader.reports.safe_text import one_line

_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_ASSIGNMENT = re.compile(r"(?P<title>.*) \(\d+\)", re.DOTALL)
_POSSIBLE = "Points Possible"
_EXCUSED = "EX"


def fill_canvas(template: str, marks: Iterable[Mark], *, name: str, column: str | None = None) -> Filled:
    """Return a Canvas export with the marks of one assignment in their column; all else stays as it is, excused students too.

    The column is the one named after the assignment or its title. Marks are scaled where Canvas counts other points; `name` is the file's, for messages.

    Raises:
        SettingsError: the template is no Canvas export, the column cannot be told, or the marks are of several assignments.
    """
    table = read_table(template, name=name, needs=("Student", "ID"))
    listed = of_one_assignment(marks)
    place = _column(table.header, listed[0], name, column)
    first = _first_student(table)
    possible = number(table.rows[first - 1][place]) if first else None
    columns = {title: position for position, title in enumerate(table.header)}
    matched = match_rows([_keys(row, columns) for row in table.rows[first:]], listed)
    rows = list(table.rows)
    problems = list(matched.problems)
    filled = 0
    for row, mark in matched.marks.items():
        cells = rows[first + row]
        if cells[place].strip().upper() == _EXCUSED:
            problems.append(f"{one_line(mark.student)}: excused in Canvas, so the cell was left as it is.")
        elif mark.score is None:
            problems.append(without_mark(mark))
        else:
            rows[first + row] = (*cells[:place], scaled(mark, possible), *cells[place + 1 :])
            filled += 1
    text = write_table(replace(table, rows=tuple(rows)))
    return Filled(text=text, count=filled, notes=tuple(scaling(listed, [possible])), problems=tuple(problems))


def _column(header: Sequence[str], mark: Mark, name: str, column: str | None) -> int:
    titles = {place: found["title"] for place, text in enumerate(header) if (found := _ASSIGNMENT.fullmatch(text))}
    wanted = {one.casefold() for one in ([column] if column is not None else [mark.assignment, mark.result.title]) if one}
    for fits in (_is, _holds):
        places = [place for place, title in titles.items() if any(fits(one, title.casefold(), header[place].casefold()) for one in wanted)]
        if len(places) == 1:
            return places[0]
    known = ", ".join(repr(one_line(header[place])) for place in titles) or "none"
    message = f"{name}: it is not clear which column belongs to {mark.assignment}; say --column with one of {known}."
    raise SettingsError(message)


def _is(wanted: str, title: str, header: str) -> bool:
    return wanted in {title, header}


def _holds(wanted: str, title: str, _header: str) -> bool:
    return wanted in title


def _first_student(table: Table) -> int:
    """Return the first row after "Points Possible", which other rows about columns may precede."""
    return next((place + 1 for place, row in enumerate(table.rows) if row[0].strip() == _POSSIBLE), 0)


def _keys(row: Sequence[str], columns: Mapping[str, int]) -> RowKeys:
    return RowKeys(ids=[row[columns[title]] for title in _IDS if title in columns], name=row[columns["Student"]])
