"""A submission from what a student handed in and what was given out: locked cells back in place, answers found."""

from collections.abc import Mapping, Sequence

from grader.intake.answers import Answered, find_answers
from grader.intake.matching import match_by_id, match_equal, match_similar, unchanged
from grader.intake.notes import notes_on_answers, notes_on_locked
from grader.intake.read import RawCell, RawNotebook
from grader.notebooks.cells import Cell, CellOptions, read_options
from grader.notebooks.submission import Submission


def assemble(raw: RawNotebook, pristine: Sequence[Cell], *, entries: Mapping[str, str], student: str, assignment: str, path: str, digest: str) -> Submission:
    """Return the submission that is graded.

    The student's cells stay in their order. A locked cell is given its pristine source, one that is missing is put back behind its
    predecessor. Of the options in a student's cell only the question counts, and `grade: skip` in a cell of their own that answers none; the rest come from
    the pristine cell that it is a version of.
    `entries` maps a question to the name it is about, where they differ.
    """
    matched = match_equal(raw.cells, _given(pristine))
    free = {place: cell for place, cell in enumerate(raw.cells) if place not in matched.values()}
    code = {place: cell for place, cell in free.items() if cell.kind == "code"}
    answered = find_answers(code, pristine, entries)
    matched |= _answer_cells(pristine, answered)
    matched |= _changed(raw.cells, pristine, matched, answered)
    belongs = {place: question for question, found in answered.items() for place in found.own}
    return Submission(
        student=student,
        assignment=assignment,
        path=path,
        digest=digest,
        cells=tuple(_laid_out(raw.cells, pristine, matched, belongs)),
        answers={question: raw.cells[found.counts].source for question, found in answered.items()},
        notes=(*notes_on_locked(raw.cells, pristine, matched), *notes_on_answers(raw.cells, pristine, answered)),
        tampered=sum(cell.options.locked and index in matched and not unchanged(raw.cells[matched[index]], cell) for index, cell in enumerate(pristine)),
    )


def _given(pristine: Sequence[Cell]) -> dict[int, Cell]:
    """Return the pristine cells that are no answer cells, by index."""
    return {index: cell for index, cell in enumerate(pristine) if cell.options.question is None}


def _answer_cells(pristine: Sequence[Cell], answered: Mapping[str, Answered]) -> dict[int, int]:
    matched = {}
    for index, cell in enumerate(pristine):
        found = answered.get(cell.options.question or "")
        if found is not None and found.own:
            matched[index] = found.counts if found.counts in found.own else found.own[-1]
    return matched


def _changed(raw: Sequence[RawCell], pristine: Sequence[Cell], matched: Mapping[int, int], answered: Mapping[str, Answered]) -> dict[int, int]:
    """Return the matches of given cells that the student changed: by id, else by likeness where it matters which cell it is."""
    taken = {*matched.values(), *(place for found in answered.values() for place in found.own)}
    free = {place: cell for place, cell in enumerate(raw) if place not in taken}
    left = {index: cell for index, cell in _given(pristine).items() if index not in matched}
    found = match_by_id(free, left)
    free = {place: cell for place, cell in free.items() if place not in found.values()}
    left = {index: cell for index, cell in left.items() if index not in found and (cell.options.locked or cell.options.skip)}
    return found | match_similar(free, left, {**matched, **found})


def _laid_out(raw: Sequence[RawCell], pristine: Sequence[Cell], matched: Mapping[int, int], belongs: Mapping[int, str]) -> list[Cell]:
    """Return the cells in the student's order, with missing locked cells behind their predecessors."""
    original = {place: pristine[index] for index, place in matched.items()}
    inserted: dict[int, list[Cell]] = {}
    anchor = -1
    for index, cell in enumerate(pristine):
        anchor = matched.get(index, anchor)
        if cell.options.locked and index not in matched:
            inserted.setdefault(anchor, []).append(cell)
    used = {cell.id for cell in pristine}
    cells = inserted.get(-1, [])
    for place, handed_in in enumerate(raw):
        cells.append(_cell(handed_in, original.get(place), belongs.get(place), used))
        cells.extend(inserted.get(place, []))
    return cells


def _cell(raw: RawCell, original: Cell | None, question: str | None, used: set[str]) -> Cell:
    if original is not None and original.options.locked:
        return original
    if original is not None:
        return Cell(id=original.id, kind=raw.kind, source=raw.source, options=original.options)
    identity = raw.id if raw.id is not None and raw.id not in used else _fresh_id(used)
    used.add(identity)
    skip = question is None and raw.kind == "code" and read_options(raw.source).skip
    return Cell(id=identity, kind=raw.kind, source=raw.source, options=CellOptions(question=question, skip=skip))


def _fresh_id(used: set[str]) -> str:
    number = len(used) + 1
    while f"own-{number}" in used:
        number += 1
    return f"own-{number}"
