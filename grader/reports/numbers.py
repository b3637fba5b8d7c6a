"""Tables of numbers: a shown tensor as formatted cells, and where two of them differ."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from grader.results import Shown

LEVELS = 5
_FIXED_POINT_FROM, _FIXED_POINT_TO = 1e-3, 1e5
_NEGLIGIBLE = 1e-4  # beside the largest difference of the table

Entry: TypeAlias = float | int | bool | str
Rows: TypeAlias = tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Entries:
    """A table of formatted numbers; `level` tells how far an entry is off, from 0 (the same) to `LEVELS`."""

    rows: tuple[tuple[tuple[str, int], ...], ...]


@dataclass(frozen=True, kw_only=True)
class Legend:
    """The upper end of each level of a table of differences, formatted; the first is that of level 1."""

    bounds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Expected and got side by side in one number format, and |got - expected| where their shapes are equal."""

    expected: Entries | None
    got: Entries | None
    difference: Entries | None
    legend: Legend | None


def entries(shown: Shown) -> Entries | None:
    """Return the numbers of a shown tensor, or None where its text says it all."""
    if not shown.rows or not shown.shape:
        return None
    form = _format(_numbers([shown.rows]))
    return Entries(rows=tuple(tuple((form(entry), 0) for entry in row) for row in shown.rows))


def comparison(expected: Shown | None, got: Shown | None) -> Comparison:
    """Return both tables; differences are taken only between the same slice of tensors of equal shape."""
    if expected is None or got is None or not _alike(expected, got):
        return Comparison(expected=entries(expected) if expected else None, got=entries(got) if got else None, difference=None, legend=None)
    first, second = expected.rows or (), got.rows or ()
    off = tuple(tuple(_distance(*pair) for pair in zip(*rows, strict=True)) for rows in zip(first, second, strict=True))
    largest = max((error for row in off for error in row if math.isfinite(error)), default=0.0)
    form = _format(_numbers([first, second]))
    levels = [[_level(error, largest) for error in row] for row in off]
    return Comparison(
        expected=Entries(rows=tuple(tuple((form(entry), 0) for entry in row) for row in first)),
        got=Entries(rows=_with_levels(second, levels, form)),
        difference=Entries(rows=_with_levels(off, levels, _short)),
        legend=Legend(bounds=tuple(_short(largest * step / LEVELS) for step in range(1, LEVELS + 1))) if largest else None,
    )


def _alike(expected: Shown, got: Shown) -> bool:
    tables = [shown.rows or () for shown in (expected, got)]
    first, second = ([len(row) for row in rows] for rows in tables)
    numeric = all(_number(entry) is not None for rows in tables for row in rows for entry in row)
    return bool(first and expected.shape) and first == second and numeric and (expected.shape, expected.slice_label) == (got.shape, got.slice_label)


def _with_levels(rows: Iterable[Iterable[Entry]], levels: list[list[int]], form: Callable[[Entry], str]) -> tuple[tuple[tuple[str, int], ...], ...]:
    return tuple(tuple((form(entry), level) for entry, level in zip(row, row_levels, strict=True)) for row, row_levels in zip(rows, levels, strict=True))


def _number(entry: Entry) -> float | None:
    try:
        return float(entry)  # NaN and infinities come back from JSON as words
    except (ValueError, OverflowError):
        return None


def _numbers(tables: Iterable[Rows]) -> list[float]:
    found = [_number(entry) for rows in tables for row in rows for entry in row if not isinstance(entry, bool)]
    return [number for number in found if number is not None and math.isfinite(number)]


def _distance(expected: Entry, got: Entry) -> float:
    first, second = float(expected), float(got)
    if first == second or (math.isnan(first) and math.isnan(second)):
        return 0.0
    distance = abs(second - first)
    return math.inf if math.isnan(distance) else distance


def _level(error: float, largest: float) -> int:
    if math.isinf(error):
        return LEVELS
    return 0 if error <= _NEGLIGIBLE * largest else math.ceil(LEVELS * error / largest)


def _format(numbers: list[float]) -> Callable[[Entry], str]:
    """Return one format for all entries of a table, so that decimal points line up."""
    largest = max(map(abs, numbers), default=0.0)
    if all(number.is_integer() for number in numbers) and largest < _FIXED_POINT_TO:
        spec = ".1f"
    elif _FIXED_POINT_FROM <= largest < _FIXED_POINT_TO:
        spec = f".{5 - len(str(int(largest)))}f"
    else:
        spec = ".2e"

    def form(entry: Entry) -> str:
        return format(entry, spec) if isinstance(entry, float) and math.isfinite(entry) else _word(entry)

    return form


def _short(entry: Entry) -> str:
    if not isinstance(entry, float) or not math.isfinite(entry):
        return _word(entry)
    return f"{float(f'{entry:.2g}'):g}"


def _word(entry: Entry) -> str:
    if isinstance(entry, str):
        number = _number(entry)
        return entry[:24] if number is None else str(number)
    return str(entry)
