"""Finding the public cases that belong to the notebook at hand."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from grader.authoring.public import FILE_NAME, PublicQuestion, load_public
from grader.errors import MalformedValueError

_PARENTS = 2


class NothingToCheckError(Exception):
    """There is nothing to try; the message says why, in a line for the student."""


def find_questions(names: Sequence[str], *, start: Path) -> list[PublicQuestion]:
    """Return the named questions in the order of their names, or all questions.

    The public cases lie in `start` or above it, or in the one folder below `assignments/` that has the named questions.

    Raises:
        NothingToCheckError: there are no public cases, no such questions, or they could be of several assignments.
    """
    published = [_load(path) for path in _files(start)]
    if not published:
        message = f"No public cases here ({FILE_NAME}): nothing was checked."
        raise NothingToCheckError(message)
    fitting = [questions for questions in published if questions.keys() >= set(names)]
    if not fitting:
        raise NothingToCheckError(_unknown(names, [name for questions in published for name in questions]))
    if len(fitting) > 1:
        message = "There are several assignments here: open the notebook in its own folder and call check() again."
        raise NothingToCheckError(message)
    return [fitting[0][name] for name in names or fitting[0]]


def _files(start: Path) -> list[Path]:
    folders = [start, *start.parents][: _PARENTS + 1]
    for folder in folders:
        if (folder / FILE_NAME).is_file():
            return [folder / FILE_NAME]
    for folder in folders:
        if found := sorted(folder.glob(f"assignments/*/{FILE_NAME}")):
            return found
    return []


def _load(path: Path) -> dict[str, PublicQuestion]:
    try:
        return {question.name: question for question in load_public(path.read_bytes())}
    except (OSError, MalformedValueError) as error:
        message = f"{path}: {error}"
        raise NothingToCheckError(message) from error


def _unknown(names: Sequence[str], known: Sequence[str]) -> str:
    unknown = [name for name in names if name not in known]
    if not unknown:
        return f"{', '.join(names)} are not questions of one assignment."
    close = difflib.get_close_matches(unknown[0], known, n=1)
    return f"There is no question {unknown[0]!r}" + (f": did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}.")
