"""Kernels in cgroups of their own: what the system holds there, what a student can reach of it, and that nothing of it stays behind.

For machines that delegate a cgroup v2 to the tests; CONTRIBUTING.md says how.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.execution.sandbox.cgroups import own_cgroups
from tests.attacks.test_using_up import MIB, assert_answered, beside_a_neighbour
from tests.end_to_end.command import SUBMISSIONS, Course, make_course
from tests.execution.lab import LIMITS, Lab, cells

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


@pytest.fixture(scope="module")
def delegated() -> Path:
    cgroups = own_cgroups()
    if cgroups.folder is None:
        pytest.skip(f"needs a cgroup v2 that is delegated to the tests: {cgroups.described}")
    return cgroups.folder


def kernels_in(folder: Path) -> list[Path]:
    return list(folder.glob("kernel-*"))


HOARDS = {
    "files in memory": "for name in ('/dev/shm/x', 'x'):\n    with open(name, 'wb') as f:\n        for i in range(200): f.write(bytes(1024**2))",
    "processes between two looks": (
        "import os, time\nfor i in range(8):\n    if os.fork() == 0:\n        x = b'x' * (50 * 1024**2)\n        time.sleep(0.05)\n        os._exit(0)\n"
        "while True:\n    try: os.wait()\n    except ChildProcessError: break"
    ),
}


@pytest.mark.parametrize("hoard", HOARDS)
@pytest.mark.usefixtures("delegated")
def test_memory_that_no_process_shows_counts_as_well(hoard: str, lab: Lab) -> None:
    runs, answer = beside_a_neighbour(lab, HOARDS[hoard], limits=LIMITS.model_copy(update={"memory_bytes": 256 * MIB}), cell=30.0)

    assert (runs[0].status, runs[0].message) == ("died", "your code used more than 0.25 GiB of memory")
    assert runs[1].status == "ok"
    assert_answered(answer)


def test_a_kernel_has_its_limits_as_long_as_it_lives(delegated: Path, lab: Lab) -> None:
    async def work() -> dict[str, str]:
        async with lab.session(limits=LIMITS.model_copy(update={"memory_bytes": 700 * MIB, "processes": 50})) as session:
            await session.run(cells("import subprocess\nsleeper = subprocess.Popen(['sleep', '100'])"))
            (kernel,) = [folder for folder in kernels_in(delegated) if (folder / "memory.max").read_text() == f"{700 * MIB}\n"]
            assert len((kernel / "cgroup.procs").read_text().split()) == 2
            return {name: (kernel / name).read_text().strip() for name in ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max")}

    held = lab.do(work())

    assert held == {"memory.max": str(700 * MIB), "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "50"}
    lab.run("1")
    assert len(kernels_in(delegated)) <= 1  # the last one's processes may be about to end


REACHES = """
import ctypes, os
libc, size = ctypes.CDLL(None, use_errno=True), 256
def is_of_cgroups(fd):
    about = ctypes.create_string_buffer(size)
    return libc.fstatfs(fd, about) == 0 and int.from_bytes(about.raw[:8], 'little') in (0x63677270, 0x27e0eb)
