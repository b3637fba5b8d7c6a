"""Memory that forks cheaply."""

import ctypes
from pathlib import Path

from grader.execution.sandbox.syscalls import libc

_MADV_COLLAPSE = 25
_BYTES = 2 * 1024**2


def use_large_pages() -> None:
    """Move this process's own memory into pages of 2 MiB, where Linux can (6.1 and newer): a fork copies one entry for each of them instead of 512."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, permissions, _, _, inode, *name = line.split(maxsplit=5)
        start, end = (int(address, 16) for address in addresses.split("-"))
        if permissions == "rw-p" and inode == "0" and name in ([], ["[heap]"]) and end - start >= _BYTES:
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), ctypes.c_int(_MADV_COLLAPSE))
