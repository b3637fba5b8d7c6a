"""Sentences for the report about what was found odd in a submission."""

from collections.abc import Iterator, Mapping, Sequence

from grader.intake.answers import Answered, marked_question, question_ids
from grader.intake.matching import unchanged
from grader.intake.read import RawCell
from grader.notebooks.cells import Cell, read_options


def notes_on_locked(raw: Sequence[RawCell], pristine: Sequence[Cell], matched: Mapping[int, int]) -> Iterator[str]:
    """Yield a note for each locked cell that had to be restored."""
    for index, cell in enumerate(pristine):
        if not cell.options.locked:
            continue
        if index not in matched:
            yield f"A locked cell was missing and was put back: the one that begins `{_beginning(cell)}`."
        elif not unchanged(raw[matched[index]], cell):
            yield f"A locked cell had been changed and was restored: the one that begins `{_beginning(cell)}`."


def notes_on_answers(raw: Sequence[RawCell], pristine: Sequence[Cell], answered: Mapping[str, Answered]) -> Iterator[str]:
    """Yield a note for each answer that does not stand where it is looked for."""
    for question, found in answered.items():
        if found.defining > 1:
            yield f"{question}: {found.defining} cells define it; the last one counts."
        elif found.counts not in found.own:
            yield f"{question}: the answer was found in the cell of another question."
    by_id = question_ids(pristine)
    for cell in raw:
        claimed = marked_question(cell, set(by_id.values()), by_id)
        unknown = read_options(cell.source).question
        if cell.kind == "markdown" and claimed is not None and claimed not in answered:
            yield f"{claimed}: its cell is a text cell, so it does not run; turn it into a code cell."
        elif cell.kind == "code" and claimed is None and unknown is not None:
            yield f"A cell is marked for the question {unknown[:40]!r}, which this assignment does not have."


def _beginning(cell: Cell) -> str:
    lines = (line.strip() for line in cell.source.split("\n"))
    return next((line[:60] for line in lines if line and not line.startswith("#|")), cell.id)