got = [fd for fd in range(size) if is_of_cgroups(fd)]
got += [line for line in open('/proc/self/mountinfo') if ' cgroup' in line]
got += [path for path in ('/sys/fs/cgroup/cgroup.procs', '/proc/1/root/sys/fs/cgroup', '/proc/1/fd/0') if os.path.lexists(path)]
os.makedirs('into', exist_ok=True)
got += ['mount'] * (libc.mount(b'x', b'into', b'cgroup2', 0, None) == 0)
got += ['fsopen'] * (libc.syscall(430, b'cgroup2', 0) >= 0)
got += ['unshare'] * (libc.unshare(0x12020000) == 0)
keeper = libc.syscall(434, 1, 0)
got += ['taken from the keeper'] * any(libc.syscall(438, keeper, fd, 0) >= 0 for fd in range(size))
print(got)
"""


@pytest.mark.usefixtures("delegated")
def test_a_student_sees_no_cgroup_and_holds_no_way_into_one(lab: Lab) -> None:
    seen = lab.run(REACHES)

    assert (seen.statuses, seen.printed) == (["ok"], "[]\n")


@pytest.fixture
def run_folder(delegated: Path) -> Iterator[Path]:
    """A cgroup for a run of its own."""
    folder = delegated / "run"
    folder.mkdir()
    yield folder
    until_it_is_empty(folder)
    for left in [*folder.glob("*/"), folder]:
        left.rmdir()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for number in range(3):
        student = tmp_path / "submissions" / f"s{number}"
        student.mkdir(parents=True)
        shutil.copy(SUBMISSIONS / "ada" / "01-sequences.ipynb", student)
    return make_course(tmp_path)


def started(course: Course, folder: Path) -> subprocess.Popen[str]:
    enter = 'echo 0 > "$0/cgroup.procs" && exec "$@"'
    command = ["/bin/sh", "-c", enter, str(folder), sys.executable, "-m", "grader", "run", "submissions", "--slots", "2", "--force"]
    return subprocess.Popen(command, cwd=course.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603 - our own command


def wait_for(run: subprocess.Popen[str], what: Callable[[], object]) -> None:
    while not what():
        assert run.poll() is None, run.communicate()[0]


def until_it_is_empty(folder: Path) -> None:
    with (folder / "cgroup.events").open() as events:
        changed = select.poll()
        changed.register(events, select.POLLPRI)
        while "populated 1" in events.read():
            assert changed.poll(60_000), "something lives on"
            events.seek(0)


def assert_is_as_before(folder: Path) -> None:
    assert [entry.name for entry in folder.glob("*/")] == []
    assert (folder / "cgroup.subtree_control").read_text().split() == []


def test_a_run_says_that_it_has_cgroups_and_leaves_none(course: Course, run_folder: Path) -> None:
    run = started(course, run_folder)

    said, _ = run.communicate()

    assert run.returncode == 0, said
    assert {result.environment["memory limit"] for result in course.results().values()} == {"cgroup v2"}
    assert_is_as_before(run_folder)


def test_ctrl_c_leaves_no_cgroup(course: Course, run_folder: Path) -> None:
    run = started(course, run_folder)
    wait_for(run, lambda: course.results() and kernels_in(run_folder))
    run.send_signal(signal.SIGINT)

    said, _ = run.communicate()

    assert run.returncode == 130, said
    assert_is_as_before(run_folder)


def test_what_a_killed_run_leaves_is_empty_and_the_next_run_removes_it(course: Course, run_folder: Path) -> None:
    run = started(course, run_folder)
    wait_for(run, lambda: course.results() and kernels_in(run_folder))
    run.kill()
    run.communicate()

    until_it_is_empty(run_folder)
    assert kernels_in(run_folder)
    (run_folder / "cgroup.subtree_control").write_text("-memory -pids")
    again = started(course, run_folder)
    said, _ = again.communicate()

    assert again.returncode == 0, said
    assert_is_as_before(run_folder)


def test_a_run_beside_others_leaves_their_cgroup_alone(course: Course, run_folder: Path) -> None:
    with subprocess.Popen(["/usr/bin/sleep", "600"]) as other:
        (run_folder / "cgroup.procs").write_text(str(other.pid))
        run = started(course, run_folder)
        said, _ = run.communicate()
        there = (run_folder / "cgroup.procs").read_text().split()
        other.kill()

    assert run.returncode == 0, said
    assert there == [str(other.pid)]
    assert {result.environment["memory limit"] for result in course.results().values()} == {"watchdog: others are in the cgroup v2"}
    assert_is_as_before(run_folder)


def test_a_full_machine_is_not_the_student_s_fault(delegated: Path, lab: Lab) -> None:
    async def work() -> str:
        async with lab.session(cell=60.0) as session:
            above = delegated / "memory.max"
            try:
                above.write_text(str(int((delegated / "memory.current").read_text()) + 100 * MIB))
                (run,) = await session.run(cells("x = b'x' * (1000 * 1024**2)"))
            finally:
                above.write_text("max")
            return run.message

    if not os.access(delegated / "memory.max", os.W_OK):
        pytest.skip("the delegated cgroup's own limit is not the tests' to set")
    assert lab.do(work()) == "the Python process was killed (Killed)"
