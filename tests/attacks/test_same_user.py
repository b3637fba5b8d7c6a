"""A student who is the grader's own user, in the tier that keeps them in all the same, and without it."""

import ctypes
import inspect
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.execution.answers import Probe, Returned, Session
from grader.execution.sandbox.processes import descendants
from grader.execution.sandbox.tiers import TIERS
from tests.attacks import same_user
from tests.execution.container import in_a_container
from tests.execution.lab import Lab, cells

pytestmark = [pytest.mark.kernel, pytest.mark.slow, pytest.mark.skipif(os.getuid() != 0, reason="a container is made by giving up what root has")]

ATTACKS = [name for name, found in inspect.getmembers(same_user, inspect.isfunction) if found.__module__ == same_user.__name__ and name[0] != "_"]
IN_ANY_TIER = {"turns_the_pairs_that_it_may_have"}
RUNS = "import json, sys\nfrom tests.attacks.test_same_user import work\nprint(json.dumps(work(sys.argv[1])))"
SIGNALS = "import json, sys\nfrom tests.attacks.test_same_user import signal_by_a_socket\nprint(json.dumps(signal_by_a_socket(sys.argv[1])))"
SENDS_SIGKILL = """
import fcntl, os, socket, time
ours, theirs = socket.socketpair()
fcntl.fcntl(ours, fcntl.F_SETOWN, {process})
fcntl.fcntl(ours, 10, 9)
fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)
theirs.send(b"x")
time.sleep(0.5)
"""
TELLS = "import os\nopen('mine', 'w').write('an answer')\ndef tells(): return [os.getcwd(), os.getpid(), os.getppid()]"


def work(tier: str) -> dict[str, str]:
    """Run the attacks beside a neighbour and what the user has on the host; called inside the container."""
    with _host() as host, Lab(TIERS[tier]) as lab:
        host["control"] = str(next(Path(tempfile.gettempdir()).glob("grader-*/control")))

        async def attack() -> dict[str, str]:
            async with lab.session() as neighbour, lab.session() as student:
                targets = host | await _neighbourhood(neighbour)
                await student.run(cells(inspect.getsource(same_user), f"TARGETS.update({targets!r})"))
                return {name: await _got(student, name) for name in ATTACKS}

        return lab.do(attack())


def signal_by_a_socket(tier: str) -> bool:
    """Let a student have the system send SIGKILL to a neighbour when a socket becomes readable, and return whether the neighbour still answers."""
    with Lab(TIERS[tier]) as lab:

        async def attack() -> bool:
            async with lab.session() as neighbour, lab.session() as student:
                process = (await _neighbourhood(neighbour))["neighbour"]
                (run,) = await student.run(cells(SENDS_SIGKILL.format(process=process)))
                assert run.status == "ok", run
                return isinstance(await neighbour.probe(Probe(entry="tells"), timeout_seconds=5.0), Returned)

        return lab.do(attack())


@contextmanager
def _host() -> Iterator[dict[str, str]]:
    """Make what an ordinary user has: files, services, shared memory, a terminal."""
    shared = Path("/dev/shm/of-the-user")  # noqa: S108 - what is attacked
    libc = ctypes.CDLL(None)
    segment = libc.shmget(0, 4096, 0o600)
    ours, terminal = os.openpty()
    service, abstract, letters = (socket.socket(socket.AF_UNIX, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM))
    with tempfile.TemporaryDirectory() as folder:
        for each, address in ((service, f"{folder}/service"), (letters, f"{folder}/letters"), (abstract, f"\0{folder}")):
            each.bind(address)
        service.listen()
        abstract.listen()
        for path in (Path(folder, "secret"), shared):
            path.write_text("secret")
        yield {
            "secret": f"{folder}/secret",
            "service": f"{folder}/service",
            "letters": f"{folder}/letters",
            "abstract": folder,
            "shared": str(shared),
            "segment": str(segment),
            "terminal": os.ttyname(terminal),
            "grader": str(os.getpid()),
        }
    libc.shmctl(segment, 0, None)
    for end in (service, abstract, letters):
        end.close()
    os.close(ours)
    for left in (shared, shared.with_name("of-the-user-new")):
        left.unlink(missing_ok=True)


async def _neighbourhood(neighbour: Session) -> dict[str, str]:
    await neighbour.run(cells(TELLS))
    answer = await neighbour.probe(Probe(entry="tells"), timeout_seconds=5.0)
    assert isinstance(answer, Returned)
    assert isinstance(answer.value, list)
    scratch, process, keeper = answer.value
    zygote = descendants(os.getpid())[0]
    return {"scratch": str(scratch), "neighbour": str(process), "keeper": str(keeper), "zygote": str(zygote)}


async def _got(student: Session, name: str) -> str:
    answer = await student.probe(Probe(entry=name), timeout_seconds=10.0)
    return answer.value if isinstance(answer, Returned) and isinstance(answer.value, str) else f"could not be judged: {answer}"


def _found(tier: str) -> dict[str, str]:
    loaded: dict[str, str] = _said(RUNS, tier)
    return loaded


def _said(program: str, tier: str) -> Any:  # noqa: ANN401 - JSON
    done = in_a_container("-c", program, tier, root=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def got() -> dict[str, str]:
    return _found("landlock")


@pytest.fixture(scope="module")
def got_without() -> dict[str, str]:
    return _found("none")


@pytest.mark.parametrize("name", ATTACKS)
def test_the_grader_s_own_user_gets_nothing(name: str, got: dict[str, str]) -> None:
    assert got[name] == ""


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - IN_ANY_TIER))
def test_without_the_tier_the_same_attack_succeeds(name: str, got_without: dict[str, str]) -> None:
    assert got_without[name] != ""
    assert not got_without[name].startswith("could not be judged")


@pytest.mark.parametrize(("tier", "answers"), [("landlock", True), ("none", False)])
def test_a_signal_by_way_of_a_socket_reaches_a_neighbour_only_without_the_tier(tier: str, *, answers: bool) -> None:
    assert _said(SIGNALS, tier) is answers
