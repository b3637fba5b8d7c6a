"""What a student tries who is the grader's own user; sent to a kernel as text, with `TARGETS`: what this user has on the host.

Each public function returns what it got hold of, "" for nothing; none does harm where it succeeds.
"""

import fcntl
import os
import signal
import socket
import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from grader.execution.attacks.calls import call

TARGETS: dict[str, str] = {}
_OTHERS = ("grader", "zygote", "keeper", "neighbour")
_Ways = Mapping[str, Callable[[], object]]


def reads_a_file() -> str:
    secret = Path(TARGETS["secret"])
    Path("link").symlink_to(secret)
    return _those_that_succeed(
        {
            "by its path": secret.read_text,
            "by a link": Path("link").read_text,
            "by its own root": Path(f"/proc/self/root{secret}").read_text,
            "by its folder": lambda: list(secret.parent.iterdir()),
            "by moving it": lambda: secret.rename(secret),
        }
    )


def changes_a_file() -> str:
    secret = Path(TARGETS["secret"])
    folder = os.open(secret.parent, os.O_PATH)
    return _those_that_succeed(
        {
            "mode": lambda: secret.chmod(0o600),
            "mode from its folder": lambda: os.chmod(secret.name, 0o600, dir_fd=folder),
            "times": lambda: os.utime(secret),
            "owner": lambda: os.chown(secret, os.getuid(), os.getgid()),
            "attributes": lambda: os.setxattr(secret, "user.x", b"x"),
            "contents": lambda: secret.open("a").close(),
            "length": lambda: os.truncate(secret, 6),
            "folder": secret.with_name("new").touch,
        }
    )


def changes_a_file_that_is_open_for_reading() -> str:
    """Of a library this would be harm, and a filter of system calls cannot tell it from a file of one's own."""
    Path("own").touch()
    with Path("own").open() as file:
        return _those_that_succeed(
            {
                "mode": lambda: os.fchmod(file.fileno(), 0o644),
                "times": lambda: os.utime(file.fileno()),
                "attributes": lambda: os.setxattr(file.fileno(), "user.x", b"x"),
                "flags": lambda: fcntl.ioctl(file, 0x40086602, struct.pack("l", 0)),
            }
        )


def signals_others() -> str:
    ways: dict[str, Callable[[], object]] = {}
    for name in _OTHERS:
        process = int(TARGETS[name])
        ways[name] = partial(os.kill, process, 0)
        ways[f"{name}'s handle"] = partial(signal.pidfd_send_signal, os.pidfd_open(process), signal.SIGURG)
        ways[f"{name}'s group"] = partial(os.killpg, os.getpgid(process), 0)
    return _those_that_succeed(ways)


def changes_how_others_run() -> str:
    grader, room = int(TARGETS["grader"]), struct.pack("QQ", 0, 0)
    return _those_that_succeed(
        {
            "limits": partial(call, "prlimit64", grader, 7, None, room),
            "processors": lambda: os.sched_setaffinity(grader, os.sched_getaffinity(grader)),
            "priority": lambda: os.setpriority(os.PRIO_PROCESS, grader, os.getpriority(os.PRIO_PROCESS, grader)),
            "order of input and output": partial(call, "ioprio_set", 1, grader, 2 << 13 | 4),
        }
    )


def looks_into_others() -> str:
    ways: dict[str, Callable[[], object]] = {}
    for name in ("grader", "neighbour"):
        folder = Path(f"/proc/{TARGETS[name]}")
        for file in ("environ", "mem", "maps", "cmdline", "status"):
            ways[f"{name}'s {file}"] = partial(_open, folder / file)
        for inside in ("fd", "cwd", "root", "task"):
            ways[f"{name}'s {inside}"] = partial(os.listdir, folder / inside)
        ways[f"{name}'s program"] = (folder / "exe").readlink
        ways[f"{name}'s place"] = (folder / "cwd/.").stat
    return _those_that_succeed(ways)


def reaches_a_service() -> str:
    ways: dict[str, Callable[[], object]] = {
        "by a name without a file": lambda: socket.socket(socket.AF_UNIX).connect("\0" + TARGETS["abstract"]),
        "the warm process": lambda: socket.socket(socket.AF_UNIX).connect(TARGETS["control"]),
        "by its path": lambda: socket.socket(socket.AF_UNIX).connect(TARGETS["service"]),
        "by a letter": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", TARGETS["letters"]),
        "by a letter from a pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", TARGETS["letters"]),
        "by a message from a pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendmsg([b"x"], [], 0, TARGETS["letters"]),
        "by a pair that is turned": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].connect(TARGETS["letters"]),
    }
    return _those_that_succeed(ways)


def turns_the_pairs_that_it_may_have() -> str:
    """No pair of streams can be turned to another address, in no tier."""
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return _those_that_succeed({address: partial(ours.connect, TARGETS[address]) for address in ("service", "letters")})


def reaches_shared_memory() -> str:
    return _those_that_succeed(
        {
            "by its path": Path(TARGETS["shared"]).read_text,
            "by its folder": lambda: list(Path(TARGETS["shared"]).parent.iterdir()),
            "a new one": Path(TARGETS["shared"] + "-new").touch,
            "of System V": partial(call, "shmat", int(TARGETS["segment"]), 0, 0o10000),
        }
    )


def uses_a_terminal() -> str:
    return _those_that_succeed({"the user's": partial(_open, Path(TARGETS["terminal"])), "all": lambda: list(Path("/dev/pts").iterdir())})


def finds_a_neighbour_s_files() -> str:
    folder = Path(TARGETS["scratch"])
    return _those_that_succeed(
        {
            "listed": lambda: list(folder.iterdir()),
            "read": (folder / "mine").read_text,
            "written": lambda: (folder / "yours").write_text("x"),
            "its socket": lambda: socket.socket(socket.AF_UNIX).connect(str(folder / ".kernel/k-1")),
        }
    )


def _open(path: Path) -> None:
    os.close(os.open(path, os.O_RDONLY | os.O_NOCTTY))


def _those_that_succeed(ways: _Ways) -> str:
    succeeded = []
    for name, way in ways.items():
        try:
            way()
        except OSError:
            continue
        succeeded.append(name)
    return ", ".join(succeeded)
