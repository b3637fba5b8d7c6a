"""Attacks that hurt the host, the warm process, its keeper or the students that come later."""

import contextlib
import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grader
from grader.execution.attacks.calls import call

_NEW_USER, _NEW_MOUNTS, _NEW_NET = 0x10000000, 0x20000, 0x40000000
_OF_PARENT = 0x8000


def kills_the_keeper() -> str:
    """Sending its parent every signal that ends or stops a process."""
    keeper = os.getppid()
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGUSR1,
        signal.SIGALRM,
        signal.SIGTSTP,
        signal.SIGRTMIN,
        signal.SIGSTOP,
        signal.SIGKILL,
    ):
        with contextlib.suppress(OSError):
            os.kill(keeper, number)
    state = Path(f"/proc/{keeper}/stat").read_text().rsplit(") ", 1)[1][0]
    return f"state {state}" if os.getppid() != keeper or state in "TtZX" else ""


def limits_the_keeper() -> str:
    """Prlimit on its parent: a processor time of a second, no files, no memory."""
    for name in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_NPROC):
        with contextlib.suppress(OSError):
            call("prlimit64", os.getppid(), name, struct.pack("QQ", 1 << 40, 1 << 40), None)
            return f"limit {name}"
    return ""


def renices_the_keeper() -> str:
    """Setpriority on its parent and on all of its user."""
    for which, who in ((0, os.getppid()), (2, os.getuid()), (2, 0)):
        with contextlib.suppress(OSError):
            call("setpriority", which, who, 19)
            return f"niced {which}"
    return ""


def pins_the_keeper() -> str:
    """sched_setaffinity on its parent."""
    return f"pinned: {call('sched_setaffinity', os.getppid(), 8, struct.pack('Q', 1))}"


def idles_the_keeper() -> str:
    """sched_setscheduler(SCHED_IDLE) on its parent, and ioprio_set."""
    call("sched_setscheduler", os.getppid(), 5, struct.pack("i", 0))
    if call("sched_getscheduler", os.getppid()) == 5:  # noqa: PLR2004 - SCHED_IDLE
        return "idle"
    return f"ioprio: {call('ioprio_set', 1, os.getppid(), 3 << 13)}"


def tells_the_oom_killer_whom_to_take() -> str:
    """Writing the keeper's oom_score_adj, and being no more likely to be taken than others."""
    for file, value in ((f"/proc/{os.getppid()}/oom_score_adj", "1000"), ("/proc/self/oom_score_adj", "0")):
        with contextlib.suppress(OSError):
            Path(file).write_text(value)
            return file
    own = Path("/proc/self/oom_score_adj").read_text().strip()
    return "" if own == "1000" else f"its own is {own}"


def writes_over_the_system() -> str:
    """Making files in /, /usr, /etc, /dev, the interpreter's folder and the grader's own package."""
    folders = ["/", "/usr", "/usr/lib", "/etc", "/dev", "/run/grader/sockets", "/run/grader/kernel", "/sys", sys.prefix, sys.base_prefix, *grader.__path__]
    folders += [path for path in sys.path if path]
    return _first_that_takes_a_file(folders)


def plants_code_for_the_next_student() -> str:
    """Writing sitecustomize.py, usercustomize.py and a .pth file where Python would find them."""
    places = [path for path in sys.path if path.endswith("site-packages")]
    for place in places:
        for name in ("sitecustomize.py", "usercustomize.py", "evil.pth"):
            with contextlib.suppress(OSError):
                Path(place, name).write_text("")
                return f"{place}/{name}"
    return ""


def changes_bytecode_of_a_library() -> str:
    """Writing into the __pycache__ of torch and of the grader."""
    import torch  # noqa: PLC0415 - heavy

    return _first_that_takes_a_file([f"{folder}/__pycache__" for module in (torch, grader) for folder in module.__path__])


def changes_its_sockets_folder() -> str:
    """Filling, opening up and emptying the folder that the host sees."""
    for what, attempt in _on_the_sockets_folder():
        with contextlib.suppress(OSError):
            attempt()
            return what
    return ""


