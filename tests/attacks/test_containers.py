"""A container without user namespaces: where the grader is root each student gets a user of their own instead, else Landlock keeps them apart."""

import json
import os

import pytest

from grader.execution.answers import Returned
from grader.execution.sandbox.choose import choose_tier
from tests.execution.container import in_a_container
from tests.execution.lab import LIMITS, Lab

pytestmark = [pytest.mark.kernel, pytest.mark.slow, pytest.mark.skipif(os.getuid() != 0, reason="a container is made by giving up what root has")]

CHOOSES = "from grader.execution.sandbox.choose import choose_tier\nprint(choose_tier('auto').name)"
WORKS = "import json, sys\nfrom tests.attacks.test_containers import work\nprint(json.dumps(work(sys.argv[1])))"
KILLED = "import sys\nfrom tests.execution import test_faults\ntest_faults.test_a_grader_that_is_killed_leaves_no_process_and_no_mount_behind(sys.argv[1])"
TIERS = ["uid", "landlock"]

BOMBS = {
    "fork bomb": "import signal, os\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "memory": "x = b'x' * (3 * 1024**3)",
    "files": "for i in range(100):\n    open(f'f{i}', 'wb').write(bytes(8 * 1024**2))",
    "many files": "import time\nfor i in range(10**6): open(f'f{i}', 'w').close()",
    "shared memory": "for i in range(100):\n    open(f'/dev/shm/f{i}', 'wb').write(bytes(4 * 1024**2))",
    "deleted files": (
        "import tempfile, time\nkept = [tempfile.TemporaryFile(dir='.') for i in range(10)]\n"
        "for file in kept: file.write(bytes(8 * 1024**2)), file.flush()\ntime.sleep(60)"
    ),
    "deleted files of a thread": (
        "import ctypes, os, tempfile, threading, time\ndef hoard():\n    kept = [tempfile.TemporaryFile(dir='.') for i in range(10)]\n"
        "    for file in kept: file.write(bytes(8 * 1024**2)), file.flush()\n    time.sleep(60)\n"
        "if os.fork() == 0:\n    threading.Thread(target=hoard).start()\n    ctypes.CDLL(None).pthread_exit(None)\ntime.sleep(60)"
    ),
    "deleted and mapped files": (
        "import ctypes, tempfile, time\nlibc = ctypes.CDLL(None)\nfor i in range(10):\n    with tempfile.TemporaryFile(dir='.') as file:\n"
        "        file.write(bytes(8 * 1024**2)), file.flush()\n"
        "        libc.mmap(None, ctypes.c_size_t(4096), 1, 1, file.fileno(), ctypes.c_long(0))\ntime.sleep(60)"
    ),
    "hidden processes": "import ctypes, time\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\ntime.sleep(60)",
    "locked folders": "import os\nos.makedirs('a/b')\nos.chmod('a', 0)\nfor i in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\nimport time\ntime.sleep(1)",
    "left for the next": "open('/dev/shm/left', 'w').write('x')\nimport tempfile\nprint(tempfile.mkdtemp())",
    "kill all": "import os\nos.kill(-1, 9)",
    "stop the group": "import os, signal\nos.kill(0, signal.SIGSTOP)",
    "threads": "import threading, time\nfor i in range(100): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ntime.sleep(60)",
    "too deep to look into": "import os\nfor i in range(2000):\n    os.mkdir('d' * 9)\n    os.chdir('d' * 9)\nimport time\ntime.sleep(60)",
}
AFTER = "import os\ntry: print([name for name in os.listdir('/dev/shm') if name.startswith(('f', 'left'))])\nexcept PermissionError: print([])"

EVERYDAY = (
    "import torch\nfrom torch.utils.data import DataLoader\nprint(list(DataLoader(torch.arange(8.0), batch_size=2, num_workers=2)))",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "!echo from a shell",
    "import os, time\nif os.fork() == 0: os._exit(0)\ntime.sleep(0.5)",
    "import subprocess, sys, tempfile\nsubprocess.run([sys.executable, '-c', '1'], check=True, cwd=tempfile.mkdtemp())",
    "torch.set_num_threads(2)\ntorch.ones(600, 600) @ torch.ones(600, 600)",
    "import asyncio\nassert (await (await asyncio.create_subprocess_exec('echo', 'on', stdout=-1)).communicate())[0] == b'on\\n'",
)


