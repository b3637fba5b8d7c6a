"""Who handed in what, told from a file's place: identity never comes from the inside of a notebook."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.intake.lms import HandedIn

_COPY = re.compile(r"(?: \(\d+\)| - Copy(?: \(\d+\))?|-Copy\d*)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Place:
    """The student and the assignment that a path names; the assignment is None where it names none.

    `handed` is what a learning platform says of the student and the file.
    """

    student: str
    assignment: str | None
    handed: HandedIn | None = None


def place_of(parts: Sequence[str], *, root: str, assignments: Collection[str]) -> Place:
    """Return whose notebook lies at `parts` (folders, then the file's name without `.ipynb`) below a folder named `root`.

    `<student>__<assignment>`, `<student>_<assignment>`, `<assignment>_<student>`, `<student>` or `<assignment>` (of the student `root`);
    `<student>/<notebook>`; `<student>/<assignment>/<notebook>`; any of these within `<assignment>`.
    """
    *folders, file = parts
    stem = _COPY.sub("", file)
    if not folders:
        return _flat(stem, root, assignments)
    if outer := _named(folders[0], assignments):
        return Place(student=place_of(parts[1:], root=root, assignments=assignments).student, assignment=outer)
    named = next(filter(None, (_named(folder, assignments) for folder in reversed(folders[1:]))), None)
    return Place(student=folders[0], assignment=named or _in_stem(stem, assignments))


def _named(text: str, assignments: Collection[str]) -> str | None:
    return next((name for name in assignments if name.casefold() == text.casefold()), None)


def _flat(stem: str, root: str, assignments: Collection[str]) -> Place:
    if named := _named(stem, assignments):
        return Place(student=root, assignment=named)
    for name in sorted(assignments, key=len, reverse=True):
        for joint in ("__", "_"):
            if stem.casefold().endswith(f"{joint}{name}".casefold()):
                return Place(student=stem[: -len(joint + name)], assignment=name)
            if stem.casefold().startswith(f"{name}{joint}".casefold()):
                return Place(student=stem[len(name + joint) :], assignment=name)
    student, joint, _ = stem.partition("__")
    return Place(student=student if joint else stem, assignment=None)


def _in_stem(stem: str, assignments: Collection[str]) -> str | None:
    """Return the assignment that a file in a student's folder is named after, also as `02-rnn_ada` or `ada_02-rnn`."""
    return _flat(stem, "", assignments).assignment
