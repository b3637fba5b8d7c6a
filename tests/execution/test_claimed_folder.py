"""Temporary folders: nobody takes them from a grader that lives, and nothing is left of one that was killed."""

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.execution.claimed_folder import ClaimedFolder, remove_what_killed_graders_left

CLAIMS_ONE = (
    "import sys\nfrom grader.execution.claimed_folder import ClaimedFolder\nwith ClaimedFolder(sys.argv[1]) as folder: print(folder, flush=True); input()"
)


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.parametrize("kind", ["sockets", "trial", "unpacked"])
def test_the_folder_of_a_grader_is_removed_by_the_next_one_only_when_it_was_killed(tmp_path: Path, kind: str) -> None:
    with subprocess.Popen([sys.executable, "-c", CLAIMS_ONE, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603 - the test's own program
        assert other.stdout is not None
        folder = Path(other.stdout.readline().strip())
        assert folder.parent == tmp_path

        remove_what_killed_graders_left()
        assert folder.is_dir()

        other.kill()
    remove_what_killed_graders_left()
    assert not folder.exists()


def test_what_lies_in_it_goes_with_it(tmp_path: Path) -> None:
    with ClaimedFolder("unpacked") as folder:
        (folder / "class").mkdir()
        (folder / "class" / "ada.ipynb").touch()

    assert list(tmp_path.iterdir()) == []


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("grader-notes", "grader-sockets", "other")]
    for other in others:
        other.mkdir()
    (tmp_path / "grader-trial-link").symlink_to(tmp_path / "other")

    remove_what_killed_graders_left()

    assert all(other.is_dir() for other in others)


@pytest.mark.parametrize("call", [(os, "open"), (fcntl, "flock")])
def test_who_comes_to_a_folder_that_another_has_swept_meanwhile_makes_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: tuple[ModuleType, str]
) -> None:
    true = getattr(*call)
    swept: list[Path] = []

    def swept_before(*given: Any) -> Any:  # noqa: ANN401 - whatever is called
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].rmdir()
        return true(*given)

    with monkeypatch.context() as patched:
        patched.setattr(*call, swept_before)
        folder = ClaimedFolder("unpacked")

    assert len(swept) == 1
    assert list(tmp_path.iterdir()) == [folder.path]
    folder.remove()
