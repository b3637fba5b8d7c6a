import json
import math
from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.reports.html import render_submission
from grader.reports.json_result import read_result, write_result
from grader.results import Shown, SubmissionResult
from tests.reports import samples
from tests.reports.hostile import ATTACKS, spoil


@pytest.mark.parametrize(
    "result",
    [samples.halfway(), samples.unreadable(), *(spoil(samples.halfway(), attack) for attack in ATTACKS.values())],
    ids=["halfway", "unreadable", *ATTACKS],
)
def test_what_is_written_is_read_again(result: SubmissionResult, tmp_path: Path) -> None:
    path = tmp_path / "some" / "folder" / "result.json"

    write_result(result, path)

    assert read_result(path) == result
    assert [file.name for file in path.parent.iterdir()] == ["result.json"]


def test_numbers_that_are_not_finite_survive_on_the_page(tmp_path: Path) -> None:
    question = samples.wrong_rnn_step()
    case = question.cases[0].model_copy(update={"got": Shown(text="", shape=(2,), dtype="float32", rows=((math.nan, -math.inf),))})
    result = samples.perfect().model_copy(update={"questions": (question.model_copy(update={"cases": (case,)}),)})

    write_result(result, tmp_path / "result.json")

    assert json.loads((tmp_path / "result.json").read_bytes())["schema_version"] == 1
    assert render_submission(read_result(tmp_path / "result.json")) == render_submission(result)


def test_nothing_half_written_is_left_when_the_file_cannot_take_its_place(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.mkdir()

    with pytest.raises(OSError, match=r"result\.json"):
        write_result(samples.perfect(), path)

    assert list(tmp_path.iterdir()) == [path]


def test_a_later_result_replaces_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "result.json"

    write_result(samples.halfway(), path)
    write_result(samples.perfect(), path)

    assert read_result(path) == samples.perfect()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not a result of grader"),
        ("\udcff", "not a result of grader"),
        ("[]", "the file says None"),
        ('{"schema_version": 2}', "reads results of schema 1, the file says 2"),
        ('{"schema_version": 1}', "not a complete result"),
    ],
)
def test_a_file_that_is_no_result_is_refused_with_what_to_do(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(SettingsError, match=reason) as caught:
        read_result(path)

    assert str(path) in str(caught.value)
    assert "Grade the submission again." in str(caught.value)


def test_the_file_can_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.touch()

    write_result(samples.perfect(), tmp_path / "result.json")

    assert (tmp_path / "result.json").stat().st_mode == beside.stat().st_mode
