"""Fresh namespaces: users, mounts, processes, network, IPC, host name, cgroups."""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

from grader.execution.sandbox.syscalls import PR_SET_DUMPABLE, checked, libc, prctl

_ALL = 0x10000000 | 0x20000 | 0x20000000 | 0x40000000 | 0x8000000 | 0x4000000 | 0x2000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def enter_namespaces() -> None:
    """Leave every namespace for a fresh one, keeping the user's number; the next fork is process 1."""
    user, group = os.getuid(), os.getgid()
    # /proc/self is writable for its owner only while the process may be dumped, and a zygote forbids that
    prctl(PR_SET_DUMPABLE, 1)
    checked(libc.unshare(ctypes.c_int(_ALL)), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def raise_loopback() -> None:
    """Bring up the namespace's own loopback: student code may talk to itself, as DataLoader and debuggers do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))
    # what waits in connections is memory that belongs to no process: no more than in any other socket
    for direction in ("rmem", "wmem"):
        Path(f"/proc/sys/net/ipv4/tcp_{direction}").write_text("4096 65536 212992")
