"""Disks that are full, or may not be written: what was graded is kept, the reason is told, and the next run goes on."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.end_to_end.command import SUBMISSIONS, Course, make_course

STUDENTS = 12
RUN = f'"{sys.executable}" -m grader run submissions --slots 1; echo "exit code $?"'

pytestmark = pytest.mark.kernel
may_mount = pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(["/usr/bin/unshare", "--mount", "/bin/true"], check=False, capture_output=True).returncode != 0,
    reason="only root can mount a small disk",
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path)
    settings = tmp_path / "grader.toml"
    settings.write_text(settings.read_text().replace("gradebook.db", "book/gradebook.db"))
    for folder in ("book", "reports", *(f"submissions/s{number:02}" for number in range(STUDENTS))):
        (tmp_path / folder).mkdir(parents=True)
    for student in (tmp_path / "submissions").iterdir():
        shutil.copy(SUBMISSIONS / "ada" / "01-sequences.ipynb", student)
    return course


@pytest.mark.long
@may_mount
@pytest.mark.parametrize(
    ("folder", "room", "told"),
    [
        ("reports", "size=160k", "grader: Reports cannot be written into reports: No space left on device. Everything that is in the gradebook is kept."),
        ("book", "size=320k", "grader: The gradebook book/gradebook.db cannot be used: database or disk is full"),
    ],
)
def test_a_full_disk_ends_the_run_with_its_reason_and_the_next_run_goes_on(course: Course, folder: str, room: str, told: str) -> None:
    (code, first), (next_code, second) = _runs(
        course, f"mount -t tmpfs -o {room} tmpfs {folder}; {RUN}; mount -o remount,size=64m {folder}; {RUN}; grep -L '</html>' reports/*.html reports/*/*.html"
    )

    assert (code, next_code) == (3, 0)
    assert told in first
    assert "Traceback" not in first
    kept = re.search(r"(\d+) unchanged since the last run", second)
    assert kept is not None, second
    assert 0 < int(kept[1]) < STUDENTS
    assert second.count("14/14") == STUDENTS
    assert ".html" not in second.partition("exit code")[2], "a page that is cut off"


@pytest.mark.long
@may_mount
def test_without_room_for_sockets_nobody_is_graded_and_nobody_loses_a_mark(course: Course) -> None:
    # not below pytest's own folder, which the sandbox's user may not enter
    with TemporaryDirectory() as small:
        Path(small).chmod(0o755)
        fill = f"for number in $(seq 60); do touch {small}/ballast$number; done; rm {small}/ballast[12]"
        one = RUN.replace("submissions", "submissions/s00")
        three = RUN.replace("submissions", "submissions/s00 submissions/s01 submissions/s02")
        _, (code, full), (next_code, empty) = _runs(
            course,
            f"mount -t tmpfs -o nr_inodes=64 tmpfs {small}; export TMPDIR={small}; {one}; {fill}; {three}; rm {small}/ballast*; ls {small}; {three}",
        )

    assert (code, next_code) == (3, 0), empty
    assert "Traceback" not in full
    assert "No space left on device" in full
    assert not empty.startswith("grader-"), "a folder of sockets was left behind"
    assert "1 unchanged since the last run" in empty
    assert empty.count("14/14") == 3


@pytest.mark.slow
def test_an_output_folder_that_is_not_ours_is_named(course: Course) -> None:
    if os.geteuid() != 0:
        course.out.chmod(0o500)
        script = RUN
    else:
        script = f"mount --bind reports reports && mount -o remount,bind,ro reports; {RUN}"

    ((code, said),) = _runs(course, script)

    assert code == 3
    assert re.search("grader: Reports cannot be written into reports: (Read-only file system|Permission denied)", said), said
    assert "Traceback" not in said


def _runs(course: Course, script: str) -> list[tuple[int, str]]:
    """Return the exit code of each run in a script, with what was said before it; the last also has what was said after it."""
    command = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script] if os.geteuid() == 0 else ["/bin/sh", "-c", script]
    said = subprocess.run(command, cwd=course.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False).stdout  # noqa: S603 - the test's own script
    *runs, rest = re.split(r"exit code (\d+)\n", said)
    told = [*runs[:-2:2], runs[-2] + rest]
    return list(zip(map(int, runs[1::2]), told, strict=True))
