"""A student who is the grader's own user: nothing but Landlock's scopes keeps their processes from each other and from the grader."""

import contextlib
import dataclasses
import errno
import os
import signal
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.landlock import scope_signals
from grader.execution.sandbox.privileges import set_resource_limits
from grader.execution.sandbox.processes import descendants

_THREADS_OF_A_NEIGHBOUR = 32  # a kernel and its keeper have about 25


def enter_scope() -> None:
    """Keep this process, and with it all of a student's, from signalling anything else; raises OSError where the kernel cannot, or for root."""
    if os.geteuid() == 0:
        raise OSError(errno.EPERM, "a student must not be root")
    scope_signals()


def end_scope(_: Confinement) -> None:
    """Kill everything in the scope but this process at once, so that nothing can fork away."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)


def set_limits_of_owners(place: Confinement) -> None:
    """Set the kernel's limits; it counts processes by user, so that this limit has room for the neighbours, and `processes_crossed` is the one that a student meets."""
    neighbours = _THREADS_OF_A_NEIGHBOUR * (os.cpu_count() or 1)
    set_resource_limits(dataclasses.replace(place, processes=_threads_of_user(os.getuid()) + neighbours + place.processes))


def processes_crossed(place: Confinement) -> str:
    """Return the sentence about too many processes and threads below this one, "" when there are not."""
    threads = 0
    for process in descendants(os.getpid()):
        threads += _status(process, "Threads:")
        if threads > place.processes:
            return f"your code ran more than {place.processes} processes and threads at a time"
    return ""


def _threads_of_user(user: int) -> int:
    processes = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sum(_status(process, "Threads:") for process in processes if _status(process, "Uid:") == user)


def _status(process: int, field: str) -> int:
    """Return the first number of a field of a process's status, 0 when it has ended meanwhile."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)
