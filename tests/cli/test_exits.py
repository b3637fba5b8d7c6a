"""How the commands end when something is wrong."""

from pathlib import Path

import pytest
import typer

from grader.cli.exits import explained
from grader.intake.layouts import find_submissions


def test_an_error_that_names_a_student_s_file_leaves_the_terminal_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ada\x1b[2J\u202e.ipynb").touch()

    with pytest.raises(typer.Exit), explained():
        find_submissions([tmp_path / "ada.ipynb"], pristine={"02-rnn": ()}, scratch=tmp_path)

    said = capsys.readouterr().err
    assert "did you mean ada␛[2J[U+202E].ipynb?" in said
    assert "\x1b" not in said
