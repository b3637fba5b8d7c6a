"""A cgroup for each kernel, where the grader's own cgroup (version 2) has been delegated to it: the system itself then holds its memory and processes.

The grader moves into a cgroup beside those of its kernels, since one that has cgroups below it may hold no process. Zygotes and keepers stay with it:
they outlive a kernel that has used up its memory. A kernel enters its cgroup by a file that the grader has opened, so that it needs no rights of its own.
"""

import atexit
import contextlib
import functools
import os
import platform
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from grader.execution.limits import KernelLimits, memory_used_up
from grader.execution.sandbox.confinement import Confinement

_OLDEST_LINUX = (5, 16)  # before, the rights of who writes to an open file counted, not those of who has opened it
_CONTROLLERS = ("memory", "pids")
_OURS = ("grader", "kernel-*")
_END_SECONDS = 20.0
_SETTLE_SECONDS = 0.005


class KernelCgroup:
    """One kernel's cgroup, made and removed by `Cgroups`."""

    def __init__(self, folder: Path, limits: KernelLimits) -> None:
        self.folder = folder
        self._memory_bytes = limits.memory_bytes
        folder.mkdir()
        try:
            for file, value in (("memory.max", limits.memory_bytes), ("memory.swap.max", 0), ("memory.oom.group", 1), ("pids.max", limits.processes)):
                (folder / file).write_text(str(value))
        except OSError:
            folder.rmdir()
            raise

    @contextlib.contextmanager
    def opened(self) -> Iterator[Sequence[int]]:
        """Give the descriptors that become the keeper's `CgroupFiles`."""
        with (self.folder / "cgroup.procs").open("wb") as entrance, (self.folder / "cpu.stat").open("rb") as used:
            yield entrance.fileno(), used.fileno()

    def crossed(self) -> str:
        """Return the sentence about the memory limit when the system ended the kernel for it, "" when it did not.

        Who was killed because the whole machine was full has crossed no limit: `oom` counts this cgroup's own.
        """
        with contextlib.suppress(OSError):
            happened = dict(line.split() for line in (self.folder / "memory.events").read_text().splitlines())
            if int(happened["oom"]) and int(happened["oom_kill"]):
                return memory_used_up(self._memory_bytes)
        return ""

    def kill(self) -> None:
        """Kill all that is in it at once."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "cgroup.kill").write_text("1")


class Cgroups:
    """Cgroups for kernels in `folder`, which is the grader's own cgroup; none where that is None, and `missing` says why."""

    def __init__(self, folder: Path | None = None, *, missing: str = "") -> None:
        self.folder = folder
        self.described = f"watchdog: {missing}" if folder is None else "cgroup v2"
        self._ended: list[KernelCgroup] = []

    def make(self, limits: KernelLimits) -> KernelCgroup | None:
        """Return a new cgroup, None where there are none; raises OSError."""
        if self.folder is None:
            return None
        return KernelCgroup(self.folder / f"kernel-{secrets.token_hex(4)}", limits)

    def end(self, cgroup: KernelCgroup | None) -> None:
        """Kill what is in a cgroup; since processes take a moment to end, it may be removed only with the next one."""
        if cgroup is not None:
            cgroup.kill()
            self._ended.append(cgroup)
            self._sweep()

    def take(self) -> None:
        """Move this process below `folder`, and try one cgroup there; raises OSError."""
        assert self.folder is not None  # noqa: S101 - found before
        own = self.folder / "grader"
        own.mkdir()
        (own / "cgroup.procs").write_text("0")
        (self.folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in _CONTROLLERS))
        self.end(self.make(KernelLimits()))

    def give_back(self) -> None:
        """Leave `folder` as it was found."""
        assert self.folder is not None  # noqa: S101 - taken before
        until = time.monotonic() + _END_SECONDS
        while self._sweep() and time.monotonic() < until:
            time.sleep(_SETTLE_SECONDS)
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.subtree_control").write_text(" ".join(f"-{name}" for name in _CONTROLLERS))
            (self.folder / "cgroup.procs").write_text("0")
        # keepers that clean up behind their kernel are still in it
        while not _is_gone(self.folder / "grader") and time.monotonic() < until:
            time.sleep(_SETTLE_SECONDS)

    def _sweep(self) -> int:
        """Remove the cgroups that have ended, and return how many are left."""
        self._ended = [cgroup for cgroup in self._ended if not _is_gone(cgroup.folder)]
        return len(self._ended)


@functools.cache  # a process has one cgroup
def own_cgroups() -> Cgroups:
    """Return the cgroups that this process can make for kernels, which it gives back at its end."""
    try:
        folder = folder_of(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text())
        if folder is None:
            return Cgroups(missing="there is no cgroup v2")
        if problem := problem_with(folder):
            return Cgroups(missing=problem)
    except OSError as error:
        return Cgroups(missing=str(error))
    cgroups = Cgroups(folder)
    try:
        cgroups.take()
    except OSError as error:
        cgroups.give_back()
        return Cgroups(missing=f"the cgroup v2 does not serve: {error}")
    atexit.register(cgroups.give_back)
    return cgroups


def folder_of(cgroup: str, mounts: str) -> Path | None:
    """Return the folder of this process's cgroup v2 by what /proc/self/cgroup and /proc/self/mountinfo say, None where there is none."""
    own = next((PurePosixPath(line[3:]) for line in cgroup.splitlines() if line.startswith("0::")), None)
    if own is None or ".." in own.parts:  # outside of the cgroup namespace
        return None
    for fields in map(str.split, mounts.splitlines()):
        if fields[fields.index("-") + 1] == "cgroup2" and own.is_relative_to(fields[3]):
            return Path(fields[4]) / own.relative_to(fields[3])
    return None


def problem_with(folder: Path) -> str:
    """Return what keeps a cgroup from being the grader's to divide, "" where nothing does; what killed graders left in it is removed."""
    if not all(os.access(folder / name, os.W_OK) for name in ("", "cgroup.procs", "cgroup.subtree_control")):
        return "the cgroup v2 is not delegated"
    if not {*_CONTROLLERS} <= {*(folder / "cgroup.controllers").read_text().split()}:
        return "the cgroup v2 has not the controllers memory and pids"
    for pattern in _OURS:
        for left in folder.glob(pattern):
            _is_gone(left)
    if (folder / "cgroup.procs").read_text().split() != [str(os.getpid())] or any(entry.is_dir() for entry in folder.iterdir()):
        return "others are in the cgroup v2"
    if tuple(map(int, re.findall(r"\d+", platform.release())[:2])) < _OLDEST_LINUX:
        return "cgroups need Linux 5.16 or newer"
    return ""


def enter_cgroup(place: Confinement) -> None:
    """Move the calling process into its kernel's cgroup, where it has one, and keep no way to do so again."""
    if place.cgroup is not None:
        os.write(place.cgroup.entrance, b"0")
        os.close(place.cgroup.entrance)
        os.close(place.cgroup.processor)


def _is_gone(folder: Path) -> bool:
    """Remove a cgroup, and return False where something still lives in it."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