def changes_kernel_settings() -> str:
    """Writing /proc/sys, /proc/sysrq-trigger and cgroup files."""
    for file in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward",
                 "/proc/sysrq-trigger", "/proc/sys/user/max_user_namespaces", "/sys/fs/cgroup/cgroup.procs", "/proc/self/uid_map", "/proc/1/setgroups"):  # fmt: skip
        with contextlib.suppress(OSError):
            Path(file).write_text("1")
            return file
    return ""


def mounts_a_folder() -> str:
    """Mount, umount2, fsopen, open_tree, move_mount, pivot_root, chroot."""
    attempts: list[tuple[object, ...]] = [
        ("mount", b"none", b"/tmp", b"tmpfs", 0, None),
        ("mount", None, b"/", None, 32 | 4096, None),
        ("umount2", b"/run/grader/sockets", 2),
        ("fsopen", b"tmpfs", 0),
        ("open_tree", -100, b"/", 1),
        ("move_mount", -100, b"/tmp", -100, b"/usr", 0),
        ("pivot_root", b"/tmp", b"/tmp"),
        ("chroot", b"/tmp"),
    ]
    return _first_that_is_let_through(attempts)


def makes_namespaces() -> str:
    """Unshare and clone with new namespaces, where it would have every capability."""
    child = None
    with contextlib.suppress(OSError):
        child = call("clone", _NEW_USER | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child:
        os.waitpid(child, 0)
        return "clone"
    return _first_that_is_let_through([("unshare", _NEW_USER), ("unshare", _NEW_MOUNTS), ("unshare", _NEW_NET), ("unshare", 0x02000000)])


def gives_its_keeper_children() -> str:
    """CLONE_PARENT: children for the keeper to bury, so fast that it does nothing else."""
    child = call("clone", _OF_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return f"process {child}"


def makes_namespaces_by_clone3() -> str:
    """clone3, whose flags a filter cannot read."""
    arguments = struct.pack("QQQQQQQQ", _NEW_USER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    child = call("clone3", arguments, len(arguments))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "cloned"


def enters_the_keeper_s_namespaces() -> str:
    """Setns into the namespaces of its parent."""
    return _first_that_is_let_through([("setns", call("pidfd_open", os.getppid(), 0), _NEW_MOUNTS | _NEW_NET)])


def gets_capabilities_back() -> str:
    """Looking for a capability that was left, and becoming root by setuid."""
    header, data = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    call("capget", header, data)
    if any(data.raw):
        return "capabilities left"
    for become, arguments in ((os.setuid, (0,)), (os.setresuid, (0, 0, 0)), (os.setgid, (0,)), (os.setgroups, ([0],))):
        with contextlib.suppress(OSError):
            become(*arguments)
            return "became root"
    return ""


def gains_rights_by_a_setuid_program() -> str:
    """Running a program with the set-user-id bit: bubblewrap, `drop_capabilities`, Landlock and the filter each refuse new rights for good."""
    status = Path("/proc/self/status").read_text()
    return "" if "NoNewPrivs:\t1" in status else "new privileges are possible"


def raises_its_own_limits() -> str:
    """Setting its limits of processes, files and processor time higher."""
    for name in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(name)[1]
            resource.setrlimit(name, (hard, hard + 1 if hard >= 0 else hard))
            return f"limit {name} is {hard}"
    return ""


def leaves_shared_memory() -> str:
    """SysV shared memory, semaphores and messages, which outlive their process."""
    return _first_that_is_let_through([("shmget", 4711, 4096, 0o1666), ("semget", 4711, 1, 0o1666), ("msgget", 4711, 0o1666)])


def leaves_a_message_queue() -> str:
    """A POSIX message queue, which outlives its process."""
    return f"queue {call('mq_open', b'grader', os.O_CREAT | os.O_RDWR, 0o666, None)}"


def leaves_a_key() -> str:
    """A key in the user's keyring, which all processes of the user share."""
    return f"key {call('add_key', b'user', b'grader', b'note', 4, -4)}"


def hides_memory_in_files_without_names() -> str:
    """memfd_create: memory that no process seems to hold."""
    return f"memory file {call('memfd_create', b'x', 0)}"


def uses_up_the_user_s_watches() -> str:
    """inotify_init1: instances are counted for the user, whom all students share."""
    return f"watch {call('inotify_init1', 0)}"


def reaches_for_the_kernel_s_rare_parts() -> str:
    """io_uring, bpf, perf, userfaultfd: where escapes have begun."""
    room = ctypes.create_string_buffer(256)
    attempts: list[tuple[object, ...]] = [
        ("io_uring_setup", 4, room),
        ("bpf", 0, room, 72),
        ("perf_event_open", room, 0, -1, -1, 0),
        ("userfaultfd", 0),
        ("process_madvise", 0, room, 1, 4, 0),
        ("quotactl", 0, None, 0, None),
    ]
    return _first_that_is_let_through(attempts, but=(errno.EINVAL, errno.EFAULT, errno.E2BIG))


def changes_the_machine() -> str:
    """Host name, clock, swap, modules, reboot."""
    attempts: list[tuple[object, ...]] = [
        ("sethostname", b"mine", 4),
        ("setdomainname", b"mine", 4),
        ("settimeofday", struct.pack("QQ", 0, 0), None),
        ("swapon", b"/tmp/x", 0),
        ("finit_module", 0, b"", 0),
        ("kexec_load", 0, 0, None, 0),
        ("reboot", 0xFEE1DEAD, 672274793, 0),
    ]
    return _first_that_is_let_through(attempts)


def types_into_a_terminal() -> str:
    """TIOCSTI puts characters into the terminal of whoever started the grader."""
    child, terminal = os.forkpty()
    if child == 0:
        try:
            fcntl.ioctl(0, 0x5412, b"x")
        except OSError as error:
            os._exit(error.errno or errno.EPERM)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    if status in (0, errno.EIO):
        return "typed" if status == 0 else "TIOCSTI reached the kernel"
    with contextlib.suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR))
        return "has a terminal"
    return ""


def changes_a_terminal_s_kind() -> str:
    """TIOCSETD: another line discipline, for which a kernel loads its module."""
    terminal, other = os.openpty()
    try:
        fcntl.ioctl(other, 0x5423, struct.pack("i", 0))
        return "changed"
    finally:
        os.close(terminal)
        os.close(other)


def finds_descriptors_that_it_inherited() -> str:
    """Looking for pipes, files and sockets that belong to its keeper or to the warm process."""
    for found in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):
            target = str(found.readlink())
            if target.startswith("/") and not target.startswith(("/dev/null", "/proc/", "/run/grader/scratch", "/dev/pts", "/dev/urandom")):
                return f"{found} is {target}"
            if target.startswith("socket:") and _peer_is_foreign(int(found.name)):
                return f"{found} is the keeper's connection"
    return ""


