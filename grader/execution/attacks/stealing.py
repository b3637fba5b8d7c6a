"""Attacks that read what is not the student's: the host's files, the course, other processes, secrets."""

import contextlib
import ctypes
import gc
import inspect
import os
import re
import sys
from pathlib import Path

from grader.execution.attacks.calls import call

_PTRACE_ATTACH, _PTRACE_SEIZE = 16, 0x4206


def reads_the_host_s_accounts() -> str:
    """Reading /etc/passwd and /etc/shadow."""
    return _first_that_opens("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/machine-id")


def reads_the_host_s_folders() -> str:
    """Listing home folders, /var, /run, /opt, /srv, /mnt, /boot."""
    for folder in ("/home", "/var", "/run", "/opt", "/srv", "/mnt", "/media", "/boot", "/var/run", "/lost+found"):
        if Path(folder).is_dir() and (found := [path.name for path in Path(folder).iterdir() if path != Path("/run/grader")]):
            return f"{folder}: {found[:5]}"
    return ""


def finds_solutions_and_gradebooks() -> str:
    """Walking everything that can be seen for solutions, hidden cases, other submissions and reports."""
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if f"{folder}/{name}" not in ("//proc", "//sys", "//usr") and name != "site-packages"]
        for name in (*folders, *files):
            if name in ("questions.py", "questions", ".git", "grader.toml", "solutions", "submissions", "result.json", ".grader", "bundles"):
                return f"{folder}/{name}"
    return ""


