"""nbgrader's markers: the regions of a cell that students do not get."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import AuthorError

STUB = ("# YOUR CODE HERE", "raise NotImplementedError")

_NEARLY = re.compile(r"\s*#.*(BEGIN|END)[\s_-]+(SOLUTION|HIDDEN)", re.IGNORECASE)
_MARKER = re.compile(r"(?P<indent>\s*)#+\s*(?P<edge>BEGIN|END)\s+(?P<region>SOLUTION|HIDDEN TESTS)\s*")


@dataclass(frozen=True, kw_only=True)
class Split:
    """A cell's source as students get it, and the solution blocks that were cut out of it."""

    released: str
    solutions: tuple[str, ...]


def split_cell(source: str, *, file: str, cell: str) -> Split:
    """Return what students get of a cell: each solution becomes a stub, hidden tests vanish.

    Raises:
        AuthorError: for a marker without its partner and for a region inside a region, with the cell and the line.
    """
    lines = source.split("\n")
    _check_balance(lines, file=file, cell=cell)
    released: list[str] = []
    solutions: list[str] = []
    block: list[str] = []
    inside = False
    for line in lines:
        marker = _MARKER.fullmatch(line)
        if marker is None:
            (block if inside else released).append(line)
        elif marker["edge"] == "BEGIN":
            inside, block = True, []
            if marker["region"] == "SOLUTION":
                released += [marker["indent"] + stub for stub in STUB]
        else:
            inside = False
            if marker["region"] == "SOLUTION":
                solutions.append("\n".join(block))
    return Split(released="\n".join(released), solutions=tuple(solutions))


def _check_balance(lines: Sequence[str], *, file: str, cell: str) -> None:
    opened: re.Match[str] | None = None
    opened_at = 0
    for number, line in enumerate(lines, start=1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if _NEARLY.match(line):
                raise _wrong(file, cell, number, f"{line.strip()!r} looks like a marker and is none")
            continue
        if marker["edge"] == "BEGIN" and opened is not None:
            raise _wrong(file, cell, number, f"a region begins inside the region that line {opened_at} began")
        if marker["edge"] == "END" and (opened is None or opened["region"] != marker["region"]):
            raise _wrong(file, cell, number, f"{line.strip()} ends nothing that began")
        opened, opened_at = (marker, number) if marker["edge"] == "BEGIN" else (None, 0)
    if opened is not None:
        raise _wrong(file, cell, opened_at, f"{opened.group().strip()} is never ended")


def _wrong(file: str, cell: str, line: int, problem: str) -> AuthorError:
    return AuthorError(file=file, problem=f"cell {cell}, line {line}: {problem}", remedy="Each ### BEGIN needs its ### END, and regions do not nest")
