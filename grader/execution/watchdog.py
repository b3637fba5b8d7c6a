"""What a kernel and all its processes use, looked at time after time by its keeper."""

import os

from grader.execution.limits import CPU_USED_UP, memory_used_up
from grader.execution.sandbox.processes import sockets_beside, usage_below


class ProcessorClock:
    """Reads the processor time of a cgroup, which counts all that ever was in it; its memory the system watches."""

    def __init__(self, file: int, *, cpu_seconds: float) -> None:
        self._file = file
        self._cpu_seconds = cpu_seconds

    def crossed(self) -> str:
        """Return the sentence about the limit of processor time when it was crossed, "" when it was not."""
        name, microseconds = os.pread(self._file, 100, 0).split()[:2]
        assert name == b"usage_usec"  # noqa: S101 - the first line, and always there
        return CPU_USED_UP if int(microseconds) / 1e6 > self._cpu_seconds else ""


class Watchdog:
    """Adds up what the processes below this one use."""

    def __init__(self, *, memory_bytes: int, cpu_seconds: float) -> None:
        self._memory_bytes = memory_bytes
        self._cpu_seconds = cpu_seconds
        self._sockets_before = sockets_beside(os.getpid())
        self._seen = 0.0
        self._lost = 0.0

    def crossed(self) -> str:
        """Return the sentence about the limit that was crossed, "" when none was."""
        usage = usage_below(os.getpid(), enough=self._memory_bytes, sockets_before=self._sockets_before)
        if usage.memory_bytes > self._memory_bytes:
            return memory_used_up(self._memory_bytes)
        if self._spent(usage.cpu_seconds) > self._cpu_seconds:
            return CPU_USED_UP
        return ""

    def _spent(self, seconds: float) -> float:
        """Return the processor time of all processes that ever were, also of those whose parent ignored their end."""
        if seconds < self._seen:  # a process that ended while it was looked for is found at the second look
            seconds = usage_below(os.getpid(), enough=self._memory_bytes, sockets_before=self._sockets_before).cpu_seconds
            self._lost += max(0.0, self._seen - seconds)
        self._seen = seconds
        return self._seen + self._lost
