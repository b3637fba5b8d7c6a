"""Files that have lost their names and are still in use: they fill a disk, and no folder shows them."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from grader.execution.limits import memory_used_up
from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.processes import descendants, has_memory, living
from grader.execution.sandbox.users import seen_as

_DELETED = b" (deleted)"
_MAPPED_FILES = 8  # so many of unknown size may there be


def deleted_files_crossed(place: Confinement) -> str:
    """Return the sentence about too much in such files of the scratch folder, "" when there is not; a process that lets nobody look counts as too much."""

    def held(process: int) -> Iterator[tuple[int, int]]:
        yield from _mapped(process, place)
        yield from _open(process, in_memory=False)

    return _crossed(place, held, most=place.scratch_bytes, sentence=f"your code wrote more than {place.scratch_bytes / 1024**2:.3g} MiB of files")


def memory_files_crossed(place: Confinement) -> str:
    """Do the same for files that are memory, which no process's sums show; only a kernel with a GPU may make them: CUDA does not start without."""
    if not place.devices:
        return ""
    return _crossed(place, lambda process: _open(process, in_memory=True), most=place.memory_bytes, sentence=memory_used_up(place.memory_bytes))


def _crossed(place: Confinement, held: Callable[[int], Iterable[tuple[int, int]]], *, most: int, sentence: str) -> str:
    found: dict[int, int] = {}
    for process in map(living, descendants(os.getpid())):
        try:
            with seen_as(place.user):
                found.update(held(process))
        except PermissionError:
            if has_memory(process):
                return "your code made a process that cannot be looked into"
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return sentence if sum(found.values()) > most else ""


def _open(process: int, *, in_memory: bool) -> Iterator[tuple[int, int]]:
    """Yield the number and the bytes of each deleted file that a process has open, on disk or in memory."""
    with os.scandir(f"/proc/{process}/fd") as handles:
        for handle in handles:
            with contextlib.suppress(FileNotFoundError):  # it has been closed meanwhile
                held = handle.stat()
                if stat.S_ISREG(held.st_mode) and held.st_nlink == 0 and os.readlink(handle.path).startswith("/memfd:") == in_memory:  # noqa: PTH115 - often
                    yield held.st_ino, held.st_blocks * 512


def _mapped(process: int, place: Confinement) -> Iterator[tuple[int, int]]:
    """Yield the number of each deleted file in the scratch folder that a process has mapped, and what it may fill: it may have closed it, and one page of it keeps all the others."""
    scratch = os.fsencode(place.scratch)
    for line in Path(f"/proc/{process}/maps").read_bytes().splitlines():
        if line.endswith(_DELETED) and scratch in line:
            addresses, _, offset, _, number, *_ = line.split()
            start, end = (int(address, 16) for address in addresses.split(b"-"))
            yield int(number), max(int(offset, 16) + end - start, place.scratch_bytes // _MAPPED_FILES)
