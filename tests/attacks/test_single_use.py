"""A machine on which bubblewrap works, and no namespace can be made inside it: each student gets a sandbox with a warm process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.execution.answers import Probe, Returned
from grader.execution.sandbox.choose import choose_tier
from grader.execution.sandbox.outer import bubblewrap_path
from grader.execution.sandbox.tiers import SINGLE_USE
from tests.attacks.test_containers import BOMBS, EVERYDAY
from tests.execution.lab import LIMITS, Lab, cells

pytestmark = pytest.mark.kernel

REFUSES_NESTING = """#!/bin/sh
if [ "$1" = --unshare-user ]; then exec {bubblewrap} --disable-userns "$@"; fi
exec {bubblewrap} "$@"
"""
SMALL = LIMITS.model_copy(update={"memory_bytes": 2**30, "scratch_bytes": 64 * 2**20, "scratch_files": 2000})


@pytest.fixture(scope="module", autouse=True)
def nesting_is_refused() -> Iterator[None]:
    folder = Path(tempfile.mkdtemp())
    program = folder / "bwrap"
    program.write_text(REFUSES_NESTING.format(bubblewrap=bubblewrap_path()))
    for path in (folder, program):
        path.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        yield
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(SINGLE_USE) as lab:
        yield lab


def test_a_machine_that_refuses_nested_namespaces_is_recognised() -> None:
    assert choose_tier("auto") is SINGLE_USE


@pytest.mark.long
def test_all_attacks_of_the_package_fail_in_a_sandbox_for_one() -> None:
    done = subprocess.run([sys.executable, "-m", "grader", "doctor"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "single-use: " in done.stdout
    assert "tried in" in done.stdout


@pytest.mark.long
def test_honest_work_in_a_sandbox_for_one_gets_its_answer(lab: Lab) -> None:
    seen = lab.run(*EVERYDAY, "def f(): return float(torch.ones(3).sum())", probes=["f"], cell=30.0)

    assert seen.statuses == ["ok"] * (len(EVERYDAY) + 1)
    assert isinstance(seen.answers[0], Returned)
    assert seen.answers[0].value == 3.0


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("memory", "your code used more than 1 GiB of memory"),
        ("files", "your code wrote more than 64 MiB of files"),
        ("many files", "your code made more than 2000 files"),
        ("shared memory", "your code wrote more than 64 MiB of files"),
        ("too deep to look into", "your code made a folder that cannot be looked into"),
    ],
)
def test_a_crossed_limit_is_told_in_a_sandbox_for_one_too(name: str, message: str, lab: Lab) -> None:
    seen = lab.run(BOMBS[name], "1", limits=SMALL)

    assert (seen.runs[0].status, seen.runs[0].message) == ("died", message)
    assert seen.statuses[1] == "ok"


@pytest.mark.long
@pytest.mark.parametrize("name", ["fork bomb", "locked folders", "kill all", "stop the group", "threads"])
def test_the_next_sandbox_starts_all_the_same(name: str, lab: Lab) -> None:
    seen = lab.run(BOMBS[name], "1", limits=SMALL, cell=2.0)

    assert seen.statuses[1] == "ok"


@pytest.mark.long
def test_neighbours_have_nothing_in_common(lab: Lab) -> None:
    leaves = "import os\nopen('/dev/shm/left', 'w').write('x')\nopen('left', 'w').write('x')"
    looks = "import os\ndef found(): return ' '.join([*os.listdir('/dev/shm'), *os.listdir(), *(name for name in os.listdir('/proc') if name.isdigit())])"

    async def work() -> list[str]:
        async with lab.session() as one, lab.session() as other:
            await one.run(cells(leaves + "\n" + looks))
            await other.run(cells(looks))
            answers = [await session.probe(Probe(entry="found"), timeout_seconds=5.0) for session in (one, other)]
            return [str(answer.value) for answer in answers if isinstance(answer, Returned)]

    mine, theirs = lab.do(work())

    assert mine.split().count("left") == 2
    assert "left" not in theirs
    assert len([name for name in theirs.split() if name.isdigit()]) == 2


@pytest.mark.long
def test_what_a_student_does_to_the_folder_of_their_sockets_does_not_outlive_them(lab: Lab) -> None:
    closes = "import os\nprint(os.stat('/run/grader/sockets').st_ino)\nos.chmod('/run/grader/sockets', 0)\ndef f(): return os.listdir('/run/grader/sockets')"

    seen = lab.run(closes, probes=["f"])

    assert seen.statuses == ["ok"]
    assert not isinstance(seen.answers[0], Returned)
    assert int(seen.printed) not in {folder.stat().st_ino for folder in Path(tempfile.gettempdir()).glob("grader-sockets-*")}
