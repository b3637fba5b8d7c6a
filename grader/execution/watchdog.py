"""What a kernel and all its processes use, looked at time after time by its keeper."""

import os

from grader.execution.limits import CPU_USED_UP
from grader.execution.sandbox.processes import sockets_beside, usage_below


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
            return f"your code used more than {self._memory_bytes / 1024**3:.3g} GiB of memory"
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
