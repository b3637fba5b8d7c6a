"""What `grader run` writes for continuous integration."""

import json
from pathlib import Path

import pytest

from grader.cli.export import no_commands, write_run
from grader.reports.json_result import write_result
from tests.reports import samples


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    path = tmp_path / "reports" / "ada" / "result.json"
    write_result(samples.halfway(), path)
    return [path]


def test_files_are_written_where_they_are_asked_for(files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(files, junit=tmp_path / "ci" / "junit.xml", gradescope=tmp_path / "results.json", github=False)

    assert 'testsuite name="rnn-scratch: Ada Lovelace"' in (tmp_path / "ci" / "junit.xml").read_text()
    assert json.loads((tmp_path / "results.json").read_text())["score"] == pytest.approx(13.2)
    assert capsys.readouterr().out == ""


def test_annotations_are_printed_and_the_summary_grows(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    write_run(files, junit=None, gradescope=None, github=True)

    assert '::notice title=Autograding report::{"totalPoints": 13.2, "maxPoints": 37.0}' in capsys.readouterr().out.splitlines()
    summary = (tmp_path / "summary.md").read_text()
    assert summary.startswith("before\n## Grading\n")
    assert "| Ada Lovelace |" in summary


def test_outside_github_annotations_need_no_summary(files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    write_run(files, junit=None, gradescope=None, github=True)

    assert "::error file=" in capsys.readouterr().out


def test_what_is_printed_meanwhile_gives_no_commands(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = set()
    for _ in range(2):
        with no_commands(on=True):
            print("::error::from a student's name")  # noqa: T201 - what is meant
        begin, _, end = capsys.readouterr().out.splitlines()
        assert begin.startswith("::stop-commands::")
        assert end == f"::{begin.removeprefix('::stop-commands::')}::"
        tokens.add(end)

    assert len(tokens) == 2


def test_commands_are_read_again_after_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), no_commands(on=True):
        raise RuntimeError

    assert len(capsys.readouterr().out.splitlines()) == 2


def test_outside_github_nothing_is_printed_around(capsys: pytest.CaptureFixture[str]) -> None:
    with no_commands(on=False):
        pass

    assert capsys.readouterr().out == ""
