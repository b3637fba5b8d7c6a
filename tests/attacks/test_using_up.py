"""Using up what is shared: memory, processes, files, disk, output, processor. The neighbour works on, and the sentence is clear."""

import asyncio
import resource
import time

import pytest

from grader.execution.answers import Answer, CellRun, Died, Probe, Returned
from tests.execution.lab import LIMITS, Lab, cells

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

MEMORY = LIMITS.model_copy(update={"memory_bytes": 512 * 1024**2})
TOO_MUCH = "your code used more than 0.5 GiB of memory"
MIB = 1024**2

MEMORY_BOMBS = {
    "one object": "x = b'x' * (4 * 1024**3)",
    "a tensor": "import torch\nx = torch.ones(1024**3)",
    "many small objects": "x = [bytes(1000) for i in range(10**7)]",
    "many processes": "import os, time\nfor i in range(8):\n    if os.fork() == 0:\n        x = b'x' * (100 * 1024**2)\n        time.sleep(60)\ntime.sleep(60)",
    "an orphan": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        x = b'x' * (4 * 1024**3)\n        time.sleep(60)\n    os._exit(0)\ntime.sleep(60)"
    ),
    "a process whose first thread has ended": (
        "import ctypes, os, threading, time\ndef hoard():\n    while 'VmSize' in open('/proc/self/status').read(): pass\n    x = b'x' * (2 * 1024**3)\n    time.sleep(60)\n"
        "if os.fork() == 0:\n    threading.Thread(target=hoard).start()\n    ctypes.CDLL(None).pthread_exit(None)\ntime.sleep(60)"
    ),
    "records of mappings": (
        'import subprocess, sys\nsubprocess.run([sys.executable, \'-c\', """\nimport ctypes, os, time\nlibc = ctypes.CDLL(None)\nlibc.mmap.restype = ctypes.c_void_p\n'
        "start = libc.mmap(None, ctypes.c_size_t(30_000 * 8192), 3, 0x4022, -1, ctypes.c_long(0))\n"
        "for i in range(30_000): libc.mprotect(ctypes.c_void_p(start + i * 8192), ctypes.c_size_t(4096), 1)\n"
        'for i in range(8):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"""])'
    ),
    "page tables": (
        "import mmap\nms = [mmap.mmap(-1, 64 * 1024**3, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000) for i in range(16)]\n"
        "for m in ms:\n    m.madvise(mmap.MADV_NOHUGEPAGE)\n    for i in range(0, len(m), 2 * 1024**2): m[i]"
    ),
    "data that waits in sockets": (
        "import socket\nkept = []\nimport os\nfor p in range(20):\n    if os.fork() == 0: break\n"
        "for i in range(80):\n    a, b = socket.socketpair()\n    a.setblocking(False)\n    kept.append((a, b))\n"
        "    try:\n        while True: a.send(b'x' * 65536)\n    except BlockingIOError: pass\nimport time\ntime.sleep(60)"
    ),
}


@pytest.mark.parametrize("bomb", MEMORY_BOMBS)
def test_a_memory_bomb_is_told_how_much_it_may_use(bomb: str, lab: Lab) -> None:
    runs, answer = beside_a_neighbour(lab, MEMORY_BOMBS[bomb], limits=MEMORY)

    assert (runs[0].status, runs[0].message) == ("died", TOO_MUCH)
    assert runs[1].status == "ok"
    assert_answered(answer)


PROCESSES = "your code may run 64 processes and threads at a time"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import os, signal\nwhile True:\n    if os.fork() == 0: signal.pause()", PROCESSES),
        ("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", PROCESSES),
        ("x = [open('/dev/null') for i in range(10_000)]", "your code may have 256 files open at a time"),
        ("open('big', 'wb').truncate(10**15)", "your code may write 64 MiB"),
        ("with open('big', 'wb') as f:\n    while True: f.write(bytes(1024**2))", "your code may write 64 MiB"),
        ("with open('/dev/shm/big', 'wb') as f:\n    while True: f.write(bytes(1024**2))", "your code may write 64 MiB"),
        ("for i in range(10**6):\n    with open(f'{i % 8}big', 'ab') as f: f.write(bytes(8 * 1024**2))", "your code may write 64 MiB"),
        ("for i in range(10**6): open(f'file{i}', 'w').close()", "your code may write 64 MiB"),
        ("import os\nfor i in range(10**6): os.mkdir(f'folder{i}')", "your code may write 64 MiB"),
        ("import os\nfor i in range(10**6): os.symlink('a' * 4000, f'link{i}')", "your code may write 64 MiB"),
    ],
    ids=["processes", "threads", "open files", "a sparse file", "disk", "shared memory", "many files", "empty files", "folders", "links"],
)
def test_what_may_not_be_used_up_is_refused_in_time(source: str, sentence: str, lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"scratch_bytes": 64 * MIB, "scratch_files": 2000})
    runs, answer = beside_a_neighbour(lab, source, limits=limits)

    assert runs[0].status == "error", runs[0]
    assert sentence in runs[0].message
    assert runs[1].status == "ok"
    assert_answered(answer)


