"""A scratch folder on the host, for tiers that have no mounts of their own."""

import contextlib
import dataclasses
import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.places import SCRATCH

_SHARED = Path("/dev/shm")  # noqa: S108 - what is left there is looked for, nothing is written


def make_scratch(place: Confinement) -> Confinement:
    """Make a fresh folder that only the kernel's user may enter."""
    scratch = Path(tempfile.mkdtemp(prefix="grader-scratch-"))
    if place.user is not None:
        os.chown(scratch, place.user, place.user)
    return dataclasses.replace(place, scratch=scratch)


def remove_scratch(place: Confinement) -> None:
    """Remove the folder, also where a student took away its permissions or nested it deeper than Python can follow."""
    for command in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
        subprocess.run([f"/usr/bin/{command[0]}", *command[1:], "--", str(place.scratch)], check=False, stderr=subprocess.DEVNULL)  # noqa: S603 - no shell, own words


def remove_shared_memory(place: Confinement) -> None:
    """Remove what the student's user left in /dev/shm."""
    left = [str(entry) for entry in _SHARED.iterdir() if entry.lstat().st_uid == place.user]
    if left:
        subprocess.run(["/usr/bin/rm", "-rf", "--", *left], check=False)  # noqa: S603 - the same


def use_scratch_of_sandbox(place: Confinement) -> Confinement:
    """Take the scratch folder that the sandbox came with: it is this student's alone."""
    return dataclasses.replace(place, scratch=SCRATCH)


def files_crossed(place: Confinement) -> str:
    """Return the sentence about too much or too many files in the scratch folder and of the student's user in /dev/shm, "" when there are not."""
    return _crossed(place, itertools.chain(_below(place.scratch), _shared_by_user(place)))


def files_of_sandbox_crossed(place: Confinement) -> str:
    """Return the same about the scratch folder and all of /dev/shm, which is the student's alone."""
    return _crossed(place, itertools.chain(_below(place.scratch), _below(_SHARED)))


def _crossed(place: Confinement, entries: Iterator[os.stat_result]) -> str:
    total = 0
    try:
        for count, entry in enumerate(entries, start=1):
            total += entry.st_blocks * 512
            if total > place.scratch_bytes:
                return f"your code wrote more than {place.scratch_bytes / 1024**2:.3g} MiB of files"
            if count > place.scratch_files:
                return f"your code made more than {place.scratch_files} files"
    except OSError:  # its path is too long, or its owner is the keeper's user and took away the permission
        return "your code made a folder that cannot be looked into"
    return ""


def _below(folder: Path) -> Iterator[os.stat_result]:
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                # one that has been removed meanwhile must not hide those after it
                with contextlib.suppress(FileNotFoundError):
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def _shared_by_user(place: Confinement) -> Iterator[os.stat_result]:
    for shared in _SHARED.iterdir():
        with contextlib.suppress(FileNotFoundError):
            found = shared.lstat()
            if found.st_uid == place.user:
                yield found
