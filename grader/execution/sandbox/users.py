"""A user of its own for each student, where there are no namespaces to keep students apart."""

import dataclasses
import errno
import os
import secrets
import signal

from grader.execution.sandbox.confinement import Confinement

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
