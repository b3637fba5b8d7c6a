"""Processes below a kernel's keeper: what they hold, and ending them."""

import os
import signal
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_SET_CHILD_SUBREAPER, prctl


def adopt_orphans(place: Confinement) -> Confinement:
    """Make this process the parent of all orphans below it, where no process namespace does so."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    return place


def end_descendants(_: Confinement) -> None:
    """Kill everything below this process until nothing is left; orphans come up to it as their parents end."""
    while children := descendants(os.getpid()):
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while True:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break


def bytes_below(process: int) -> int:
    """Return the memory that the descendants of a process hold: anonymous and shared pages, page tables, swap, in bytes."""
    total = 0
    for member in descendants(process):
        try:
            status = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(("RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:")))
    return total * 1024


def descendants(process: int) -> list[int]:
    """Return the numbers of a process's children, their children, and so on."""
    found: list[int] = []
    waiting = [process]
    while waiting:
        current = waiting.pop()
        try:
            children = [int(child) for task in Path(f"/proc/{current}/task").iterdir() for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        waiting += children
    return found
