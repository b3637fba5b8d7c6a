"""Attacks that fill the machine's memory with what is no process's, so that no limit of memory sees it, or leave work to the machine."""

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import resource
import select
import socket
import struct
from pathlib import Path

from grader.execution.attacks.calls import call

_SIZE = 1024**2
_HUGE_PAGES = 0x40000
_A_THREAD, _FILES_OF_ITS_OWN = 0x10000, 2  # CLONE_THREAD, CLOSE_RANGE_UNSHARE
_SEES_LOCKS_OF_OTHERS, _SETS_LOCK_OF_FILE = 36, 37  # F_OFD_GETLK, F_OFD_SETLK
_SETS_FILTER, _SETS_SLOTS_OF_FUTEXES, _SAYS_WHAT_MAY_BE_RUN = 22, (78, 1, 1024, 0, 0), (66, 0, 0, 0, 0)  # of prctl
_SAYS_VERSION_OF_BRIDGES = 0x8940  # SIOCGIFBR
_WITHOUT_COPYING = 60  # SO_ZEROCOPY
_LEARNS_OF_CALLS = 8  # SECCOMP_FILTER_FLAG_NEW_LISTENER


def keeps_memory_by_a_page_of_it() -> str:
    """Shared memory without a file, of which all pages stay as long as one is mapped."""
    for flags in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _HUGE_PAGES):
        with contextlib.suppress(OSError), mmap.mmap(-1, 2 * _SIZE, flags=flags):
            return f"flags {flags:#x}"
    return ""


def keeps_memory_of_a_device() -> str:
    """Mapping /dev/zero, which is shared memory by another name."""
    with Path("/dev/zero").open("rb") as zeros, mmap.mmap(zeros.fileno(), _SIZE, prot=mmap.PROT_READ):
        return "mapped"


def keeps_memory_in_pipes() -> str:
    """Vmsplice: a page in a pipe keeps the large page that it is from, of which the process may let go."""
    piece = ctypes.create_string_buffer(8)
    read, write = os.pipe()
    try:
        return f"{call('vmsplice', write, struct.pack('QQ', ctypes.addressof(piece), 8), 1, 0)} bytes"
    finally:
        os.close(read)
        os.close(write)


def keeps_rules_in_the_kernel() -> str:
    """Rule sets of Landlock, which have room for any number of rules, and filters of system calls that outlive their threads."""
    with contextlib.suppress(OSError):
        return f"rules {call('landlock_create_ruleset', struct.pack('QQ', 1, 0), 16, 0)}"
    allow = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
    call("prctl", 38, 1, 0, 0, 0)
    with contextlib.suppress(OSError):
        program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(allow)))
        return f"filter {call('prctl', _SETS_FILTER, 2, ctypes.addressof(program), 0, 0)}"
    return f"listens at {call('seccomp', 1, _LEARNS_OF_CALLS, struct.pack('HxxxxxxQ', 1, ctypes.addressof(allow)))}"


def keeps_a_table_for_its_locks() -> str:
    """Room for the futexes of a process, as much of it as one asks for, and what else is newer in prctl than the filter."""
    for option, *arguments in (_SETS_SLOTS_OF_FUTEXES, _SAYS_WHAT_MAY_BE_RUN):
        with contextlib.suppress(OSError):
            return f"option {option}: {call('prctl', option, *arguments)}"
    return ""


def keeps_lists_of_rights() -> str:
    """Attributes of files: lists of who may do what with a folder are memory that no limit of files counts, 128 KiB a folder."""
    rights = struct.pack("I", 2) + b"".join(struct.pack("HHI", tag, 7, 0xFFFFFFFF) for tag in (1, 4, 32))
    for name, value in (("system.posix_acl_default", rights), ("user.x", b"x")):
        with contextlib.suppress(OSError):
            os.setxattr(".", name, value)
            return name
    return ""


def has_modules_loaded() -> str:
    """Asking a socket for bridges of networks, for which a machine loads the module that makes them."""
    with socket.socketpair()[0] as any_socket:
        try:
            fcntl.ioctl(any_socket, _SAYS_VERSION_OF_BRIDGES, bytes(24))
        except OSError as error:
            return "" if error.errno in (errno.EPERM, errno.ENOTTY) else f"reached the kernel: {error}"
    return "has bridges"


def keeps_filters_in_sockets() -> str:
    """A program for each socket: what all of them may take together is one limit for the whole machine, and without any left no sandbox starts."""
    allow = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 1))
    with socket.socket(socket.AF_UNIX) as filtered:
        filtered.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxQ", 1, ctypes.addressof(allow)))
    return "attached"


