"""Cells and the `#|` options in their first lines."""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

_OPTION = re.compile(r"#\|\s*(?P<key>[a-z_-]+)\s*(?::(?P<value>.*))?$")
_MOST_OPTIONS = 100  # a file of nothing else has millions, and each cell is asked many times


@dataclass(frozen=True, kw_only=True)
class CellOptions:
    """A cell's role: the question it answers, whether it is restored, whether grading runs it, whether students get it."""

    question: str | None = None
    locked: bool = False
    skip: bool = False
    solution_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a notebook, without its outputs."""

    id: str
    kind: Literal["code", "markdown"]
    source: str
    options: CellOptions = CellOptions()


def read_options(source: str) -> CellOptions:
    """Return the options that stand in the first lines of a cell: `#| question: NAME`, `#| locked`, `#| grade: skip`, `#| solution-only`.

    Lines after the first that is not an option do not count. Unknown options (Quarto and nbdev have many) are passed over.
    """
    found: dict[str, str] = {}
    for line in source.splitlines()[:_MOST_OPTIONS]:
        match = _OPTION.match(line.strip())
        if match is None:
            break
        found[match["key"]] = (match["value"] or "").strip()
    return CellOptions(
        question=found.get("question") or None,
        locked="locked" in found and found["locked"] != "false",
        skip=found.get("grade") == "skip",
        solution_only="solution-only" in found and found["solution-only"] != "false",
    )


def cell_digest(source: str) -> str:
    """Return the SHA-256 by which a traceback's cell is found again; blank lines at the end do not count."""
    return hashlib.sha256(source.rstrip().encode(errors="replace")).hexdigest()
