"""Writing what students get of an assignment, after a search for what they must not get."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.authoring.assignment import Assignment
from grader.authoring.case import Case
from grader.authoring.load import draw_cases, load_assignment
from grader.authoring.public import FILE_NAME, PublicQuestion, dump_public
from grader.authoring.question import Question
from grader.errors import AuthorError, ReleaseError
from grader.notebooks.solution import notebook_path
from grader.release.leaks import Solution, find_leaks
from grader.release.student_notebook import SplitCell, split_notebook, student_notebook


def render(solution_folder: Path, public: Sequence[PublicQuestion]) -> dict[str, bytes]:
    """Return the files that students get, by name: the same bytes for the same assignment.

    Raises:
        AuthorError: when notebook and questions do not fit each other.
        ReleaseError: when a file would give something of the solution away.
    """
    assignment = load_assignment(solution_folder)
    questions = {question: draw_cases(solution_folder.name, question) for question in assignment.questions}
    path = notebook_path(solution_folder)
    cells = split_notebook(path)
    _check_answer_cells(assignment, cells, file=str(path))
    _check_public(questions, public)
    files = {path.name: student_notebook(cells).encode(), FILE_NAME: dump_public(public)}
    solutions = [Solution(cell=split.cell.id, text="\n".join(split.solutions)) for split in cells if split.solutions]
    leaks = find_leaks(files, solutions=solutions, given=_given(cells, public), questions=questions)
    if leaks:
        message = "\n".join([f"{solution_folder.name} would give something away:", *leaks])
        raise ReleaseError(message)
    return files


def release(solution_folder: Path, public: Sequence[PublicQuestion], destination: Path) -> tuple[str, ...]:
    """Write what students get into `destination` and return the names of the files that changed."""
    files = render(solution_folder, public)
    changed = _differing(files, destination)
    destination.mkdir(parents=True, exist_ok=True)
    for name in changed:
        (destination / name).write_bytes(files[name])
    return changed


def stale_files(solution_folder: Path, public: Sequence[PublicQuestion], destination: Path) -> tuple[str, ...]:
    """Return the names of the files in `destination` that are not what would be released now."""
    return _differing(render(solution_folder, public), destination)


def _differing(files: Mapping[str, bytes], destination: Path) -> tuple[str, ...]:
    return tuple(name for name, data in files.items() if not (destination / name).is_file() or (destination / name).read_bytes() != data)


def _check_answer_cells(assignment: Assignment, cells: Sequence[SplitCell], *, file: str) -> None:
    asked = {question.name for question in assignment.questions}
    answered = {split.cell.options.question for split in cells} - {None}
    for name in sorted(asked - answered):
        raise AuthorError(file=file, question=name, problem="it has no answer cell", remedy=f"Begin its cell with #| question: {name}")
    for name in sorted(str(name) for name in answered - asked):
        raise AuthorError(file=file, question=name, problem="questions.py does not have it", remedy="Write the question, or take the cell's mark away")


def _check_public(questions: Mapping[Question, list[Case]], public: Sequence[PublicQuestion]) -> None:
    meant = {question.name: [case.name for case in cases if case.public] for question, cases in questions.items()}
    given = {question.name: [case.name for case in question.cases] for question in public}
    for name in meant.keys() | given.keys():
        if meant.get(name) != given.get(name):
            message = f"{name}: its public cases are {meant.get(name)}, and these would be released: {given.get(name)}"
            raise ReleaseError(message)


def _given(cells: Sequence[SplitCell], public: Sequence[PublicQuestion]) -> list[str]:
    """Return the texts that an author hands out knowingly."""
    texts = [split.cell.source for split in cells if not split.dropped]
    for question in public:
        texts += [question.title, *question.forbids]
        for case in question.cases:
            texts += [case.name, case.driver or "", case.check or ""]
    return texts
