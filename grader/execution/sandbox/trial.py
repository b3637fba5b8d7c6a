"""Trying a tier's layers on a process of their own: `python -I -m grader.execution.sandbox.trial TIER FOLDER` says "holds" when all of them apply."""

import os
import signal
import sys
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_SET_PDEATHSIG, prctl
from grader.execution.sandbox.tiers import TIERS, Tier

_MOST_SECONDS = 60


def main() -> None:
    """Apply the layers in the order and the processes in which a kernel gets them."""
    end_with_caller()
    tier, folder = TIERS[sys.argv[1]], Path(sys.argv[2])
    if keeper := tier.fork():
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1]))
    for enter in tier.enter:
        enter()
    place = Confinement(
        kernel_sockets=folder,
        scratch=folder,
        scratch_bytes=1024**2,
        scratch_files=100,
        memory_bytes=1024**3,
        processes=64,
        open_files=64,
        cpu_seconds=60,
    )
    for prepare in tier.prepare:
        place = prepare(place)
    for seal in tier.seal:
        seal(place)
    if (confined := os.fork()) == 0:
        _confine(tier, place)
    status = os.waitstatus_to_exitcode(os.waitpid(confined, 0)[1])
    for clean_up in tier.clean_up:
        clean_up(place)
    sys.exit(status)


def end_with_caller() -> None:
    """Let the system end this process with the one that started it, and at the latest after a minute, whatever it waits for then."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.alarm(_MOST_SECONDS)


def _confine(tier: Tier, place: Confinement) -> None:
    try:
        for confine in tier.confine:
            confine(place)
        for lock in tier.lock:
            lock(place)
        Path(sys.executable).stat()
        (place.scratch / "x").write_text("x")
        print("holds", flush=True)  # noqa: T201 - the agreed sign for the process that started this one
    except OSError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - the same
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