def _peer_is_foreign(descriptor: int) -> bool:
    with socket.socket(fileno=os.dup(descriptor)) as found:
        if found.family != socket.AF_UNIX:
            return False
        with contextlib.suppress(OSError):
            return b"control" in os.fsencode(found.getsockname()) or b"control" in os.fsencode(found.getpeername() or b"")
    return False


def _on_the_sockets_folder() -> Iterator[tuple[str, Callable[[], object]]]:
    folder = Path("/run/grader/kernel")
    yield "fills it", lambda: (folder / "flood").write_bytes(b"x")
    yield "links out of it", lambda: (folder / "link").symlink_to("/etc")
    yield "opens it up", lambda: folder.chmod(0o777)
    yield "turns back its time", lambda: os.utime(folder, (0, 0))
    yield "labels it", lambda: os.setxattr(folder, "user.x", b"x" * 100)
    yield "renames in it", lambda: (folder / "k-1").rename(folder / "k-6")


def _first_that_takes_a_file(folders: list[str]) -> str:
    for folder in folders:
        with contextlib.suppress(OSError):
            Path(folder, "left-by-an-attack").write_text("x")
            return folder
    return ""


def _first_that_is_let_through(attempts: list[tuple[object, ...]], but: tuple[int, ...] = ()) -> str:
    for name, *arguments in attempts:
        try:
            call(str(name), *arguments)
        except OSError as error:
            if error.errno in but:
                return f"{name} reached the kernel: {error}"
            continue
        return str(name)
    return ""
