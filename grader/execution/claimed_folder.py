"""Temporary folders of a grader, removed at its end; each is claimed with a lock that ends with its process, so that those of a killed one are known."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeAlias, get_args

from grader.execution.sandbox.outer import SANDBOX_USER

Kind: TypeAlias = Literal["sockets", "trial", "unpacked"]


class ClaimedFolder:
    """A new folder at `path`, whose name says of what `kind` it is; raises OSError."""

    def __init__(self, kind: Kind) -> None:
        self._make(kind)
        while self._claim is None:
            self._folder.cleanup()
            self._make(kind)
        self.path = Path(self._folder.name)

    def _make(self, kind: Kind) -> None:
        # one that removes itself at the end of this process, should nobody come to it before
        self._folder = tempfile.TemporaryDirectory(prefix=f"grader-{kind}-", ignore_cleanup_errors=True)
        self._claim = _claimed(self._folder.name)

    def remove(self) -> None:
        """Remove it with all that is in it, if it is not removed."""
        self._folder.cleanup()
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def __enter__(self) -> Path:
        """Give its path."""
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove it."""
        self.remove()


def _claimed(folder: str) -> int | None:
    """Return the claim to a folder, None where another grader came first and removed it."""
    try:
        claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    fcntl.flock(claim, fcntl.LOCK_EX)
    if Path(folder).exists():
        return claim
    os.close(claim)
    return None


def remove_what_killed_graders_left() -> None:
    """Remove the folders that nobody claims any more."""
    for kind in get_args(Kind):
        for folder in Path(tempfile.gettempdir()).glob(f"grader-{kind}-*"):
            with contextlib.suppress(OSError):
                _remove_unclaimed(folder)


def _remove_unclaimed(folder: Path) -> None:
    if folder.lstat().st_uid not in (os.getuid(), SANDBOX_USER):
        return
    claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        # kept while it is removed: who has just made it waits for this claim, and makes another
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(claim)
