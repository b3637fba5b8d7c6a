"""The real command under a parent that gets all orphans: it ends when nothing of the command is left."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from tests.end_to_end.command import Course

_T = TypeVar("_T")
_SECONDS = 600
_PARENT = """
import contextlib, os, subprocess, sys
from grader.execution.sandbox.processes import adopt_orphans
adopt_orphans(None)
grader = subprocess.Popen([sys.executable, "-m", "grader", *sys.argv[1:]])
print("process", grader.pid, flush=True)
print("exit code", grader.wait(), flush=True)
with contextlib.suppress(ChildProcessError):
    while True: os.wait()
print("nothing is left", flush=True)
"""


@dataclass(kw_only=True)
class Watched:
    """A command on its way: `process` is its number; `temporary` is what it has as TMPDIR."""

    parent: subprocess.Popen[str]
    process: int
    temporary: Path

    def wait_for(self, what: Callable[[], _T]) -> _T:
        """Return what is looked for once it is there; fails when the command ends before."""
        while not (found := what()):
            assert self.parent.poll() is None, "the command ended before"
        return found

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.kill(self.process, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Return the exit code and all that was said, once no process is left; fails where one stays, or a mount, or a file in the temporary folder."""
        said, _ = self.parent.communicate(timeout=_SECONDS)
        code = re.search(r"exit code (-?\d+)", said)
        assert code is not None, said
        assert "nothing is left" in said
        assert str(self.temporary) not in Path("/proc/mounts").read_text()
        return int(code[1]), said

    def left(self) -> list[str]:
        """Return what lies in the temporary folder."""
        return [path.name for path in self.temporary.iterdir()]


@contextmanager
def watched(course: Course, *arguments: str) -> Iterator[Watched]:
    """Start the command; whatever is left of it at the end of the block is killed."""
    with TemporaryDirectory(prefix="watched-") as temporary:
        Path(temporary).chmod(0o755)  # the sandbox's user may be another
        parent = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", _PARENT, *arguments],
            cwd=course.folder,
            env={**os.environ, "TMPDIR": temporary},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert parent.stdout is not None
        with parent:
            process = int(parent.stdout.readline().removeprefix("process "))
            try:
                yield Watched(parent=parent, process=process, temporary=Path(temporary))
            finally:
                if parent.poll() is None:
                    os.kill(process, signal.SIGKILL)
                    parent.kill()
