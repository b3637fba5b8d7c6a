"""Landlock: file access by path, as a second wall behind the mounts. Numbers from linux/landlock.h."""

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.outer import python_folders
from grader.execution.sandbox.syscalls import PR_SET_NO_NEW_PRIVS, checked, libc, prctl

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_QUERY, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE, _IOCTL_DEV = 1 << 6, 1 << 11, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_ABI_NETWORK, _ABI_SCOPES = 4, 6
_SCOPE_SIGNALS = 2
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
_TERMINALS = ("/dev/tty", "/dev/pts", "/dev/ptmx")
_DRIVER = ("/sys", "/proc/driver/nvidia", "/proc/driver/nvidia-uvm", "/proc/devices", "/proc/modules")


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the kernel's Landlock ABI, 0 where there is none."""
    found = libc.syscall(ctypes.c_long(_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_QUERY))
    return max(int(found), 0)


def restrict_files(place: Confinement) -> None:
    """Let the calling thread, and all it starts, read everything and write its scratch folders.

    Nothing happens where the kernel has no Landlock: it is the second wall, behind the mounts.
    """
    abi = version()
    if abi:
        writable = (str(place.scratch), "/tmp", "/dev/shm")  # noqa: S108 - the namespace's own
        _restrict(abi, readable=("/",), writable=writable, devices=(*_DEVICES, *_TERMINALS, *_of_a_gpu(place, "/proc")))


def restrict_to_python(place: Confinement) -> None:
    """Let the calling thread, and all it starts, read nothing but Python and the system's libraries, and write only its scratch folders.

    For tiers without mounts of their own; raises OSError where the kernel has no Landlock.
    """
    writable = (str(place.scratch), "/dev/shm")  # noqa: S108 - cleaned up after the student
    readable = (*_python(), *(_DRIVER if place.devices else ()))
    devices = (*_DEVICES, *_TERMINALS, *_of_a_gpu(place, "/proc/self/task"))
    _restrict(_needed(1), readable=readable, writable=writable, devices=devices, apart=True)


def restrict_to_own_sandbox(place: Confinement) -> None:
    """Do as `restrict_to_python` in a sandbox that is this student's alone, with its own /proc: what remains out of reach is the folder of its sockets."""
    writable = (str(place.scratch), "/dev/shm")  # noqa: S108 - the sandbox's own
    readable = (*_python(), "/proc", *(_DRIVER if place.devices else ()))
    devices = (*_DEVICES, *_TERMINALS, *_of_a_gpu(place, "/proc"))
    _restrict(_needed(1), readable=readable, writable=writable, devices=devices)


def restrict_to_scratch(place: Confinement) -> None:
    """Do as `restrict_to_python`, without /dev/shm and terminals: for a student who is the grader's own user, whose files there are the grader's own."""
    _restrict(_needed(_ABI_SCOPES), readable=_python(), writable=(str(place.scratch),), devices=_DEVICES, apart=True)


def scope_signals() -> None:
    """Let the calling thread, and all it starts, signal nothing but each other; raises OSError where the kernel cannot."""
    _needed(_ABI_SCOPES)
    _enforce(_create(_Ruleset(0, 0, _SCOPE_SIGNALS), ctypes.sizeof(_Ruleset)))


def _needed(least: int) -> int:
    """Return the kernel's Landlock ABI; raises OSError where it is lower than this."""
    abi = version()
    if abi < least:
        raise OSError(errno.ENOSYS, f"the kernel has Landlock {abi}, and {least} is needed" if abi else "this kernel has no Landlock")
    return abi


def _of_a_gpu(place: Confinement, threads: str) -> tuple[str, ...]:
    """Return the nodes of the kernel's GPU, where it has one, and where the driver writes the names of its threads: it does not start without."""
    return (*place.devices, threads) if place.devices else ()


def _python() -> tuple[str, ...]:
    return (*_SYSTEM, *map(str, python_folders()))


def _restrict(abi: int, *, readable: Iterable[str], writable: Iterable[str], devices: Iterable[str], apart: bool = False) -> None:
    every = (1 << _ACCESS_BITS.get(abi, 16)) - 1
    # both bits: no TCP to bind or connect; no abstract sockets and signals across the boundary
    attributes = _Ruleset(every, 3 if apart and abi >= _ABI_NETWORK else 0, 3 if apart and abi >= _ABI_SCOPES else 0)
    size = ctypes.sizeof(attributes) if abi >= _ABI_SCOPES else 16 if abi >= _ABI_NETWORK else 8
    handle = _create(attributes, size)
    for path in readable:
        _allow(handle, path, (_EXECUTE | _READ_FILE | _READ_DIR) & every)
    for path in writable:
        _allow(handle, path, every & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV))
    for path in devices:
        _allow(handle, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV) & every)
    _enforce(handle)


def _create(attributes: _Ruleset, size: int) -> int:
    return checked(libc.syscall(ctypes.c_long(_CREATE), ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)), "landlock_create_ruleset")


def _enforce(handle: int) -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    checked(libc.syscall(ctypes.c_long(_RESTRICT), ctypes.c_int(handle), ctypes.c_uint32(0)), "landlock_restrict_self")
    os.close(handle)


def _allow(handle: int, path: str, access: int) -> None:
    if not Path(path).exists():
        return
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = _PathBeneath(access if Path(path).is_dir() else access & _ON_FILES, parent)
    checked(libc.syscall(ctypes.c_long(_ADD), ctypes.c_int(handle), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)), "landlock_add_rule")
    os.close(parent)