def reads_the_environment_for_secrets() -> str:
    """Looking for tokens, keys and passwords in the environment, its own and that of other processes."""
    everything = dict(os.environ)
    for process in _processes():
        try:
            pairs = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        everything |= {key.decode(): value.decode(errors="replace") for key, _, value in (pair.partition(b"=") for pair in pairs if pair)}
    return ", ".join(name for name in everything if re.search(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|SSH|AWS|CANARY", name, re.IGNORECASE))


def looks_into_the_keeper() -> str:
    """Opening the memory, environment, root folder and descriptors of its parent."""
    return _first_that_opens(
        *(f"/proc/{os.getppid()}/{name}" for name in ("mem", "environ", "auxv", "syscall", "stack", "io", "fd/0", "fd/3", "root/etc", "cwd/x"))
    )


def sees_processes_that_are_not_its_own() -> str:
    """Finding the grader, the warm process or a neighbour in /proc."""
    own = {os.getpid(), os.getppid()}
    for process in _processes():
        status = Path(f"/proc/{process}/status").read_text()
        parent = int(re.findall(r"PPid:\s+(\d+)", status)[0])
        if process not in own and parent not in own and parent in _processes() and parent != 1:
            return f"process {process}: {Path(f'/proc/{process}/cmdline').read_bytes()[:80]!r}"
    return ""


def reads_the_keeper_s_memory() -> str:
    """process_vm_readv on its parent."""
    return f"read {_process_vm('process_vm_readv')} bytes"


def writes_the_keeper_s_memory() -> str:
    """process_vm_writev on its parent."""
    return f"wrote {_process_vm('process_vm_writev')} bytes"


def traces_the_keeper() -> str:
    """PTRACE_ATTACH and PTRACE_SEIZE on its parent."""
    for request in (_PTRACE_ATTACH, _PTRACE_SEIZE):
        try:
            call("ptrace", request, os.getppid(), 0, 0)
        except OSError:
            continue
        return "attached"
    return ""


def takes_a_descriptor_of_the_keeper() -> str:
    """pidfd_getfd on its parent."""
    handle = call("pidfd_open", os.getppid(), 0)
    return f"got descriptor {call('pidfd_getfd', handle, 0, 0)}"


def compares_itself_with_the_keeper() -> str:
    """Kcmp: which descriptors does the parent share?"""
    return f"kcmp said {call('kcmp', os.getpid(), os.getppid(), 0, 0, 0)}"


def lists_the_neighbours_sockets() -> str:
    """Listing the folder of the warm process, where the control socket and the neighbours' folders lie."""
    found = [str(path) for path in Path("/run/grader/sockets").iterdir()]
    return ", ".join(found)


def knocks_at_the_control_socket() -> str:
    """Asking the warm process for a kernel of its own."""
    import socket  # noqa: PLC0415 - beside its only use

    with socket.socket(socket.AF_UNIX) as knock:
        knock.connect("/run/grader/sockets/control")
        return "connected"


def finds_the_neighbours_keys_in_its_memory() -> str:
    """Searching its own memory for the requests of the kernels that were forked before it."""
    pattern = re.compile(rb'"id":"([0-9a-f]{8})",' + rb'"key":"([0-9a-f-]{8,80})')
    found = set()
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:
        for line in Path("/proc/self/maps").read_text().splitlines():
            if " rw-p " in line and "[v" not in line:
                start, end = (int(part, 16) for part in line.split()[0].split("-"))
                memory.seek(start)
                try:
                    found |= {match.group(2) for match in pattern.finditer(memory.read(min(end - start, 64 * 1024**2)))}
                except OSError:
                    continue
    return f"{len(found)} keys" if len(found) > 1 else ""


def finds_expected_values_in_stack_frames_and_garbage() -> str:
    """Walking stack frames, gc.get_objects and sys.modules for bundles, cases and expected values."""
    for found in gc.get_objects():
        if str(type(found).__module__).startswith(("grader.grading", "grader.results")):
            return repr(type(found))
    frame = inspect.currentframe()
    while frame is not None:
        if any("expected" in name for name in frame.f_locals):
            return str(frame)
        frame = frame.f_back
    return ", ".join(name for name in sys.modules if name.startswith(("grader.grading", "grader.gradebook", "grader.intake", "questions")))


def reads_files_by_handle() -> str:
    """name_to_handle_at and open_by_handle_at, which go past every mount and path check."""
    handle = ctypes.create_string_buffer(b"\x80\0\0\0" + b"\0" * 132, 136)
    mount = ctypes.c_int()
    call("name_to_handle_at", -100, b"/usr", handle, ctypes.byref(mount), 0)
    with contextlib.suppress(OSError):
        return f"opened {call('open_by_handle_at', os.open('/usr', os.O_RDONLY), handle, os.O_RDONLY)}"
    return "has a handle"


def reads_a_keyring() -> str:
    """Keyctl: reading the session's keyring."""
    return f"keyring {call('keyctl', 0, -3, 1)}"


def asks_for_a_key() -> str:
    """request_key of somebody else."""
    return f"key {call('request_key', b'user', b'grader', None, 0)}"


def reads_the_kernel_s_memory_and_log() -> str:
    """Opening /dev/mem, /proc/kcore, /dev/kmsg, and the kernel's log."""
    opened = _first_that_opens("/dev/mem", "/dev/kmem", "/dev/port", "/proc/kcore", "/dev/kmsg", "/proc/kmsg")
    return opened or f"log of {call('syslog', 10, None, 0)} bytes"


def reads_the_disk_below_the_files() -> str:
    """Opening block devices, also ones that it makes itself."""
    opened = _first_that_opens("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/dm-0", "/dev/loop0")
    if opened:
        return opened
    os.mknod("disk", 0o60600, os.makedev(254, 0))
    return _first_that_opens("disk")


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _first_that_opens(*paths: str) -> str:
    for path in paths:
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            continue
        return path
    return ""


class _Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _process_vm(name: str) -> int:
    # a fork has its parent's addresses, so an address of ours is one of the keeper's too
    here = ctypes.create_string_buffer(8)
    span = _Span(ctypes.addressof(here), 8)
    return call(name, os.getppid(), ctypes.byref(span), 1, ctypes.byref(span), 1, 0)
