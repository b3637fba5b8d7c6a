"""What students typed into a notebook file, of any format from 3 to 4.5; everything else in the file is dropped."""

import json
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from grader.errors import IntakeError
from grader.intake.decode import UnreadableError, decode, explain

MAX_BYTES = 20 * 1024**2
MAX_CELLS = 2000
MAX_SOURCE_CHARACTERS = 1024**2
MAX_CODE_CHARACTERS = 512 * 1024
MAX_DEPTH = 100
MAX_PARTS = 500_000
MAX_DIGITS = 100

_TOO_LARGE = f"the file is larger than {MAX_BYTES // 1024**2} MB: clear all outputs, save the notebook and hand it in again"
_NO_FILE = "this is no ordinary file"
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KINDS: dict[str, Literal["code", "markdown"]] = {"code": "code", "markdown": "markdown", "raw": "markdown", "html": "markdown", "heading": "markdown"}


@dataclass(frozen=True, kw_only=True)
class RawCell:
    """A cell as handed in: line ends are LF, raw and heading cells count as markdown.

    `question` is what the cell's metadata say under `grader.question`; `id` is None where it is missing or no valid cell id.
    """

    id: str | None = None
    kind: Literal["code", "markdown"] = "code"
    source: str
    question: str | None = None


@dataclass(frozen=True, kw_only=True)
class RawNotebook:
    """The cells of a notebook as handed in."""

    cells: tuple[RawCell, ...]


def read_bytes(path: Path) -> bytes:
    """Return what a file holds; no link is followed, also where one was put in the file's place after it was found.

    Raises:
        IntakeError: it is no ordinary file, cannot be opened, or is too large.
    """
    try:
        # without waiting: a pipe that nobody writes into would hold up the run
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise IntakeError(path=str(path), reason=_NO_FILE)
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise IntakeError(path=str(path), reason=_NO_FILE) from error
    except OSError as error:
        reason = f"the file cannot be opened: {error.strerror}"
        raise IntakeError(path=str(path), reason=reason) from error
    if len(data) > MAX_BYTES:
        raise IntakeError(path=str(path), reason=_TOO_LARGE)
    return data


def read_notebook(data: bytes, *, path: str) -> RawNotebook:
    """Return the cells of a notebook file.

    Raises:
        IntakeError: the bytes are no notebook, or larger or deeper than any notebook should be; the reason is a sentence for the student.
    """
    try:
        if len(data) > MAX_BYTES:
            _refuse(_TOO_LARGE)
        return RawNotebook(cells=_cells(_parse(decode(data))))
    except UnreadableError as error:
        raise IntakeError(path=path, reason=str(error)) from error


def _refuse(reason: str) -> NoReturn:
    raise UnreadableError(reason)


def _parse(text: str) -> object:
    _check_shape(text)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise UnreadableError(explain(text, error)) from error


def _check_shape(text: str) -> None:
    """Refuse JSON that is nested too deeply or has too many parts, before a parser spends memory on it."""
    depth = parts = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = text[match.start()]
        if bracket in "[{":
            depth += 1
            parts += 1
            if depth > MAX_DEPTH:
                _refuse(f"the file is nested more than {MAX_DEPTH} levels deep: no notebook is; clear all outputs and save it again")
            if parts > MAX_PARTS:
                _refuse(f"the file has more than {MAX_PARTS} lists and objects: clear all outputs and save it again")
        elif bracket in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        _refuse(f"the key {key[:40]!r} stands twice in one object, so it is unclear which is meant: open the notebook in Jupyter and save it again")
    return found


def _no_number(name: str) -> NoReturn:
    _refuse(f"{name} is no number in JSON: clear all outputs and save the notebook again")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _refuse(f"a number in the file has {len(digits)} digits: clear all outputs and save the notebook again")
    return int(digits)


def _cells(document: object) -> tuple[RawCell, ...]:
    if not isinstance(document, dict) or "nbformat" not in document:
        _refuse("the file is JSON, but no notebook: it does not say its 'nbformat'")
    match document["nbformat"]:
        case int(4):
            found = _list_of(document, "cells")
        case int(3):
            sheets = _list_of(document, "worksheets")
            found = [cell for sheet in sheets for cell in _list_of(sheet, "cells")]
        case version:
            _refuse(f"the notebook format {str(version)[:20]!r} is not supported (3 and 4 are): save the notebook with a current Jupyter")
    if len(found) > MAX_CELLS:
        _refuse(f"the notebook has {len(found)} cells; at most {MAX_CELLS} are read")
    cells = tuple(_cell(cell, number) for number, cell in enumerate(found, start=1))
    if (characters := sum(len(cell.source) for cell in cells if cell.kind == "code")) > MAX_CODE_CHARACTERS:
        _refuse(f"the notebook has {characters} characters of code; at most {MAX_CODE_CHARACTERS} are read: keep data in files, not in cells")
    return cells


def _list_of(document: object, key: str) -> list[Any]:
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, list):
        _refuse(f"the file is JSON, but no notebook: it has no list of {key}")
    return found


def _cell(cell: object, number: int) -> RawCell:
    if not isinstance(cell, dict):
        _refuse(f"cell {number} is no cell")
    kind = cell.get("cell_type")
    if not isinstance(kind, str) or kind not in _KINDS:
        _refuse(f"cell {number} has an unknown type: {str(kind)[:40]!r}")
    source = _source(cell, number)
    identity = cell.get("id")
    return RawCell(
        id=identity if isinstance(identity, str) and _CELL_ID.fullmatch(identity) else None,
        kind=_KINDS[kind],
        source=f"# {source}" if kind == "heading" else source,
        question=_question(cell.get("metadata")),
    )


def _source(cell: dict[str, Any], number: int) -> str:
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        _refuse(f"cell {number} has no source")
    if len(source) > MAX_SOURCE_CHARACTERS:
        _refuse(f"cell {number} has {len(source)} characters; at most {MAX_SOURCE_CHARACTERS} are read")
    return _clean(source)


def _clean(source: str) -> str:
    """Return a source that every later step can encode: line ends are LF, NUL and lone surrogates are U+FFFD."""
    whole = source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _question(metadata: object) -> str | None:
    ours = metadata.get("grader") if isinstance(metadata, dict) else None
    question = ours.get("question") if isinstance(ours, dict) else None
    return question if isinstance(question, str) else None
