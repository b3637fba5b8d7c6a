import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.execution import zygote_process
from grader.execution.answers import Probe, Returned
from grader.execution.claimed_folder import remove_what_killed_graders_left
from grader.execution.sandbox.processes import descendants
from grader.execution.sandbox.tiers import NAMESPACES
from grader.execution.zygote_process import ZygoteProcess
from tests.execution.lab import Lab, cells

pytestmark = pytest.mark.kernel

RUNS_A_KERNEL = """
import asyncio, sys
from tests.execution.lab import Lab, cells
from grader.execution.sandbox.tiers import TIERS

async def work(lab):
    async with lab.session() as session:
        await session.run(cells("import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True)"))
        print(lab.zygote.sockets, flush=True)
        await asyncio.sleep(600)

with Lab(TIERS[sys.argv[1]]) as lab:
    lab.do(work(lab))
"""


def test_a_warm_process_that_is_begun_for_nothing_ends_before_it_is_warm_and_leaves_nothing() -> None:
    async def begin_and_end() -> ZygoteProcess:
        zygote = ZygoteProcess(NAMESPACES)
        await zygote.begin()
        assert set(descendants(os.getpid())) - others
        await zygote.end()
        return zygote

    others = set(descendants(os.getpid()))
    zygote = asyncio.run(begin_and_end())

    assert zygote._process is not None  # noqa: SLF001 - how it ended shows nowhere else
    assert zygote._process.returncode == -signal.SIGKILL  # noqa: SLF001 - the same; one that was waited for ends by itself
    assert not zygote.sockets.exists()
    assert set(descendants(os.getpid())) <= others


def test_a_warm_process_that_does_not_end_is_killed_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop_and_end() -> int | None:
        zygote = ZygoteProcess(NAMESPACES)
        await zygote.__aenter__()
        process = zygote._process  # noqa: SLF001 - whether it has ended nobody else tells
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        monkeypatch.setattr(zygote_process, "_END_SECONDS", 0.5)
        await zygote.end()
        return process.returncode

    assert asyncio.run(stop_and_end()) == -signal.SIGKILL


def test_a_lost_warm_process_is_replaced_and_the_notebook_goes_on() -> None:
    async def work() -> tuple[list[str], object]:
        async with lab.session() as session:
            first = await session.run(cells("x = 1"))
            for process in set(descendants(os.getpid())) - others:
                with contextlib.suppress(ProcessLookupError):  # one takes the others with it
                    os.kill(process, signal.SIGKILL)
            second = await session.run(cells("y = 2", "z = 3"))
            answer = await session.probe(Probe(entry="x"), timeout_seconds=5.0)
        return [run.status for run in first + second], answer

    others = set(descendants(os.getpid()))
    with Lab(NAMESPACES) as lab:
        statuses, answer = lab.do(work())

    assert statuses == ["ok", "died", "ok"]
    assert isinstance(answer, Returned)


@pytest.mark.parametrize("tier", ["namespaces", "none"])
def test_a_grader_that_is_killed_leaves_no_process_and_no_mount_behind(tier: str) -> None:
    grader = subprocess.Popen([sys.executable, "-c", RUNS_A_KERNEL, tier], stdout=subprocess.PIPE, text=True)  # noqa: S603 - the test's own program
    assert grader.stdout is not None
    sockets = Path(grader.stdout.readline().strip())
    left = descendants(grader.pid)
    handles = [os.pidfd_open(process) for process in left]

    grader.kill()
    grader.wait()
    grader.stdout.close()

    assert len(left) >= 4
    for handle in handles:
        _wait_for_the_end(handle)
    assert str(sockets) not in Path("/proc/mounts").read_text()
    remove_what_killed_graders_left()
    assert not sockets.exists()


def test_a_session_that_ends_leaves_no_process_and_no_socket(lab: Lab) -> None:
    before = set(descendants(os.getpid()))

    async def work() -> list[int]:
        async with lab.session() as session:
            await session.run(cells("import os\nif os.fork() == 0:\n    os.setsid()\n    import time\n    time.sleep(600)\n    os._exit(0)"))
            during = sorted(set(descendants(os.getpid())) - before)
            handles.extend(os.pidfd_open(process) for process in during)
            return during

    handles: list[int] = []
    during = lab.do(work())

    assert len(during) >= 3
    for handle in handles:
        _wait_for_the_end(handle)


def _wait_for_the_end(handle: int) -> None:
    ended, _, _ = select.select([handle], [], [], 20.0)
    os.close(handle)
    assert ended, "a process outlived its grader"
