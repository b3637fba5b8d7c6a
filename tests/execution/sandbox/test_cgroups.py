"""Finding the grader's own cgroup, and whether it may be divided. What kernels do in theirs is tried in `tests/attacks/test_cgroups.py`."""

import os
from pathlib import Path

import pytest

from grader.execution.sandbox.cgroups import folder_of, problem_with

V2 = "30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
V1 = "32 31 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\n"
HYBRID = V1 + "33 31 0:30 / /sys/fs/cgroup/unified rw,nosuid shared:5 - cgroup2 cgroup2 rw\n"
PART = "40 24 0:26 /system.slice/ci.service /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"


@pytest.mark.parametrize(
    ("cgroup", "mounts", "folder"),
    [
        (
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope\n",
            V2,
            "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope",
        ),
        ("0::/\n", V2, "/sys/fs/cgroup"),
        ("9:memory:/a\n1:name=systemd:/b\n0::/c\n", HYBRID, "/sys/fs/cgroup/unified/c"),
        ("0::/system.slice/ci.service/job\n", PART, "/sys/fs/cgroup/job"),
        ("0::/system.slice/other.service\n", PART, None),
        ("0::/../other\n", V2, None),
        ("9:memory:/a\n1:name=systemd:/b\n", V1, None),
        ("0::/a\n", V1, None),
    ],
    ids=[
        "systemd",
        "a namespace's root",
        "hybrid",
        "part of the tree is mounted",
        "another part is mounted",
        "outside of the namespace",
        "version 1",
        "not mounted",
    ],
)
def test_the_own_cgroup_is_found(cgroup: str, mounts: str, folder: str | None) -> None:
    assert folder_of(cgroup, mounts) == (Path(folder) if folder else None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a delegated cgroup with the grader in it looks like."""
    for name, text in {"cgroup.procs": f"{os.getpid()}\n", "cgroup.subtree_control": "", "cgroup.controllers": "cpu memory pids\n"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_delegated_cgroup_is_taken(folder: Path) -> None:
    assert problem_with(folder) == ""


def test_a_cgroup_with_others_in_it_is_left_alone(folder: Path) -> None:
    (folder / "cgroup.procs").write_text(f"1\n{os.getpid()}\n")

    assert problem_with(folder) == "others are in the cgroup v2"


def test_a_cgroup_with_the_cgroups_of_others_below_it_is_left_alone(folder: Path) -> None:
    (folder / "database").mkdir()

    assert problem_with(folder) == "others are in the cgroup v2"
    assert (folder / "database").exists()


def test_what_a_killed_grader_left_is_removed(folder: Path) -> None:
    for name in ("grader", "kernel-12ab34cd"):
        (folder / name).mkdir()

    assert problem_with(folder) == ""
    assert not any(entry.is_dir() for entry in folder.iterdir())


def test_a_cgroup_without_the_controllers_says_so(folder: Path) -> None:
    (folder / "cgroup.controllers").write_text("cpu pids\n")

    assert problem_with(folder) == "the cgroup v2 has not the controllers memory and pids"


def test_a_cgroup_that_lacks_its_files_is_not_delegated(folder: Path) -> None:
    (folder / "cgroup.subtree_control").unlink()

    assert problem_with(folder) == "the cgroup v2 is not delegated"
