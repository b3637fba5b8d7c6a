"""The notebook that students open, made of the solution notebook."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from grader.errors import AuthorError
from grader.notebooks.cells import Cell, CellOptions, read_options
from grader.notebooks.solution import read_solution
from grader.release.markers import split_cell

_METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class SplitCell:
    """One cell of the solution notebook: what students get of it, and what they do not."""

    cell: Cell
    raw: NotebookNode
    solutions: tuple[str, ...]

    @property
    def dropped(self) -> bool:
        """Whether students get nothing of it."""
        return self.cell.options.solution_only


def split_notebook(path: Path) -> tuple[SplitCell, ...]:
    """Return the cells of a solution notebook, each with the id that it has for students: `q-<question>`, or its own.

    Raises:
        AuthorError: for a file that is no notebook, unbalanced markers, and an answer cell that is not to be filled in.
    """
    cells = tuple(_name_cells(_split_cells(path), file=str(path)))
    for split in cells:
        if split.cell.options.question is not None:
            _check_answer_cell(split, file=str(path))
    return cells


def student_notebook(cells: tuple[SplitCell, ...]) -> str:
    """Return the released notebook as JSON: no outputs, no solutions, the same bytes for the same cells."""
    notebook = new_notebook(metadata=_METADATA, cells=[_released(split) for split in cells if not split.dropped])
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def released_cells(cells: tuple[SplitCell, ...]) -> tuple[Cell, ...]:
    """Return the cells as students get them: what a submission is put together with again."""
    return tuple(split.cell for split in cells if not split.dropped and split.raw.cell_type != "raw")


def _split_cells(path: Path) -> Iterator[SplitCell]:
    for position, raw in enumerate(read_solution(path).cells, start=1):
        is_code = raw.cell_type == "code"
        options = read_options(raw.source) if is_code else CellOptions()
        split = split_cell(raw.source, file=str(path), cell=f"{position} ({options.question or raw.cell_type})")
        if split.solutions and (options.locked or not is_code):
            kind = "locked" if options.locked else raw.cell_type
            raise AuthorError(
                file=str(path), problem=f"cell {position} is {kind} and has a solution", remedy="Solutions stand in code cells that students fill in"
            )
        cell = Cell(id=f"c-{position:02}", kind="code" if is_code else "markdown", source=split.released, options=options)
        yield SplitCell(cell=cell, raw=raw, solutions=(raw.source,) if options.solution_only else split.solutions)


def _name_cells(cells: Iterator[SplitCell], *, file: str) -> Iterator[SplitCell]:
    """Yield the cells with ids that stay the same when a cell is put in above: the author's own where there is one."""
    taken: set[str] = set()
    for split in cells:
        question = split.cell.options.question
        own = str(split.raw.get("id", ""))
        name = f"q-{question}" if question is not None else own
        if question is not None and name in taken:
            raise AuthorError(file=file, question=question, problem="it has two cells", remedy="A question has one answer cell: join them")
        if not _CELL_ID.fullmatch(name) or name in taken or (question is None and name.startswith("q-")):
            name = split.cell.id
        taken.add(name)
        yield replace(split, cell=replace(split.cell, id=name))


def _check_answer_cell(split: SplitCell, *, file: str) -> None:
    question = split.cell.options.question
    if not split.solutions:
        raise AuthorError(
            file=file, question=question, problem="its cell has no solution to cut out", remedy="Put it between ### BEGIN SOLUTION and ### END SOLUTION"
        )
    try:
        ast.parse(split.cell.source)
    except SyntaxError as error:
        raise AuthorError(
            file=file,
            question=question,
            problem=f"without its solution the cell is no Python (line {error.lineno}: {error.msg})",
            remedy="Put whole statements between the markers",
        ) from error


def _released(split: SplitCell) -> NotebookNode:
    cell = NotebookNode(cell_type=split.raw.cell_type, id=split.cell.id, source=split.cell.source, metadata=_cell_metadata(split.cell.options))
    if split.raw.cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    if split.raw.get("attachments"):
        cell.attachments = split.raw.attachments
    return cell


def _cell_metadata(options: CellOptions) -> dict[str, object]:
    if options.question is not None:
        return {"grader": {"question": options.question}}
    if options.locked:
        return {"grader": {"locked": True}, "deletable": False, "editable": False}
    return {}
