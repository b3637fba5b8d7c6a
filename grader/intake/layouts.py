"""Finding submissions in whatever layout they came."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from grader.errors import IntakeError, SettingsError
from grader.intake.archives import is_archive, unpack
from grader.intake.folders import File, contents, folders_without_notebooks, followed, is_ignored, is_notebook, no_notebook, notebooks_below
from grader.intake.identity import clean_name
from grader.intake.lms import HandedIn, handed_in
from grader.intake.places import Place, place_of
from grader.intake.read import read_bytes, read_notebook
from grader.intake.recognise import recognise
from grader.notebooks.cells import Cell

_LAYOUTS = (
    "a notebook, a folder of notebooks (<student>__<assignment>.ipynb), a folder of students (<student>/<assignment>.ipynb), "
    "or what Canvas, Moodle or Gradescope let you download, as a folder or a zip"
)
_MOST_NAMES_TOLD = 3
_CANVAS_COPY = re.compile(r"-\d+$")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that somebody handed in, or a student's folder without a notebook.

    `problem` says why it is not graded (`read_submission` raises it); `assignment` is None only where a problem left it unknown.
    `notes` go into the submission's report. `place` is where people find the file: `path`, or where it lies in the archive of which
    `path` was unpacked. `lms_id`, `late` and `at` are what a learning platform calls the student and says of when it was handed in, as far as it tells.
    """

    student: str
    assignment: str | None
    path: Path
    place: str
    problem: str = ""
    notes: tuple[str, ...] = ()
    lms_id: str = ""
    late: bool | None = None
    at: datetime | None = None


def find_submissions(
    paths: Sequence[Path],
    *,
    pristine: Mapping[str, Sequence[Cell]],
    scratch: Path,
    student: str | None = None,
    assignment: str | None = None,
    reports: Path | None = None,
) -> Iterator[Found]:
    """Return what was handed in, ordered by student and assignment; `pristine` holds the cells of each known assignment.

    Only notebooks whose place does not name the assignment are opened, to recognise it. Of two files for the same student and
    assignment the newest counts; the others come right before it, with a problem. Archives are unpacked into `scratch`, an empty folder
    that has to stay until what was found is read. The folder of the `reports` may lie among those of students.

    Raises:
        SettingsError: a path does not exist, holds no notebook, or the assignment is unknown; or a `student` is given what is of several.
        IntakeError: an archive cannot be read, or is one that should not be.
    """
    if assignment is not None and assignment not in pristine:
        message = f"there is no assignment {assignment!r}; known are: {', '.join(pristine) or 'none'}"
        raise SettingsError(message)
    only = assignment or (next(iter(pristine)) if len(pristine) == 1 else None)
    placed: dict[Path, _Placed] = {}
    for number, path in enumerate(paths):
        for one in _placed(path, scratch / str(number), pristine):
            if reports is not None and one.file.path.resolve() == reports.resolve():
                continue
            placed.setdefault(one.file.path.absolute(), one)
    named = clean_name(student or "")
    told = _of_their_downloads([_tell(one, name, pristine, only) for one, name in _told_apart(placed.values())])
    wanted = [one for one in told if assignment in {None, one.found.assignment}]
    if not wanted:
        sought = "notebook" if assignment is None else f"notebook for {assignment}"
        message = f"no {sought} found in {', '.join(map(str, paths))}; what fits is {_LAYOUTS}"
        raise SettingsError(message)
    if named:
        _require_one_student(wanted, named)
        wanted = [replace(one, found=replace(one.found, student=named)) for one in wanted]
    return iter(_settled(wanted))


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A file, whose it is by its place, where people find it, and the path that it was found at or below."""

    file: File
    place: Place
    shown: str
    below: Path


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A found file, at or `below` a path that was given; `sure` when its place or its content says that it is the notebook of the assignment.

    `guessed` when nothing says whose it is but what the file is called, be it a student or "homework".
    """

    found: Found
    sure: bool
    guessed: bool
    below: Path


