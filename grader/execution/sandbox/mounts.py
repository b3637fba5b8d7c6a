"""A student's own view of the file system, inside namespaces of their own."""

import dataclasses
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.namespaces import raise_loopback
from grader.execution.sandbox.places import KERNEL, SCRATCH, SOCKETS, TEMPORARY
from grader.execution.sandbox.syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT, mount

_TERMINALS = 16  # the machine has few thousand for everybody


def mount_private_view(place: Confinement) -> Confinement:
    """Mount fresh scratch folders, /proc, and of the sockets only the kernel's own folder."""
    mount(None, Path("/"), None, MS_REC | MS_PRIVATE)
    size = f"size={place.scratch_bytes},nr_inodes={place.scratch_files},mode=700"
    mount("tmpfs", SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, size)
    # an interpreter below /tmp must stay visible; TMPDIR names the scratch folder all the same
    if not any(TEMPORARY.iterdir()):
        temporary = SCRATCH / ".tmp"
        temporary.mkdir(mode=0o700)
        mount(str(temporary), TEMPORARY, None, MS_BIND)
    mount("tmpfs", Path("/dev/shm"), "tmpfs", MS_NOSUID | MS_NODEV, size)  # noqa: S108 - the same
    mount("devpts", Path("/dev/pts"), "devpts", MS_NOSUID | MS_NOEXEC, f"newinstance,ptmxmode=0666,mode=600,max={_TERMINALS}")
    if not place.devices:
        # it reads the same, and cannot be mapped: what is mapped of /dev/zero is memory that no process's sums show; CUDA may need it
        mount("/dev/full", Path("/dev/zero"), None, MS_BIND)
    mount("proc", Path("/proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount(str(place.kernel_sockets), KERNEL, None, MS_BIND)
    mount("tmpfs", SOCKETS, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k,nr_inodes=1,mode=000")
    raise_loopback()
    return dataclasses.replace(place, kernel_sockets=KERNEL, scratch=SCRATCH)


def seal_sockets(place: Confinement) -> None:
    """Make the folder of the bound sockets read-only, or a student could fill the host's disk through it."""
    mount(None, place.kernel_sockets, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
