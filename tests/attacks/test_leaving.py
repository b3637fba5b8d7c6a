"""What one student leaves behind, and what the next one finds of it: nothing."""

import errno

import pytest

from grader.execution.answers import Probe, Returned
from tests.execution.lab import Lab, cells

pytestmark = pytest.mark.kernel

LEAVES = """
import builtins, os, random, subprocess, sys
from pathlib import Path
import torch
for folder in ('.', '/tmp', '/dev/shm', os.environ['HOME']):
    Path(folder, 'left').write_text('an answer')
    for name in ('torch.py', 'sitecustomize.py', 'usercustomize.py', 'ipython_config.py'):
        Path(folder, name).write_text('raise SystemExit')
os.environ['LEFT'] = sys.argv.append('left') or 'an answer'
builtins.left = torch.left = 'an answer'
torch.nn.Linear.forward = torch.matmul = lambda *a, **k: 'poison'
torch.set_default_dtype(torch.float64)
sys.modules['json'] = None
random.seed(7)
if os.fork() == 0:
    os.setsid()
    os.execlp('sleep', 'sleep', '600')
"""

FINDS = """
import builtins, os, sys
from pathlib import Path
import torch, json
found = [str(p) for folder in ('.', '/tmp', '/dev/shm', os.environ['HOME']) for p in Path(folder).iterdir() if p.name not in ('.kernel', '.tmp', '.ipython') and not Path(sys.prefix).is_relative_to(p)]
found += [name for name in ('LEFT',) if name in os.environ]
found += [module.__name__ for module in (builtins, torch) if hasattr(module, 'left')]
found += [str(torch.get_default_dtype())] if torch.get_default_dtype() != torch.float32 else []
found += [] if torch.matmul(torch.ones(1), torch.ones(1)) == 1 else ['poisoned']
found += [p.name for p in Path('/proc').iterdir() if p.name.isdigit() and 'sleep' in (p / 'comm').read_text()]
def answer(): return found
"""


def test_the_next_student_finds_nothing_of_the_one_before(lab: Lab) -> None:
    lab.run(LEAVES)
    seen = lab.run(FINDS, probes=["answer"])

    assert isinstance(seen.answers[0], Returned), seen.runs
    assert seen.answers[0].value == []


def test_a_neighbour_at_the_same_time_finds_nothing_either(lab: Lab) -> None:
    async def work() -> object:
        async with lab.session() as one, lab.session() as other:
            await one.run(cells(LEAVES))
            await other.run(cells(FINDS))
            return await other.probe(Probe(entry="answer"), timeout_seconds=5.0)

    answer = lab.do(work())
    assert isinstance(answer, Returned)
    assert answer.value == []


def test_neighbours_use_the_same_ports_and_names_without_meeting(lab: Lab) -> None:
    serves = """
        import socket
        server = socket.create_server(('127.0.0.1', 45678))
        unix = socket.socket(socket.AF_UNIX)
        unix.bind('\\0grader-meeting')
        unix.listen()
        def answer(): return 'bound'
    """
    knocks = """
        import socket
        def answer():
            for family, address in ((socket.AF_INET, ('127.0.0.1', 45678)), (socket.AF_UNIX, '\\0grader-meeting')):
                try:
                    socket.socket(family).connect(address)
                    return f'met at {address}'
                except ConnectionRefusedError:
                    pass
            return 'alone'
    """

    async def work() -> list[object]:
        async with lab.session() as one, lab.session() as other, lab.session() as third:
            await one.run(cells(serves))
            await other.run(cells(serves))
            await third.run(cells(knocks))
            return [await session.probe(Probe(entry="answer"), timeout_seconds=5.0) for session in (one, other, third)]

    assert [getattr(answer, "value", answer) for answer in lab.do(work())] == ["bound", "bound", "alone"]


def test_descriptors_that_one_sends_to_nobody_do_not_stop_a_neighbour_s_workers(lab: Lab) -> None:
    hoards = """
    import os, socket

    null, pairs, refused = os.open(os.devnull, os.O_RDONLY), [], None
    while refused is None:
        pairs.append(socket.socketpair())
        pairs[-1][0].setblocking(False)
        try:
            while True:
                socket.send_fds(pairs[-1][0], [b"x"], [null])
        except BlockingIOError:
            pass
        except OSError as error:
            refused = error.errno
    print(refused)
    """
    loads = """
    import torch
    from torch.utils.data import DataLoader

    print(sum(batch.sum().item() for batch in DataLoader(torch.arange(8.0), batch_size=2, num_workers=2)))
    """

    async def work() -> list[str]:
        async with lab.session() as one, lab.session(cell=30.0) as other:
            runs = [*await one.run(cells(hoards)), *await other.run(cells(loads))]
        return ["".join(output.get("text", run.message) for output in run.outputs) for run in runs]

    assert lab.do(work()) == [f"{errno.ETOOMANYREFS}\n", "28.0\n"]


def test_no_thread_that_student_code_can_borrow_has_epoll(lab: Lab) -> None:
    borrows = """
    import ctypes, glob, os, threading, zmq

    library = ctypes.CDLL(glob.glob(os.path.dirname(os.path.dirname(zmq.__file__)) + '/pyzmq.libs/libzmq*.so*')[0])
    system, made, done = ctypes.CDLL(None), [], threading.Event()
    read, _ = os.pipe()
    sockets, session = get_ipython().kernel.iopub_socket.socket, get_ipython().kernel.session

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
    def told(data, hint):
        made.append(threading.current_thread() is threading.main_thread())
        made.append(system.epoll_create1(0))
        polls = [link for link in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fdinfo/{link}') and 'tfd:' in open(f'/proc/self/fdinfo/{link}').read()]
        made.extend(system.epoll_ctl(int(poll), 1, read, ctypes.create_string_buffer(12)) for poll in polls)
        done.set()

    body, message = ctypes.create_string_buffer(200_000), ctypes.create_string_buffer(64)
    library.zmq_msg_init_data(message, body, ctypes.c_size_t(200_000), told, None)
    for part in (b'x', *session.serialize(session.msg('x', {}))):
        sockets.send(part, zmq.SNDMORE)
    library.zmq_msg_send(message, ctypes.c_void_p(sockets.underlying), 0)
    done.wait(5.0)
    print(*made)
    """
    assert lab.run(borrows).printed == "False -1 -1 -1\n"


def test_pipes_of_one_process_do_not_make_those_of_a_neighbour_small(lab: Lab) -> None:
    hoards = """
    import fcntl, os

    pipes = []
    try:
        while True:
            pipes.append(os.pipe())
            fcntl.fcntl(pipes[-1][1], fcntl.F_SETPIPE_SZ, 1024**2)
    except OSError:
        pipes += [os.pipe() for _ in range(30)]
    """
    looks = "import fcntl, os\nprint(fcntl.fcntl(os.pipe()[1], fcntl.F_GETPIPE_SZ))"

    async def work() -> str:
        async with lab.session() as one, lab.session() as other:
            await one.run(cells(hoards))
            (run,) = await other.run(cells(looks))
        return "".join(output.get("text", run.message) for output in run.outputs)

    assert lab.do(work()) == "65536\n"
