"""Where a kernel lives and what it may use."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class CgroupFiles:
    """Open files of a kernel's cgroup: what is written to `entrance` enters it, and `processor` says what processor time it has used."""

    entrance: int
    processor: int


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """What the layers of a sandbox read; a layer that moves a folder returns it changed.

    `kernel_sockets` is the folder in which the kernel binds its sockets, `scratch` its home and working directory, `user` the number
    of a user that is this student's alone, where the tier has one. `devices` are the device nodes of its GPU, none where it has no GPU.
    `cgroup` is its own, where the grader can make one.
    """

    kernel_sockets: Path
    scratch: Path
    scratch_bytes: int
    scratch_files: int
    memory_bytes: int
    processes: int
    open_files: int
    cpu_seconds: int
    user: int | None = None
    devices: tuple[str, ...] = ()
    cgroup: CgroupFiles | None = None
