"""Whether a file can be written is found out before the work for it."""

import os
from pathlib import Path

import pytest

from grader.cli.export import require_files_of_run
from grader.cli.files import require_writable
from grader.errors import SettingsError


def test_nothing_is_left_of_a_file_that_can_be_written(tmp_path: Path) -> None:
    require_writable(tmp_path / "ci" / "junit.xml")

    assert list((tmp_path / "ci").iterdir()) == []


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    older = tmp_path / "junit.xml"
    older.write_text("older")
    os.utime(older, (1, 1))

    require_writable(older)

    assert (older.read_text(), older.stat().st_mtime) == ("older", 1)


@pytest.mark.parametrize(
    ("name", "why"), [("folder", "Is a directory"), ("file/junit.xml", "(Not a directory|File exists)"), ("x" * 300, "File name too long")]
)
def test_what_cannot_be_written_is_told_by_its_name(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match=rf"{tmp_path / name} cannot be written: {why}\."):
        require_files_of_run(junit=tmp_path / name, gradescope=None)


def test_for_gradescope_a_folder_will_do(tmp_path: Path) -> None:
    require_files_of_run(junit=None, gradescope=tmp_path)

    with pytest.raises(SettingsError, match="cannot be written"):
        require_files_of_run(junit=None, gradescope=tmp_path / ("x" * 300))


def test_a_pipe_is_left_to_who_reads_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    require_writable(tmp_path / "pipe")  # opening it would wait for its reader, and closing it would be its end
