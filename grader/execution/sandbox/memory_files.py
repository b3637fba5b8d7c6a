"""Memory in files without a name: what CUDA does not start without, and what no process's sums show."""

import contextlib
import ctypes
import os
from collections.abc import Iterator

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.processes import descendants
from grader.execution.sandbox.syscalls import libc

_BLOCK_BYTES = 512


def memory_files_crossed(place: Confinement) -> str:
    """Return the sentence about too much memory in such files, "" when there is not; only a kernel with a GPU may make them."""
    if not place.devices:
        return ""
    sizes: dict[int, int] = {}
    with _files_seen_as(place.user):
        for process in descendants(os.getpid()):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                for handle in os.scandir(f"/proc/{process}/fd"):
                    sizes.update(_memory_file(handle.path))
    total = sum(sizes.values())
    return f"your code used more than {place.memory_bytes / 1024**3:.3g} GiB of memory" if total > place.memory_bytes else ""


@contextlib.contextmanager
def _files_seen_as(user: int | None) -> Iterator[None]:
    """See files as the student's user does: root in a container may not look into the processes of others. Signals are sent and got as before."""
    if user is None:
        yield
        return
    libc.setfsgid(ctypes.c_uint(user))
    libc.setfsuid(ctypes.c_uint(user))
    try:
        yield
    finally:
        libc.setfsuid(ctypes.c_uint(os.geteuid()))
        libc.setfsgid(ctypes.c_uint(os.getegid()))


def _memory_file(path: str) -> dict[int, int]:
    """Return the number and the bytes of an open file that is memory, nothing of others."""
    with contextlib.suppress(OSError):  # it has been closed meanwhile
        if os.readlink(path).startswith("/memfd:"):  # noqa: PTH115 - ten times a second
            found = os.stat(path)  # noqa: PTH116 - the same
            return {found.st_ino: found.st_blocks * _BLOCK_BYTES}
    return {}
