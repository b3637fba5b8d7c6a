"""Whose file it is, told from the names that Canvas, Moodle and Gradescope give to what they let instructors download."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from grader.errors import IntakeError
from grader.intake.folders import contents, is_notebook
from grader.intake.identity import clean_name
from grader.intake.read import read_bytes

METADATA = "submission_metadata.yml"

# The first number that stands alone is the platform's: it takes underscores and such numbers out of the names that it puts in front.
_CANVAS = re.compile(r"(?P<student>.+?)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL)
_MOST_NAME = 80
_MOST_LEVELS = 100


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """Whose a file or folder is, as a learning platform says.

    `file` is what the student had called a file, where the platform put more before it; `late` and `at` (when it was handed in) are None where the
    platform does not tell.
    """

    student: str
    lms_id: str
    file: str = ""
    late: bool | None = None
    at: datetime | None = None


def handed_in(root: Path) -> Mapping[str, HandedIn]:
    """Return whose each file or folder directly in `root` is, by its name; empty where the folder comes from no learning platform.

    Raises:
        IntakeError: Gradescope's list of submissions cannot be read.
    """
    try:
        names = contents(root)
    except OSError:
        return {}
    if METADATA in names:
        return {name: one for name, one in _gradescope(root / METADATA) if name in names}
    moodle = {name: _of(found) for name in names if (found := _MOODLE.fullmatch(name)) and not _begins_as_canvas(name, found)}
    if moodle:
        return moodle
    notebooks = [name for name in names if is_notebook(Path(name))]
    if notebooks and all(map(_CANVAS.fullmatch, notebooks)):
        return {name: _of(found) for name in names if (found := _CANVAS.fullmatch(name))}
    return {}


def _begins_as_canvas(name: str, moodle: re.Match[str]) -> bool:
    """Return whether Canvas's part of a name comes before Moodle's, which then is in what a student called a file, to have the others' files misread."""
    canvas = _CANVAS.fullmatch(name)
    return canvas is not None and canvas.end("student") < moodle.end("student")


def _of(found: re.Match[str]) -> HandedIn:
    parts = found.groupdict()
    return HandedIn(
        student=clean_name(parts["student"])[:_MOST_NAME],
        lms_id=parts["id"],
        file=parts["file"] or "",
        late=parts["late"] is not None if "late" in parts else None,
    )


def _gradescope(path: Path) -> Iterator[tuple[str, HandedIn]]:
    """Yield each submission's folder with its students; those who handed in together share one."""
    submissions = _read_metadata(path)
    for folder, submission in submissions.items():
        people = [person for person in _list(submission, ":submitters") if isinstance(person, dict)]
        if people:
            names = " & ".join(clean_name(_text(person, ":name"))[:_MOST_NAME] or "unnamed" for person in people)
            lms_id = _text(people[0], ":sid") or _text(people[0], ":email")
            yield str(folder), HandedIn(student=names, lms_id=clean_name(lms_id), at=_time(submission.get(":created_at")))


def _read_metadata(path: Path) -> dict[Any, Any]:
    try:
        data = read_bytes(path)
        _check_depth(data)
        # The base loader knows strings, lists and dictionaries alone: no tags, no merging, no numbers that lose their zeros.
        document = yaml.load(data, Loader=yaml.CBaseLoader)  # noqa: S506 - safer than the safe one
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise IntakeError(path=str(path), reason=f"Gradescope's list of submissions cannot be read ({error}): export it again") from error
    if not isinstance(document, dict):
        raise IntakeError(path=str(path), reason="this is not Gradescope's list of submissions: export it again")
    return document


def _check_depth(data: bytes) -> None:
    """Refuse what is nested so deeply that libyaml, which calls itself for each level, would end the process."""
    depth = 0
    for event in yaml.parse(data, Loader=yaml.CBaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_LEVELS:
            message = f"it is nested more than {_MOST_LEVELS} levels deep"
            raise ValueError(message)


def _list(submission: object, key: str) -> list[Any]:
    found = submission.get(key) if isinstance(submission, dict) else None
    return found if isinstance(found, list) else []


def _time(written: object) -> datetime | None:
    """Return a time that Gradescope wrote, which is UTC; fractions of seconds are left out."""
    said = written.get("utc") if isinstance(written, dict) else written
    try:
        return datetime.strptime(said[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if isinstance(said, str) else None
    except ValueError:
        return None


def _text(person: Mapping[Any, Any], key: str) -> str:
    found = person.get(key)
    return found if isinstance(found, str) and found not in {"~", "null"} else ""