def _placed(path: Path, scratch: Path, assignments: Collection[str]) -> Iterator[_Placed]:
    """Yield each notebook at or below a path that somebody typed, with the student and assignment that its place names."""
    if not path.exists():
        raise SettingsError(_no_such_path(path))
    if path.is_dir():
        for file, place in _below(path, assignments):
            yield _Placed(file=file, place=place, shown=str(file.path), below=path)
    elif is_archive(path):
        unpacked = unpack(path, scratch)
        for file, place in _below(_top(unpacked.root), assignments):
            problem = unpacked.problems.get(file.path, file.problem)
            yield _Placed(file=replace(file, problem=problem), place=place, shown=str(path / file.path.relative_to(unpacked.root)), below=path)
    elif is_notebook(path):
        # in the copy of a student's repository it may be a link that the student made
        yield _Placed(file=followed(path, path.parent), place=_place(path, path.parent, assignments), shown=str(path), below=path)
    else:
        message = f"{path} is no notebook (.ipynb) and no zip archive; what fits is {_LAYOUTS}"
        raise SettingsError(message)


def _below(folder: Path, assignments: Collection[str]) -> Iterator[tuple[File, Place]]:
    submitted = folder / "submitted"
    root = submitted if submitted.is_dir() and not followed(submitted, folder).problem else folder
    files = list(notebooks_below(root))
    handed = handed_in(root)
    if handed:
        files += _without_notebook(root, handed, files)
    elif not any(file.path.parent == root for file in files):
        files += folders_without_notebooks(root)
    for file in files:
        one = handed.get(_first(file.path, root))
        yield file, _place(file.path, root, assignments) if one is None else _handed_place(one, file.path, root, assignments)


def _top(root: Path) -> Path:
    """Return the folder that an archive was made of, where it is the only thing in it and no student's."""
    inside = [path for path in root.iterdir() if not is_ignored(path.name)]
    if len(inside) != 1 or not inside[0].is_dir() or handed_in(root):
        return root
    flat = any(map(is_notebook, inside[0].iterdir()))
    return root if flat and inside[0].name != root.name and not handed_in(inside[0]) else inside[0]


def _without_notebook(root: Path, handed: Mapping[str, HandedIn], files: Iterable[File]) -> Iterator[File]:
    """Yield the first file or folder of each student of a learning platform from whom there is no notebook."""
    having = {handed[first].lms_id for file in files if (first := _first(file.path, root)) in handed}
    others: dict[str, list[str]] = {}
    for name, one in handed.items():
        if one.lms_id not in having and (root / name).exists():
            others.setdefault(one.lms_id, []).append(name)
    for names in others.values():
        inside = [inner for name in names for inner in (contents(root / name) if (root / name).is_dir() else [handed[name].file])]
        yield File(path=root / names[0], problem=no_notebook(inside))


def _first(path: Path, root: Path) -> str:
    """Return the name of the file or folder directly in `root` that a path leads through; empty for `root` itself."""
    return next(iter(path.relative_to(root).parts), "")


def _handed_place(one: HandedIn, path: Path, root: Path, assignments: Collection[str]) -> Place:
    """Return the place of a file from a learning platform, whose student never depends on what the student called it."""
    stem = Path(one.file if path.parent == root else path.name).stem
    folders = path.relative_to(root).parts[1:-1]
    places = [place_of(("-", *folders, name), root="-", assignments=assignments) for name in (stem, _CANVAS_COPY.sub("", stem))]
    named = next((place.assignment for place in places if place.assignment), None)
    above = root.resolve().name
    return Place(student=one.student, assignment=named or (above if above in assignments else None), handed=one)


def _place(path: Path, root: Path, assignments: Collection[str]) -> Place:
    """Return the place of a file below a root that may itself be the folder of an assignment, a student, or all."""
    parts = (*path.relative_to(root).parts[:-1], path.stem if is_notebook(path) else path.name)
    above = root.resolve()
    while above.name in assignments:
        parts = (above.name, *parts)
        above = above.parent
    return place_of(parts, root=above.name, assignments=assignments)