def test_a_file_that_grows_beyond_the_limit_says_so(lab: Lab) -> None:
    seen = lab.run("with open('big', 'wb') as f:\n    f.write(bytes(300 * 1024**2))", limits=LIMITS)

    assert (seen.runs[0].status, seen.runs[0].error) == ("error", "OSError")
    assert "File too large" in seen.runs[0].message or "No space left" in seen.runs[0].message


BURN = "import os, signal, time\ndef burn(seconds):\n    while time.process_time() < seconds: pass\n"

PROCESSOR_BOMBS = {
    "a loop": "while True: pass",
    "processes that each use little": f"{BURN}for i in range(8):\n    if os.fork() == 0:\n        burn(60)\nsignal.pause()",
    "one process after another": f"{BURN}while True:\n    if os.fork() == 0:\n        burn(0.3)\n        os._exit(0)\n    os.wait()",
    "processes that nobody waits for": (
        f"{BURN}signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n    if os.fork() == 0:\n        burn(0.6)\n        os._exit(0)\n    time.sleep(0.5)"
    ),
    "orphans": f"{BURN}while True:\n    if os.fork() == 0:\n        if os.fork() == 0: burn(0.3)\n        os._exit(0)\n    os.wait()\n    time.sleep(0.2)",
}


@pytest.mark.parametrize("bomb", PROCESSOR_BOMBS)
def test_all_processes_together_have_one_processor_time(bomb: str, lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"cpu_seconds": 2})
    seen = lab.run(PROCESSOR_BOMBS[bomb], "print('on')", limits=limits, cell=40.0)

    assert (seen.runs[0].status, seen.runs[0].message) == ("died", "your code used more processor time than it may")
    assert seen.statuses[1] == "ok"


def test_processes_that_come_and_go_do_not_count_twice(lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"cpu_seconds": 4})
    seen = lab.run(f"{BURN}for i in range(12):\n    if os.fork() == 0:\n        burn(0.2)\n        os._exit(0)\n    os.wait()", limits=limits, cell=40.0)

    assert seen.statuses == ["ok"]


def test_a_fork_bomb_is_cleaned_up_at_once(lab: Lab) -> None:
    async def work() -> float:
        async with lab.session(cell=1.0) as session:
            await session.run(
                cells("import os\nimport signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    try: os.fork()\n    except OSError: pass")
            )
            started = time.monotonic()
        return time.monotonic() - started

    lab.do(work())
    seen = lab.run("def f(): return 1", probes=["f"])

    assert_answered(seen.answers[0])


@pytest.mark.parametrize(
    "source",
    [
        "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass",
        "import subprocess\nsubprocess.Popen(['sh', '-c', 'while :; do :; done'], start_new_session=True)",
        "import threading\nthreading.Thread(target=lambda: [None for i in iter(int, 1)], daemon=True).start()",
        "import os, signal\nos.kill(-1, signal.SIGSTOP)",
        "import os, signal\nos.kill(-1, signal.SIGKILL)",
        "import os, signal\nos.kill(0, signal.SIGSTOP)",
        "import os, signal\nos.kill(0, signal.SIGKILL)",
        "import os\nfor fd in range(3, 256):\n    try: os.close(fd)\n    except OSError: pass",
        "import os\nfor fd in range(3, 256):\n    try: os.dup2(os.open('/dev/full', os.O_RDWR), fd)\n    except OSError: pass",
        "import os\nfor fd in range(3, 256):\n    try: os.write(fd, b'junk' * 100)\n    except OSError: pass",
        "import sys, gc\nfor x in gc.get_objects():\n    if type(x).__name__ == 'Context' and hasattr(x, 'destroy'):\n        x.destroy()",
        "import faulthandler\nfaulthandler._sigabrt()",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
        """
        import ctypes, mmap
        m = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
        m.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
        """,
        "import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 39)",
    ],
    ids=[
        "a daemon", "a shell that burns", "a thread", "stopping all it sees", "killing all it sees", "stopping its group", "killing its group", "closing descriptors",
        "replacing descriptors", "writing into descriptors", "destroying contexts", "aborting", "endless recursion", "32-bit calls", "x32 calls",
    ],
)  # fmt: skip
def test_what_a_student_does_to_their_own_kernel_is_their_own_loss(source: str, lab: Lab) -> None:
    runs, answer = beside_a_neighbour(lab, source, cell=2.0)

    assert [run.cell_id for run in runs] == ["c0", "c1"]
    assert_answered(answer)


