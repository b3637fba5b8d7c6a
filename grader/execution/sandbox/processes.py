"""Processes below a kernel's keeper: what they hold, and ending them."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_SET_CHILD_SUBREAPER, prctl

_QUICK = (b"RssAnon:", b"RssShmem:", b"VmPTE:", b"VmSwap:")
_EXACT = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_SETTLE_SECONDS = 0.002


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What processes hold at this moment, and the processor time that they have used."""

    memory_bytes: int
    cpu_seconds: float


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


def usage_below(process: int, *, enough: int, sockets_before: int) -> Usage:
    """Return what the descendants of a process use. Memory is pages, page tables, swap, and what may wait in their sockets.

    Pages that a fork shares with its parent count once; that is dear to find out, so it is looked at only where a quick sum is more than `enough`.
    Sockets are counted for all who share a network, so that those that were there before are taken off. Of processes that have ended, those count for whom somebody has waited.
    """
    waiting = max(sockets_beside(process) - sockets_before, 0) * _socket_bytes()
    # parents are read before their children: one that ends meanwhile is missed, and never counted twice
    ticks = sum(_ticks(process)[2:])
    members, quick = [], waiting
    for member in _below(process):
        ticks += sum(_ticks(member))
        members.append(living(member))
        quick += _kilobytes(f"/proc/{members[-1]}/status", _QUICK) * 1024
    exact = quick if quick <= enough else waiting + sum(map(_exact_kilobytes, members)) * 1024
    return Usage(memory_bytes=exact, cpu_seconds=ticks / _TICKS_A_SECOND)


def living(process: int) -> int:
    """Return the number under which /proc shows what a process holds: its own, or a thread's where its first thread has ended and others go on."""
    if has_memory(process):
        return process
    with contextlib.suppress(OSError):  # the newest first: it may live longest
        return next(filter(has_memory, sorted(map(int, os.listdir(f"/proc/{process}/task")), reverse=True)), process)  # noqa: PTH208 - ten times a second
    return process


def has_memory(process: int) -> bool:
    """Whether a process or thread still has memory: one that has ended and waits for its parent has none."""
    return b"\nVmSize:" in _read(f"/proc/{process}/status")


def _ticks(process: int) -> list[int]:
    """Return what a process used in user and in system mode, and what the children used for whom it has waited."""
    # the name stands in brackets, and may hold any
    fields = _read(f"/proc/{process}/stat").rpartition(b")")[2].split()
    return [int(field) for field in fields[11:15]]


def _exact_kilobytes(process: int) -> int:
    shared_out = _kilobytes(f"/proc/{process}/smaps_rollup", _EXACT)
    # in a container another user's pages may not be looked at: they count in full
    return shared_out + _kilobytes(f"/proc/{process}/status", (b"VmPTE:",) if shared_out else _QUICK)


def _kilobytes(file: str, fields: tuple[bytes, ...]) -> int:
    return sum(int(line.split()[1]) for line in _read(file).splitlines() if line.startswith(fields))


def sockets_beside(process: int) -> int:
    """Return how many sockets there are in the network of a process, which in some tiers is the host's."""
    words = _read(f"/proc/{process}/net/sockstat").split(maxsplit=3)
    return int(words[2]) if words else 0


@cache
def _socket_bytes() -> int:
    """Return what may wait in a socket, on its way out and on its way in; the filter of system calls keeps students from asking for more."""
    with socket.socket(socket.AF_UNIX) as usual:
        return usual.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) + usual.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def waited_seconds(process: int) -> float:
    """Return how long a process's main thread was ready to run and had no processor, 0 where the system does not count."""
    counted = _read(f"/proc/{process}/schedstat").split()
    return int(counted[1]) / 1e9 if counted else 0.0


def descendants(process: int) -> list[int]:
    """Return the numbers of a process's children, their children, and so on."""
    return list(_below(process))


def _below(process: int) -> Iterator[int]:
    waiting = [process]
    while waiting:
        current = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{current}/task")  # noqa: PTH208 - ten times a second
        except OSError:  # it has ended meanwhile
            continue
        for thread in threads:
            children = [int(child) for child in _read(f"/proc/{current}/task/{thread}/children").split()]
            yield from children
            waiting += children


def _read(file: str) -> bytes:
    """Return a file of /proc, empty where its process or thread has ended."""
    try:
        with Path(file).open("rb", buffering=0) as opened:
            return opened.read()
    except OSError:
        return b""
