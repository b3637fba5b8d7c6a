"""Which assignment a notebook is, told from the questions that it answers."""

from collections.abc import Mapping, Sequence

from grader.intake.answers import marked_question, question_ids
from grader.intake.definitions import defined_names
from grader.intake.read import RawCell, RawNotebook
from grader.notebooks.cells import Cell


def recognise(raw: RawNotebook, pristine_by_assignment: Mapping[str, Sequence[Cell]]) -> str | None:
    """Return the assignment with whose questions a notebook has most in common.

    Of two with as much in common the one with the same title is meant. None when nothing is in common, or both are alike.
    """
    defined = frozenset[str]().union(*(defined_names(cell.source) for cell in raw.cells if cell.kind == "code"))
    title = _title(raw.cells)
    scored: list[tuple[int, bool, str]] = []
    for assignment, pristine in pristine_by_assignment.items():
        by_id = question_ids(pristine)
        questions = set(by_id.values())
        marked = {marked_question(cell, questions, by_id) for cell in raw.cells}
        same_title = title is not None and title == _title(pristine)
        scored.append((len(questions & (marked | defined)), same_title, assignment))
    best = max(scored, default=None)
    if best is None or not any(best[:2]) or sum(score[:2] == best[:2] for score in scored) > 1:
        return None
    return best[2]


def _title(cells: Sequence[RawCell | Cell]) -> str | None:
    """Return the first heading of a notebook."""
    return next((line for cell in cells if cell.kind == "markdown" for line in cell.source.split("\n") if line.startswith("# ")), None)
