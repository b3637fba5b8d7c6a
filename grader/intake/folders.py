"""The notebook files below a folder, and what stands in their way."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 12
"""So many folders may a notebook lie below the one that is looked through."""

_IGNORED = frozenset({"__MACOSX", "__pycache__"})


@dataclass(frozen=True, kw_only=True)
class File:
    """A notebook file, or (with a `problem`) something in its stead that cannot be read; `leads_to` is where the file lies of which `path` is a link."""

    path: Path
    problem: str = ""
    leads_to: Path | None = None


def notebooks_below(root: Path) -> Iterator[File]:
    """Yield the notebooks below a folder in the order of their paths; links may not lead out of the student's own folder."""
    failures: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=failures.append):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        for name in folders + sorted(names):
            path = here / name
            if is_ignored(name) or not (name in folders or is_notebook(path)):
                continue
            file = followed(path, root)
            if file.problem or name not in folders:
                yield file
        if len(here.relative_to(root).parts) >= DEEPEST:
            folders.clear()
    for failure in failures:
        yield File(path=Path(failure.filename), problem=f"this folder cannot be opened: {failure.strerror}")


def is_notebook(path: Path) -> bool:
    """Return whether a file's name is that of a notebook."""
    return path.suffix.casefold() == ".ipynb"


def folders_without_notebooks(root: Path) -> Iterator[File]:
    """Yield the folders directly below `root` that hold something, but no notebook."""
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink() and not is_ignored(path.name)):
        if any(notebooks_below(folder)):
            continue
        if others := contents(folder):
            yield File(path=folder, problem=no_notebook(others))


def contents(folder: Path) -> list[str]:
    """Return the names of what a folder holds."""
    return sorted(path.name for path in folder.iterdir() if not is_ignored(path.name))


def no_notebook(others: Sequence[str]) -> str:
    """Return a sentence for somebody who handed in only other files."""
    return f"no notebook was handed in; found instead: {', '.join(others[:5])}"


def is_ignored(name: str) -> bool:
    """Return whether a file or folder is something that programs leave behind."""
    return name.startswith(".") or name in _IGNORED


def followed(path: Path, root: Path) -> File:
    """Return a file that may be a link: one is not followed out of the student's own folder, which lies directly in `root`, or is `root`."""
    if not path.is_symlink():
        return File(path=path)
    parts = path.relative_to(root).parts
    home = root / parts[0] if len(parts) > 1 else root
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return File(path=path, problem="this is a link that leads nowhere: hand in the file itself")
    if not target.is_relative_to(home.resolve()):
        return File(path=path, problem="this is a link that leads out of the folder: hand in the file itself")
    return File(path=path, leads_to=target)
