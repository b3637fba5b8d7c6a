"""Which of a student's cells answer which question."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grader.intake.definitions import defined_names
from grader.intake.read import RawCell
from grader.notebooks.cells import Cell, read_options


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The cells of one question, by index: `counts` is the answer, `own` are all that belong to the question.

    `counts` is not among `own` where the student wrote the answer into the cell of another question. `defining` of them define the entry.
    """

    counts: int
    own: tuple[int, ...]
    defining: int


def marked_question(cell: RawCell, questions: Collection[str], by_id: Mapping[str, str]) -> str | None:
    """Return the question that a cell says it answers: by its first lines, else its id, else its metadata."""
    for candidate in (read_options(cell.source).question, by_id.get(cell.id or ""), cell.question):
        if candidate in questions:
            return candidate
    return None


def question_ids(pristine: Sequence[Cell]) -> dict[str, str]:
    """Return the question of each cell id that stands for one."""
    asked = [cell for cell in pristine if cell.options.question is not None]
    return {identity: cell.options.question or "" for cell in asked for identity in (f"q-{cell.options.question}", cell.id)}


def find_answers(cells: Mapping[int, RawCell], pristine: Sequence[Cell], entries: Mapping[str, str]) -> dict[str, Answered]:
    """Return the answers by question, in the assignment's order.

    A cell belongs to the question that it says it answers; a cell that says nothing belongs to the question whose entry it defines.
    The last cell that defines the entry counts, because its definition is in force after a run; else the last one that belongs.
    """
    by_id = question_ids(pristine)
    questions = list(dict.fromkeys(by_id.values()))
    defined = {index: defined_names(cell.source) for index, cell in cells.items()}
    belongs: dict[int, str] = {}
    for index, cell in cells.items():
        question = marked_question(cell, questions, by_id)
        if question is not None:
            belongs[index] = question
    found: dict[str, Answered] = {}
    for question in questions:
        entry = entries.get(question, question)
        defining = [index for index in cells if entry in defined[index]]
        for index in defining:
            belongs.setdefault(index, question)
        own = tuple(index for index in cells if belongs.get(index) == question)
        if defining or own:
            found[question] = Answered(counts=(defining or own)[-1], own=own, defining=len(defining))
    return found