def keeps_memory_in_sockets() -> str:
    """Sending without copying: as long as nobody reads, a socket keeps the large pages of which it was given a piece, and the process may let go of them."""
    with socket.socket() as sender:
        sender.setsockopt(socket.SOL_SOCKET, _WITHOUT_COPYING, 1)
    return "kept"


def keeps_files_in_sockets() -> str:
    """A byte of each page of a file, which is then emptied: a socket has room for thousands of them, and each keeps its whole page."""
    _, end = os.pipe()
    with Path("sent").open("w+b", buffering=0) as file, socket.socketpair()[0] as sender:
        file.write(b"x")
        with contextlib.suppress(OSError):
            return f"{call('splice', file.fileno(), ctypes.byref(ctypes.c_longlong()), end, None, 1, 0)} bytes"
        with contextlib.suppress(OSError):
            return f"{os.sendfile(sender.fileno(), file.fileno(), 0, 1)} bytes sent"
    return ""


def keeps_data_in_large_sockets() -> str:
    """Asking for as much room in a socket as the machine gives anybody."""
    with socket.socket(socket.AF_UNIX) as large:
        found = []
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            before = large.getsockopt(socket.SOL_SOCKET, option)
            large.setsockopt(socket.SOL_SOCKET, option, 2 * before)
            found += [option] * (large.getsockopt(socket.SOL_SOCKET, option) > before)
    return f"options {found}" if found else ""


def uses_up_the_user_s_epoll_watches() -> str:
    """Epoll of its own, and ZeroMQ's: watches are counted for the user, whom all students share."""
    with contextlib.suppress(OSError):
        return f"epoll {select.epoll().fileno()}"
    read, _ = os.pipe()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if "eventpoll" in str(link.readlink()):
                call("epoll_ctl", int(link.name), 1, read, struct.pack("IQ", 1, 0))
                return f"a watch of {link.name}"
    return ""


def makes_pipes_of_others_small() -> str:
    """Large pipes: a user has so many pages for them, and whose user has used them up gets pipes of two."""
    read, _ = os.pipe()
    return f"{fcntl.fcntl(read, fcntl.F_SETPIPE_SZ, _SIZE)} bytes"


def uses_up_the_machine_s_asynchronous_reads() -> str:
    """io_setup, of whose requests the machine has so many."""
    return f"begun {call('io_setup', 1, ctypes.byref(ctypes.c_ulong()))}"


def hides_files_from_who_looks_at_its_process() -> str:
    """A thread with open files of its own: /proc shows those of a process's first one."""
    with contextlib.suppress(OSError):
        return f"has its own: {call('close_range', 1 << 20, 1 << 20, _FILES_OF_ITS_OWN)}"
    try:
        call("clone", _A_THREAD, 0, 0, 0, 0)  # which lacks what a thread must share: the kernel refuses it too, but otherwise
    except OSError as error:
        return "" if error.errno == errno.EPERM else f"clone reached the kernel: {error}"
    return ""


def keeps_locks() -> str:
    """Locks of single bytes of a file, of which there may be any number."""
    byte = struct.pack("hhqqixxxx", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
    with Path("locked").open("wb") as file, Path("locked").open("wb") as other:
        for kind in (fcntl.F_SETLK, _SETS_LOCK_OF_FILE):
            fcntl.fcntl(file, kind, byte)
            if struct.unpack_from("h", fcntl.fcntl(other, _SEES_LOCKS_OF_OTHERS, byte))[0] != fcntl.F_UNLCK:
                return f"kept by {kind}"
    return ""


def has_its_crashes_looked_at() -> str:
    """A crash without core files: many machines start a program of their own for it, as root, unless the limit is 1."""
    call("prlimit64", 0, resource.RLIMIT_CORE, bytes(16), None)
    return "can be had"


def writes_the_machine_s_disks() -> str:
    """Sync, for which all disks of the machine are written, and the same for a file, for which one of them is told to write what it holds."""
    for name in ("fsync", "fdatasync", "msync"):
        try:
            call(name, -1, 0, 0)
        except OSError as error:
            return f"{name} reached the kernel: {error}"
    call("sync")
    return "written"


def calls_what_is_new() -> str:
    """System calls of the newest kernels, which no filter names yet."""
    for name in ("listmount", "open_tree_attr"):
        try:
            call(name, -1, 0, 0, 0, 0)
        except OSError as error:
            if error.errno == errno.ENOSYS:
                continue
        return name
    return ""
