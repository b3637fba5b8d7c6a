"""Processes below a kernel's keeper: what they hold, and ending them."""

import contextlib
import os
import signal
import time
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_SET_CHILD_SUBREAPER, prctl

_QUICK = ("RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:")
_EXACT = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
_SETTLE_SECONDS = 0.002
_SOCKET_BYTES = 2 * 212_992  # the usual net.core.wmem_max, which the kernel doubles


def adopt_orphans(place: Confinement) -> Confinement:
    """Make this process the parent of all orphans below it, where no process namespace does so."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    return place


def end_descendants(_: Confinement) -> None:
    """Kill everything below this process until nothing is left; orphans come up to it as their parents end."""
    # what is found may be less than what there is: while a list is read, processes move up and threads end
    while _has_children():
        for child in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        time.sleep(_SETTLE_SECONDS)


def _has_children() -> bool:
    """Whether this process has a child that lives, after collecting those that have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                return True
    return False


def bytes_below(process: int, *, enough: int) -> int:
    """Return the memory that the descendants of a process hold, in bytes: pages, page tables, swap, and what may wait in their sockets.

    Pages that a fork shares with its parent count once; that is dear to find out, so it is looked at only where a quick sum is more than `enough`.
    """
    members = descendants(process)
    waiting = _sockets(process) * _SOCKET_BYTES
    quick = waiting + sum(_kilobytes(f"/proc/{member}/status", _QUICK) for member in members) * 1024
    if quick <= enough:
        return quick
    return waiting + sum(_exact_kilobytes(member) for member in members) * 1024


def _exact_kilobytes(process: int) -> int:
    shared_out = _kilobytes(f"/proc/{process}/smaps_rollup", _EXACT)
    # in a container another user's pages may not be looked at: they count in full
    return shared_out + _kilobytes(f"/proc/{process}/status", ("VmPTE:",) if shared_out else _QUICK)


def _kilobytes(file: str, fields: tuple[str, ...]) -> int:
    try:
        return sum(int(line.split()[1]) for line in Path(file).read_text().splitlines() if line.startswith(fields))
    except OSError:  # it has ended meanwhile
        return 0


def _sockets(process: int) -> int:
    try:
        first = Path(f"/proc/{process}/net/sockstat").read_text().split("\n", 1)[0]
    except OSError:
        return 0
    return int(first.split()[2])


def descendants(process: int) -> list[int]:
    """Return the numbers of a process's children, their children, and so on."""
    found: list[int] = []
    waiting = [process]
    while waiting:
        current = waiting.pop()
        try:
            threads = list(Path(f"/proc/{current}/task").iterdir())
        except OSError:  # it has ended meanwhile
            continue
        children = [child for thread in threads for child in _children(thread)]
        found += children
        waiting += children
    return found


def _children(thread: Path) -> list[int]:
    try:
        return [int(child) for child in (thread / "children").read_text().split()]
    except OSError:  # it has ended meanwhile, and its children are another thread's now
        return []
