"""Mappings: a piece of memory that a process maps is a record of the system's own, which is in no sum of memory, and grows with each fork between its processes."""

import os
from pathlib import Path

from grader.execution.limits import memory_used_up
from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.processes import descendants, has_memory, living
from grader.execution.sandbox.users import seen_as

_FEW_PROCESSES = 4  # cannot hold much so; what an ordinary notebook runs need not be looked through
_BYTES = 4096  # at most 400 for each of few, more for those whose parents were forked too
_CHUNK = 65536


def mappings_crossed(place: Confinement) -> str:
    """Return the sentence about too much memory in the records of mappings of many processes, "" when there is not; a cgroup counts them itself."""
    processes = [] if place.cgroup else descendants(os.getpid())
    left = place.memory_bytes
    for process in map(living, processes if len(processes) > _FEW_PROCESSES else ()):
        try:
            with seen_as(place.user), Path(f"/proc/{process}/maps").open("rb", buffering=0) as maps:
                while left >= 0 and (lines := maps.read(_CHUNK)):
                    left -= lines.count(b"\n") * _BYTES
        except PermissionError:
            if has_memory(process):
                return "your code made a process that cannot be looked into"
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return memory_used_up(place.memory_bytes) if left < 0 else ""
