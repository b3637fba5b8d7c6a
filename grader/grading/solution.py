"""What a bundle is made of: the cells of the solution notebook, and a hash of all of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

import grader
from grader.errors import AuthorError
from grader.notebooks.cells import Cell, CellOptions, read_options
from grader.notebooks.solution import notebook_path, read_solution

_BUNDLE_FORMAT = 1


def solution_cells(folder: Path) -> tuple[Cell, ...]:
    """Return the cells of the solution notebook.

    Raises:
        AuthorError: there is no notebook, or it cannot be read.
    """
    cells = [(cell.get("id", f"cell-{number}"), cell.cell_type, cell.source) for number, cell in enumerate(read_solution(notebook_path(folder)).cells)]
    return tuple(
        Cell(id=cell_id, kind="code" if kind == "code" else "markdown", source=source, options=read_options(source) if kind == "code" else CellOptions())
        for cell_id, kind, source in cells
        if kind in ("code", "markdown")
    )


def answer_source(cells: Sequence[Cell], question: str, *, file: str) -> str:
    """Return the source of the one cell that answers a question.

    Raises:
        AuthorError: no cell does, or several do.
    """
    found = [cell.source for cell in cells if cell.options.question == question]
    if len(found) != 1:
        count = "no cell answers" if not found else f"{len(found)} cells answer"
        raise AuthorError(file=file, question=question, problem=f"{count} this question", remedy=f"Begin exactly one cell with `#| question: {question}`")
    return found[0]


def bundle_version(folder: Path, pristine: Sequence[Cell]) -> str:
    """Return a hash of everything that a bundle is made of: the assignment's files, what students got, grader, torch and numpy."""
    hashed = hashlib.sha256()
    made_by = [_BUNDLE_FORMAT, grader.__version__, torch.__version__, np.__version__]
    hashed.update(json.dumps([made_by, [asdict(cell) for cell in pristine]]).encode())
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inner.parts):
            hashed.update(json.dumps([inner.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()]).encode())
    return hashed.hexdigest()
