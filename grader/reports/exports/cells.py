"""Tables as CSV: what spreadsheets would run as a formula is text, and what is invisible can be seen."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.errors import SettingsError
from grader.reports.safe_text import visible

# Full-width forms too: spreadsheets in East Asian languages take them for the same.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_HARMLESS = re.compile(r"[+-]?\d+(?:[.,]\d+)?%?|-")
# A spreadsheet of another country splits a row elsewhere: what would begin a cell then must be no formula either, unless it is a negative number.
_WITHIN = re.compile(r"([,;\t\r\n][\s\"]*)(?=[=+@\uff1d\uff0b\uff0d\uff20]|-(?!\d+(?:\.\d+)?(?:[\s)\],;]|$)))")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A CSV file as an LMS wrote it, with what it needs to be written in the same way again."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    mark: str = ""


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands before it; numbers and a lone dash stay as they are."""
    if _HARMLESS.fullmatch(text):
        return text
    inner = _WITHIN.sub(r"\1'", text)
    return visible(f"'{inner}" if _FORMULA.match(text) else inner)


def write_rows(rows: Iterable[Sequence[str]], *, delimiter: str = ",") -> str:
    """Return rows as CSV (RFC 4180)."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([safe_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def write_table(table: Table) -> str:
    """Return a table as CSV, with the delimiter and the byte order mark that it came with."""
    return table.mark + write_rows([table.header, *table.rows], delimiter=table.delimiter)


def read_table(text: str, *, name: str, needs: Sequence[str]) -> Table:
    """Return the table in a CSV file that must have some columns; short rows are filled up.

    Raises:
        SettingsError: it is no table, or a column is missing.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    first_line = body.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(body, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        message = f"{name}: this is no CSV table ({error}). Export it again from the learning platform."
        raise SettingsError(message) from error
    header = tuple(cell.strip() for cell in rows[0]) if rows else ()
    missing = [column for column in needs if column not in header]
    if missing:
        message = f"{name}: no column {' and no column '.join(map(repr, missing))}. Export it again from the learning platform, with English column names."
        raise SettingsError(message)
    width = len(header)
    return Table(header=header, rows=tuple((*row, *[""] * (width - len(row))) for row in rows[1:]), delimiter=delimiter, mark=mark)
