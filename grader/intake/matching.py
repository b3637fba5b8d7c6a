"""Which of a student's cells is which of the cells that were given out."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from grader.intake.read import RawCell
from grader.notebooks.cells import Cell, read_options

_SAME = 0.5  # a share of equal lines above which two cells are versions of one
_FOR_THE_MARK = 0.3  # what `#| locked` adds: a marked cell needs a fifth of its lines
_FOR_THE_PLACE = 0.2  # what the right neighbours add: mark and place are enough


def normalised(source: str) -> str:
    """Return a source without what editors change by themselves: line ends and trailing blanks."""
    return "\n".join(line.rstrip() for line in source.split("\n")).strip("\n")


def unchanged(raw: RawCell, cell: Cell) -> bool:
    """Return whether the student left a cell as it was given."""
    return raw.kind == cell.kind and normalised(raw.source) == normalised(cell.source)


def match_equal(raw: Sequence[RawCell], pristine: Mapping[int, Cell]) -> dict[int, int]:
    """Return the student's cell (by index) for each given cell that was left as it was."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, cell in reversed(list(enumerate(raw))):
        places.setdefault((cell.kind, normalised(cell.source)), []).append(place)
    return {index: same.pop() for index, cell in pristine.items() if (same := places.get((cell.kind, normalised(cell.source))))}


def match_by_id(raw: Mapping[int, RawCell], pristine: Mapping[int, Cell]) -> dict[int, int]:
    """Return the student's cell for each given cell whose id it carries; the first of several."""
    places: dict[str | None, int] = {}
    for place, cell in raw.items():
        places.setdefault(cell.id, place)
    return {index: places[cell.id] for index, cell in pristine.items() if cell.id in places}


def match_similar(raw: Mapping[int, RawCell], pristine: Mapping[int, Cell], known: Mapping[int, int]) -> dict[int, int]:
    """Return the student's cell for each given cell that is recognised by its lines, the `#| locked` mark and its place.

    `known` holds the matches found so far; the place is right when it lies between the nearest of them.
    """
    lines = {place: _lines(cell.source) for place, cell in raw.items()}
    marked = {place for place, cell in raw.items() if read_options(cell.source).locked}
    scored: list[tuple[float, int, int]] = []
    for index, cell in pristine.items():
        wanted = _lines(cell.source)
        gap = _gap(index, known)
        for place in raw:
            score = _share(wanted, lines[place])
            score += _FOR_THE_MARK * (cell.options.locked and place in marked)
            score += _FOR_THE_PLACE * (place in gap)
            if score >= _SAME:
                scored.append((-score, index, place))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, index, place in sorted(scored):
        if index not in found and place not in taken:
            found[index] = place
            taken.add(place)
    return found


def _lines(source: str) -> Counter[str]:
    return Counter(line.strip() for line in source.split("\n") if line.strip())


def _share(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of lines that two sources have in common, 0 to 1 (Sorensen-Dice)."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _gap(index: int, known: Mapping[int, int]) -> range:
    """Return the places between the nearest matched cells before and after a given cell."""
    before = [place for other, place in sorted(known.items()) if other < index]
    after = [place for other, place in sorted(known.items()) if other > index]
    return range(before[-1] + 1 if before else 0, after[0] if after else sys.maxsize)