def work(tier: str) -> dict[str, list[str]]:
    """Run what a container's test looks at; called inside the container."""
    limits = LIMITS.model_copy(update={"memory_bytes": 2**30, "scratch_bytes": 64 * 2**20, "scratch_files": 2000})
    found: dict[str, list[str]] = {}
    with Lab(choose_tier(tier)) as lab:
        for name, source in BOMBS.items():
            seen = lab.run(source, AFTER, limits=limits, cell=2.0 if name in ("fork bomb", "stop the group") else 8.0)
            found[name] = [seen.runs[0].status, seen.runs[0].message, seen.statuses[1]]
        honest = lab.run("import torch, os\nprint(os.getuid())", "def f(): return float(torch.ones(3).sum())", probes=["f"])
        everyday = lab.run(*EVERYDAY, cell=30.0)
        other = lab.run("import os\nprint(os.getuid())")
    answer = honest.answers[0]
    found["honest"] = [honest.statuses[0], str(answer.value) if isinstance(answer, Returned) else repr(answer)]
    found["everyday"] = everyday.statuses
    found["printed"] = [everyday.printed]
    found["users"] = [honest.printed, other.printed]
    return found


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def found(tier: str) -> dict[str, list[str]]:
    done = in_a_container("-c", WORKS, tier, root=tier == "uid", seconds=200.0)
    assert done.returncode == 0, done.stderr
    loaded: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return loaded


def test_a_container_is_recognised_and_says_no_more_than_it_holds(tier: str) -> None:
    done = in_a_container("-c", CHOOSES, root=tier == "uid")

    assert done.stdout == f"{tier}\n", done.stderr


def test_where_nothing_holds_grading_is_refused_with_what_is_missing() -> None:
    done = in_a_container("-c", CHOOSES, root=False, landlock=False)

    assert done.returncode != 0
    for said in ("No sandbox holds on this machine", "namespaces:", "user namespaces", "uid:", "root", "landlock:", "Linux 6.12", "--sandbox none"):
        assert said in done.stderr


def test_a_tier_that_is_asked_for_is_never_replaced_by_another() -> None:
    done = in_a_container("-c", CHOOSES.replace("'auto'", "'namespaces'"))

    assert "No sandbox holds" in done.stderr
    assert done.stdout == ""


def test_all_attacks_of_the_package_fail_in_a_container(tier: str) -> None:
    done = in_a_container("-m", "grader", "doctor", root=tier == "uid")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tier}: " in done.stdout
    assert "tried in" in done.stdout


def test_a_grader_that_is_killed_in_a_container_leaves_no_process_behind(tier: str) -> None:
    done = in_a_container("-c", KILLED, tier, root=tier == "uid")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("memory", "your code used more than 1 GiB of memory"),
        ("files", "your code wrote more than 64 MiB of files"),
        ("many files", "your code made more than 2000 files"),
        ("deleted files", "your code wrote more than 64 MiB of files"),
        ("deleted files of a thread", "your code wrote more than 64 MiB of files"),
        ("deleted and mapped files", "your code wrote more than 64 MiB of files"),
        ("hidden processes", "your code made a process that cannot be looked into"),
        ("too deep to look into", "your code made a folder that cannot be looked into"),
    ],
)
def test_a_crossed_limit_is_told_in_a_container_too(name: str, message: str, found: dict[str, list[str]]) -> None:
    assert found[name] == ["died", message, "ok"]


def test_shared_memory_is_counted_or_refused(found: dict[str, list[str]], tier: str) -> None:
    counted = ["died", "your code wrote more than 64 MiB of files", "ok"]
    refused = ["error", "[Errno 13] Permission denied: '/dev/shm/f0'", "ok"]

    assert found["shared memory"] == (counted if tier == "uid" else refused)


def test_too_many_threads_are_told_to_be_too_many(found: dict[str, list[str]]) -> None:
    assert found["threads"][0] in ("error", "died")
    assert "64 processes and threads at a time" in found["threads"][1]


@pytest.mark.parametrize("name", ["fork bomb", "locked folders", "left for the next", "kill all", "stop the group", "threads"])
def test_the_next_kernel_in_a_container_starts_all_the_same(name: str, found: dict[str, list[str]]) -> None:
    assert found[name][2] == "ok"


def test_honest_work_in_a_container_gets_its_answer(found: dict[str, list[str]]) -> None:
    assert found["honest"] == ["ok", "3.0"]
    assert found["everyday"] == ["ok"] * len(EVERYDAY)
    assert "from a shell" in found["printed"][0]


def test_each_kernel_of_a_container_s_root_has_a_user_of_its_own(found: dict[str, list[str]], tier: str) -> None:
    first, second = (int(user) for user in found["users"])
    if tier == "uid":
        assert first != second
        assert min(first, second) >= 1 << 20
    else:
        assert first == second != 0
