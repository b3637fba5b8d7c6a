"""A course on disk: which assignments it has, and their bundles."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from difflib import get_close_matches
from pathlib import Path

from grader.authoring.limits import Limits
from grader.errors import SettingsError
from grader.execution.answers import Session
from grader.execution.limits import KernelLimits
from grader.grading.bundle import Bundle
from grader.grading.store import cached_bundle
from grader.notebooks.cells import Cell
from grader.notebooks.solution import notebook_path
from grader.release.student_notebook import released_cells, split_notebook
from grader.scheduling.slots import LocalSlots


def find_assignments(solutions: Path, only: Collection[str] = ()) -> dict[str, Path]:
    """Return the folders of a course's assignments by name.

    Raises:
        SettingsError: there is no such folder, no assignment in it, or none of a name in `only`.
    """
    folders = {folder.name: folder for folder in sorted(solutions.glob("*/")) if notebook_path(folder).is_file()}
    if not folders:
        message = f"{solutions} holds no assignment: each is a folder NAME with NAME.ipynb and questions.py. Begin one with `grader new NAME`."
        raise SettingsError(message)
    for name in only:
        if name not in folders:
            close = get_close_matches(name, folders, n=1)
            message = f"There is no assignment {name!r} in {solutions}; " + (f"did you mean {close[0]!r}?" if close else f"there are {', '.join(folders)}.")
            raise SettingsError(message)
    return {name: folder for name, folder in folders.items() if not only or name in only}


def pristine_cells(folder: Path) -> tuple[Cell, ...]:
    """Return an assignment's cells as students get them."""
    return released_cells(split_notebook(notebook_path(folder)))


async def load_bundle(folder: Path, slots: LocalSlots, cache: Path) -> Bundle:
    """Return an assignment's bundle, built when its files or the versions of grader and torch have changed.

    Raises:
        AuthorError: the assignment cannot be built.
    """

    def open_session() -> AbstractAsyncContextManager[Session]:
        return open_session_for(slots, Limits(total_seconds=1800))

    return await cached_bundle(folder, open_session, pristine=pristine_cells(folder), cache=cache / "bundles")


def open_session_for(slots: LocalSlots, limits: Limits) -> AbstractAsyncContextManager[Session]:
    """Return a session over a fresh kernel with an assignment's limits."""
    kernel_limits = KernelLimits(
        memory_bytes=limits.memory_bytes,
        processes=limits.processes,
        open_files=limits.open_files,
        scratch_bytes=limits.scratch_bytes,
        scratch_files=limits.scratch_files,
        cpu_seconds=int(limits.total_seconds),
    )
    return slots.session(
        limits=kernel_limits,
        cell_seconds=limits.cell_seconds,
        total_seconds=limits.total_seconds,
        output_bytes=limits.output_bytes,
    )
