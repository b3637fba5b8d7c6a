"""A user of its own for each student, where there are no namespaces to keep students apart."""

import contextlib
import ctypes
import dataclasses
import errno
import os
import secrets
import signal
from collections.abc import Iterator

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import libc

_FIRST, _COUNT = 1 << 20, 1 << 30


def choose_user(place: Confinement) -> Confinement:
    """Choose a user number that no other student has had: nothing of theirs can belong to it; raises OSError where this process is not root."""
    if os.geteuid() != 0:
        raise OSError(errno.EPERM, "only root can give each student a user")
    return dataclasses.replace(place, user=_FIRST + secrets.randbelow(_COUNT))


def become_user(place: Confinement) -> None:
    """Become the student's user, for good; raises OSError where this process is not root."""
    assert place.user is not None  # noqa: S101 - chosen by the layer above
    os.setgroups([])
    os.setresgid(place.user, place.user, place.user)
    os.setresuid(place.user, place.user, place.user)


def end_user(place: Confinement) -> None:
    """Kill all processes of the student's user at once, so that none can fork away."""
    assert place.user is not None  # noqa: S101 - chosen by the layer above
    helper = os.fork()
    if helper == 0:
        # it may signal the student by its effective user, and the student may not signal it by its real one
        nobody = _FIRST + _COUNT + secrets.randbelow(_COUNT)
        os.setgroups([])
        os.setresuid(nobody, place.user, nobody)
        # one call reaches all: a fork that is under way fails when its parent has a signal waiting
        os.kill(-1, signal.SIGKILL)
        os._exit(0)
    os.waitpid(helper, 0)


@contextlib.contextmanager
def seen_as(user: int | None) -> Iterator[None]:
    """Let this thread look at files and processes as a user would, where one is named: a container's root may not look into those of others."""
    if user is None:
        yield
        return
    libc.setfsgid(ctypes.c_uint(user))
    libc.setfsuid(ctypes.c_uint(user))
    try:
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(0)
