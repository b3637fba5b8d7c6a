"""Finding submissions in whatever layout they came."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from grader.errors import IntakeError, SettingsError
from grader.intake.folders import File, folders_without_notebooks, is_notebook, notebooks_below
from grader.intake.identity import clean_name
from grader.intake.places import Place, place_of
from grader.intake.read import read_bytes, read_notebook
from grader.intake.recognise import recognise
from grader.notebooks.cells import Cell

_LAYOUTS = "a notebook, a folder of notebooks (<student>__<assignment>.ipynb), or a folder of students (<student>/<assignment>.ipynb)"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that somebody handed in, or a student's folder without a notebook.

    `problem` says why it is not graded (`read_submission` raises it); `assignment` is None only where a problem left it unknown.
    `notes` go into the submission's report.
    """

    student: str
    assignment: str | None
    path: Path
    problem: str = ""
    notes: tuple[str, ...] = ()


def find_submissions(
    paths: Sequence[Path], *, pristine: Mapping[str, Sequence[Cell]], student: str | None = None, assignment: str | None = None
) -> Iterator[Found]:
    """Return what was handed in, ordered by student and assignment; `pristine` holds the cells of each known assignment.

    Only notebooks whose place does not name the assignment are opened, to recognise it. Of two files for the same student and
    assignment the newest counts; the others come right before it, with a problem.

    Raises:
        SettingsError: a path does not exist, holds no notebook, or the assignment is unknown.
    """
    if assignment is not None and assignment not in pristine:
        message = f"there is no assignment {assignment!r}; known are: {', '.join(pristine) or 'none'}"
        raise SettingsError(message)
    only = assignment or (next(iter(pristine)) if len(pristine) == 1 else None)
    placed: dict[Path, tuple[File, Place]] = {}
    for path in paths:
        for file, place in _placed(path, pristine):
            placed.setdefault(file.path.absolute(), (file, place))
    told = [_tell(file, student or place.student, place.assignment, pristine, only) for file, place in placed.values()]
    wanted = [one for one in told if assignment in {None, one.found.assignment}]
    if not wanted:
        sought = "notebook" if assignment is None else f"notebook for {assignment}"
        message = f"no {sought} found in {', '.join(map(str, paths))}; what fits is {_LAYOUTS}"
        raise SettingsError(message)
    return iter(_settled(wanted))


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A found file; `sure` when its place or its content says that it is the notebook of the assignment."""

    found: Found
    sure: bool


def _placed(path: Path, assignments: Collection[str]) -> Iterator[tuple[File, Place]]:
    """Yield each notebook at or below a path that somebody typed, with the student and assignment that its place names."""
    if not path.exists():
        raise SettingsError(_no_such_path(path))
    if not path.is_dir():
        if not is_notebook(path):
            message = f"{path} is no notebook (.ipynb); what fits is {_LAYOUTS}"
            raise SettingsError(message)
        yield File(path=path), _place(path, path.parent, assignments)
        return
    root = path / "submitted" if (path / "submitted").is_dir() else path
    files = list(notebooks_below(root))
    if not any(file.path.parent == root for file in files):
        files += folders_without_notebooks(root)
    for file in files:
        yield file, _place(file.path, root, assignments)


def _place(path: Path, root: Path, assignments: Collection[str]) -> Place:
    """Return the place of a file below a root that may itself be the folder of an assignment, a student, or all."""
    parts = (*path.relative_to(root).parts[:-1], path.stem if is_notebook(path) else path.name)
    above = root.resolve()
    while above.name in assignments:
        parts = (above.name, *parts)
        above = above.parent
    return place_of(parts, root=above.name, assignments=assignments)


def _no_such_path(path: Path) -> str:
    siblings = [sibling.name for sibling in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, siblings)
    hint = f"did you mean {' or '.join(close)}?" if close else f"what fits is {_LAYOUTS}"
    return f"{path} does not exist; {hint}"


def _tell(file: File, student: str, assignment: str | None, pristine: Mapping[str, Sequence[Cell]], only: str | None) -> _Told:
    """Return a file with its assignment: the one that its place names, else the one that it is recognised as, else the only one there is."""
    problem = file.problem
    sure = assignment is not None
    if not sure and not problem:
        try:
            assignment = recognise(read_notebook(read_bytes(file.path), path=str(file.path)), pristine)
        except IntakeError as error:
            problem = error.reason
        sure = assignment is not None
        if not sure and not problem and only is None:
            problem = f"it is not clear which assignment this is: name the file after one of {', '.join(pristine)}"
    found = Found(student=clean_name(student) or "unnamed", assignment=assignment or only, path=file.path, problem=problem)
    return _Told(found=found, sure=sure)


def _settled(told: Iterable[_Told]) -> list[Found]:
    """Return one file a student and assignment without a problem, and the others with one."""
    rivals: dict[tuple[str, str | None], list[_Told]] = {}
    settled: list[Found] = []
    for one in told:
        if one.found.problem:
            settled.append(one.found)
        else:
            rivals.setdefault((one.found.student, one.found.assignment), []).append(one)
    for group in rivals.values():
        *others, last = sorted(group, key=lambda one: (one.sure, _modified(one.found.path), one.found.path))
        winner = last.found
        settled += [replace(one.found, problem=_set_aside(one, winner)) for one in others]
        notes = [f"Another file was set aside: {one.found.path.name}." for one in others]
        settled.append(replace(winner, notes=tuple(notes)))
    return sorted(settled, key=lambda found: (found.student, found.assignment or "", not found.problem, found.path))


def _set_aside(one: _Told, winner: Found) -> str:
    if not one.sure:
        return f"set aside: it has nothing in common with {winner.assignment}, and {winner.path.name} of the same student has"
    return f"set aside: {winner.path.name} of the same student for {winner.assignment} is newer"


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