def _told_apart(placed: Collection[_Placed]) -> Iterator[tuple[_Placed, str]]:
    """Yield each file with its student's name; of two whom a learning platform calls the same, each has the platform's number behind it.

    So again while that is what a third is called: who can choose a name must not take another's place by it.
    """
    names = [clean_name(one.place.student) or "unnamed" for one in placed]
    numbers = [_number(one) for one in placed]
    while shared := _of_several(names, numbers):
        names = [f"{name} ({number})" if number and name in shared else name for name, number in zip(names, numbers, strict=True)]
    yield from zip(placed, names, strict=True)


def _of_several(names: Iterable[str], numbers: Iterable[str]) -> set[str]:
    bearers: dict[str, set[str]] = {}
    for name, number in zip(names, numbers, strict=True):
        bearers.setdefault(name, set()).add(number)
    return {name for name, called in bearers.items() if len(called) > 1}


def _number(placed: _Placed) -> str:
    return placed.place.handed.lms_id if placed.place.handed else ""


def _no_such_path(path: Path) -> str:
    siblings = [sibling.name for sibling in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, siblings)
    hint = f"did you mean {' or '.join(close)}?" if close else f"what fits is {_LAYOUTS}"
    return f"{path} does not exist; {hint}"


def _tell(placed: _Placed, student: str, pristine: Mapping[str, Sequence[Cell]], only: str | None) -> _Told:
    """Return a file with its assignment: the one that its place names, else the one that it is recognised as, else the only one there is."""
    file, handed, assignment = placed.file, placed.place.handed, placed.place.assignment
    problem, path = file.problem, file.leads_to or file.path
    sure = assignment is not None
    if not sure and not problem:
        try:
            assignment = recognise(read_notebook(read_bytes(path), path=placed.shown), pristine)
        except IntakeError as error:
            problem = error.reason
        sure = assignment is not None
        if not sure and not problem and only is None:
            problem = f"it is not clear which assignment this is: name the file after one of {', '.join(pristine)}"
    found = Found(
        student=student,
        assignment=assignment or only,
        path=path,
        place=placed.shown,
        problem=problem,
        notes=("It was handed in late, says the learning platform.",) if handed and handed.late else (),
        lms_id=handed.lms_id if handed else "",
        late=handed.late if handed else None,
        at=handed.at if handed else None,
    )
    return _Told(found=found, sure=sure, guessed=handed is None and placed.place.student == file.path.stem, below=placed.below)


def _require_one_student(told: Iterable[_Told], student: str) -> None:
    """Refuse to give one student what is of several, by its places, or by the names of two files for one assignment."""
    named: set[str] = set()
    by_assignment: dict[str | None, set[str]] = {}
    for one in told:
        if one.sure:
            named |= set() if one.guessed else {one.found.student}
            by_assignment.setdefault(one.found.assignment, set()).add(one.found.student)
    for names in (named, *by_assignment.values()):
        if len(names) > 1:
            few = ", ".join(sorted(names)[:_MOST_NAMES_TOLD]) + (", ..." if len(names) > _MOST_NAMES_TOLD else "")
            message = f"--student would give {student} the notebooks of {len(names)} students by their places ({few}): say a path that holds only theirs, or leave --student away"
            raise SettingsError(message)


def _of_their_downloads(told: Sequence[_Told]) -> list[_Told]:
    """Return the files, of which only those that a download is of are not late because the learning platform does not say so.

    Who hands in the notebook of an assignment that is over beside that of the next one would else be in time.
    """
    handed = {(one.below, one.found.assignment, one.found.lms_id) for one in told if one.found.assignment}
    students: Counter[tuple[Path, str | None]] = Counter((below, assignment) for below, assignment, _ in handed)
    most: Counter[Path] = Counter()
    for (below, _), count in students.items():
        most[below] = max(most[below], count)
    return [
        replace(one, found=replace(one.found, late=None))
        if one.found.late is False and 2 * students[one.below, one.found.assignment] < most[one.below]
        else one
        for one in told
    ]


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
        settled.append(replace(winner, notes=(*winner.notes, *notes)))
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