def test_a_gigabyte_of_output_stops_neither_the_grader_nor_the_neighbour(lab: Lab) -> None:
    runs, answer = beside_a_neighbour(lab, "for i in range(1024): print('x' * 1024**2)", cell=10.0)

    assert runs[0].status in ("ok", "died", "timeout")
    assert len(str(runs[0].outputs)) < 300_000
    assert runs[1].status == "ok"
    assert_answered(answer)


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('x', flush=True)",
        "from IPython.display import display\nwhile True: display(1)",
        "import time\nwhile True:\n    print('.', end='', flush=True)\n    time.sleep(0.01)",
        "print('x' * 200_000_000)",
    ],
    ids=["many small messages", "many displays", "a slow drip", "one huge message"],
)
def test_endless_output_ends_with_its_cell(source: str, lab: Lab) -> None:
    runs, answer = beside_a_neighbour(lab, source, cell=2.0)

    assert runs[0].status in ("timeout", "died", "ok" if "200_000_000" in source else "died")
    assert runs[1].status == "ok"
    assert_answered(answer)


def test_who_ends_one_kernel_after_the_other_shows_no_more_than_others(lab: Lab) -> None:
    shows = "import os, sys, time\nprint('x' * 60_000)\nsys.stdout.flush()\ntime.sleep(0.5)\n"
    seen = lab.run("print('y' * 30_000)", *[f"{shows}os._exit({number})" for number in range(4)], "print('z' * 5_000)", output=100_000)

    assert seen.statuses == ["ok", "died", "died", "died", "died", "ok"]
    assert [len(str(run.outputs)) // 5_000 for run in seen.runs] == [6, 12, 0, 0, 0, 1]


GROWS = """
import json
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
bomb = b'{"name": "stdout", "text": "", "kind": [' + b'[],' * 10_000_000 + b'[]]}'
def forge(stream, ident, parent):
    for i in range(2): kernel.session.send(stream, 'grader_probe_reply', bomb, parent, ident=ident)
kernel.shell_handlers['grader_probe_request'] = forge
for i in range(3): kernel.session.send(IPKernelApp.instance().iopub_socket, kernel.session.msg('stream', bomb, parent=kernel.get_parent('shell')), ident=b'stream')
"""


def test_json_that_grows_when_it_is_read_is_not_read(lab: Lab) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = lab.run(GROWS, "print('after')", probes=["forged"])

    assert seen.statuses == ["ok", "ok"]
    assert seen.answers[0] == Died(reason="your code disturbed the connection to the grader")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024


def test_a_message_without_an_end_does_not_fill_the_grader_s_memory(lab: Lab) -> None:
    endless = """
        import os, socket, struct
        for fd in range(3, 256):
            try:
                s = socket.socket(fileno=os.dup(fd))
                if s.family == socket.AF_UNIX and str(s.getsockname()).endswith('k-2') and s.getpeername() is not None:
                    s.setblocking(True)
                    chunk = bytes(2**20)
                    for i in range(200):
                        s.sendall(struct.pack('>BQ', 3, 20 * 2**20))
                        for j in range(20): s.sendall(chunk)
            except OSError:
                pass
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runs, answer = beside_a_neighbour(lab, endless)

    # where the kernel's own messages come in between, the length of a frame is read from the middle of another, and the grader reads small messages without an end
    assert (runs[0].status, runs[0].message) in (
        ("died", "your code printed or returned too much at once"),
        ("timeout", "this cell ran for more than 8 seconds"),
    )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 * 1024
    assert_answered(answer)


def beside_a_neighbour(lab: Lab, source: str, *, limits: object = LIMITS, cell: float = 8.0) -> tuple[list[CellRun], Answer]:
    """Run an attack and a cell after it, while a neighbour computes in short calls; return the attacker's cells and the neighbour's last answer."""
    assert isinstance(limits, type(LIMITS))

    async def attacker() -> list[CellRun]:
        async with lab.session(limits=limits, cell=cell) as session:
            return await session.run(cells(source, "print('after')"))

    async def neighbour(attack: asyncio.Task[list[CellRun]]) -> Answer:
        async with lab.session() as session:
            await session.run(cells("def f(): return 1"))
            answer = await session.probe(Probe(entry="f"), timeout_seconds=3.0)
            while not attack.done() and isinstance(answer, Returned):
                await asyncio.wait([attack], timeout=0.1)
                answer = await session.probe(Probe(entry="f"), timeout_seconds=3.0)
            return answer

    async def work() -> tuple[list[CellRun], Answer]:
        attack = asyncio.ensure_future(attacker())
        answer = await neighbour(attack)
        return await attack, answer

    return lab.do(work())


def assert_answered(answer: Answer) -> None:
    assert isinstance(answer, Returned), answer
