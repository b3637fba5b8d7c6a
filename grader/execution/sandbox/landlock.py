"""Landlock: file access by path, as a second wall behind the mounts. Numbers from linux/landlock.h."""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_SET_NO_NEW_PRIVS, checked, libc, prctl

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_QUERY, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE, _IOCTL_DEV = 1 << 6, 1 << 11, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/pts")


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
        _restrict(abi, readable=("/",), writable=(str(place.scratch), "/tmp", "/dev/shm"))  # noqa: S108 - the namespace's own


def _restrict(abi: int, *, readable: Iterable[str], writable: Iterable[str]) -> None:
    every = (1 << _ACCESS_BITS.get(abi, 16)) - 1
    attributes = _Ruleset(every, 0, 0)
    handle = checked(libc.syscall(ctypes.c_long(_CREATE), ctypes.byref(attributes), ctypes.c_size_t(8), ctypes.c_uint32(0)), "landlock_create_ruleset")
    for path in readable:
        _allow(handle, path, (_EXECUTE | _READ_FILE | _READ_DIR) & every)
    for path in writable:
        _allow(handle, path, every & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV))
    for path in _DEVICES:
        _allow(handle, path, (_READ_FILE | _WRITE_FILE | _IOCTL_DEV) & every)
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
