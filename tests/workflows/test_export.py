"""Exporting what a course's gradebook holds, and what one run graded."""

import base64
import json
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.errors import SettingsError
from grader.gradebook.book import Gradebook
from grader.reports.exports.formats import Format
from grader.reports.json_result import write_result
from grader.results import SubmissionResult
from grader.settings import Settings, load_settings
from grader.workflows.export import ExportRequest, export, export_files
from tests.reports import samples
from tests.reports.exports.given import rows_of

CANVAS = "Student,ID,rnn-scratch (1)\n    Points Possible,,37\nLovelace Ada,12,\nHopper Grace,13,\n"
MOODLE = "Identifier,Full name,Grade,Last modified (grade),Feedback comments\nParticipant 12,Ada Lovelace,,-,\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a course in which two students were graded, one of them as the learning platform's number 12."""
    given = load_settings(tmp_path)
    ada = samples.halfway().model_copy(update={"lms_id": "12"})
    grace = samples.perfect().model_copy(update={"digest": "1" * 64})
    with Gradebook(given.gradebook) as gradebook:
        for result in (ada, grace):
            gradebook.record(result)
    return given


def test_every_format_that_needs_no_template_is_written(settings: Settings, tmp_path: Path) -> None:
    for form in set(Format) - {Format.CANVAS, Format.MOODLE, Format.MOODLE_FEEDBACK}:
        exported = export(ExportRequest(format=form, student="Ada Lovelace", out=tmp_path / "out" / form), settings)

        assert (exported.text, exported.problems) == ("", ())
        assert (tmp_path / "out" / form).stat().st_size > 100


def test_marks_are_those_that_count_after_people_decided(settings: Settings) -> None:
    with Gradebook(settings.gradebook) as gradebook:
        gradebook.override("Ada Lovelace", "rnn-scratch", points=30.0, reason="oral exam", author="prof")

    ada, grace = rows_of(export(ExportRequest(format=Format.CSV), settings).text)

    assert (ada["score"], ada["lms_id"], grace["score"]) == ("30", "12", "7")


@pytest.mark.parametrize("form", [Format.CSV, Format.JSON_LINES])
def test_where_there_are_no_marks_an_older_file_stays(settings: Settings, tmp_path: Path, form: Format) -> None:
    older = tmp_path / "marks"
    older.write_text("older")

    with pytest.raises(SettingsError, match="no student 'nobody'"):
        export(ExportRequest(format=form, student="nobody", out=older), settings)

    assert older.read_text() == "older"


@pytest.mark.parametrize("student", ["Ada Lovelace", "12"])
def test_one_student_may_be_asked_for(settings: Settings, student: str) -> None:
    (row,) = rows_of(export(ExportRequest(format=Format.CSV, student=student), settings).text)

    assert row["student"] == "Ada Lovelace"


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"student": "Ada Lovelance"}, r"knows no student 'Ada Lovelance'; did you mean 'Ada Lovelace'\?"),
        ({"student": "Nobody"}, "knows no student 'Nobody'; `grader students list` shows all"),
        ({"assignment": "rnn-scrath"}, r"knows no assignment 'rnn-scrath'; did you mean 'rnn-scratch'\?"),
        ({"assignment": "none", "student": "Nobody"}, "knows no assignment 'none'; there are rnn-scratch"),
    ],
)
def test_who_or_what_the_gradebook_does_not_know_is_told_with_the_nearest_that_it_does(settings: Settings, filters: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        export(ExportRequest(format=Format.CSV, **filters), settings)


def test_an_export_of_nothing_says_what_to_do(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("name\nGrace Hopper\nAlan Turing\n")
    with Gradebook(settings.gradebook) as gradebook:
        gradebook.import_roster(tmp_path / "roster.csv", author="prof")

    with pytest.raises(SettingsError, match="no marks of Alan Turing for rnn-scratch: grade with"):
        export(ExportRequest(format=Format.CSV, student="Alan Turing", assignment="rnn-scratch"), settings)
    with pytest.raises(SettingsError, match="no marks of Ada: grade with"):
        export(ExportRequest(format=Format.CSV, student="Ada"), load_settings(tmp_path / "another"))


@pytest.mark.parametrize("form", sorted(set(Format) - {Format.CANVAS, Format.MOODLE, Format.MOODLE_FEEDBACK}))
def test_what_is_printed_ends_with_its_line(settings: Settings, form: Format) -> None:
    assert export(ExportRequest(format=form, student="Ada Lovelace"), settings).text.endswith("\n")


def test_the_command_says_what_it_wrote(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = command(settings, monkeypatch, "csv", "--out", "marks.csv")

    assert (ran.stdout, ran.stderr) == ("", "Wrote marks.csv\n")


def test_formats_of_one_submission_go_into_a_folder_where_there_are_several(settings: Settings, tmp_path: Path) -> None:
    export(ExportRequest(format=Format.GRADESCOPE, out=tmp_path / "results"), settings)

    found = [json.loads(path.read_text())["score"] for path in sorted((tmp_path / "results").iterdir())]
    assert found == [pytest.approx(13.2), 7.0]


def test_formats_of_one_submission_are_not_printed_one_after_the_other(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="check50 holds one submission, and there are 2"):
        export(ExportRequest(format=Format.CHECK50), settings)


def test_a_template_is_filled_and_what_is_missing_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "worksheet.csv").write_text(MOODLE)

    exported = export(ExportRequest(format=Format.MOODLE, template=tmp_path / "worksheet.csv"), settings)

    assert rows_of(exported.text)[0]["Grade"] == "13.2"
    assert exported.notes == ("1 of 2 marks were filled in.",)
    assert exported.problems == ("Grace Hopper: no row fits, so none was filled.",)


def test_pages_as_they_would_be_now_are_zipped_for_moodle(settings: Settings, tmp_path: Path) -> None:
    with Gradebook(settings.gradebook) as gradebook:
        gradebook.comment("Ada Lovelace", "rnn-scratch", "Come and see me.", author="prof")
    (tmp_path / "worksheet.csv").write_text(MOODLE)

    export(ExportRequest(format=Format.MOODLE_FEEDBACK, template=tmp_path / "worksheet.csv", out=tmp_path / "feedback.zip"), settings)

    with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
        page = archive.read("Ada Lovelace_12_assignsubmission_file_/feedback.html").decode()
    assert page.startswith("<!doctype html>")
    assert "Come and see me." in page


@pytest.mark.parametrize("form", [Format.CANVAS, Format.MOODLE, Format.MOODLE_FEEDBACK])
def test_a_template_that_is_missing_or_unreadable_is_explained(settings: Settings, tmp_path: Path, form: Format) -> None:
    (tmp_path / "excel.csv").write_bytes("Identifier,Größe".encode("latin-1"))

    with pytest.raises(SettingsError, match="--template"):
        export(ExportRequest(format=form), settings)
    with pytest.raises(SettingsError, match=r"gone\.csv cannot be read"):
        export(ExportRequest(format=form, template=tmp_path / "gone.csv", out=tmp_path / "x"), settings)
    with pytest.raises(SettingsError, match="is not UTF-8"):
        export(ExportRequest(format=form, template=tmp_path / "excel.csv", out=tmp_path / "x"), settings)


def test_of_a_run_a_file_that_was_set_aside_is_left_out(tmp_path: Path) -> None:
    aside = samples.unreadable("Grace Hopper").model_copy(update={"digest": ""})

    text = export_files(written(tmp_path, samples.perfect(), aside, samples.unreadable("Bob")), Format.JUNIT)

    assert [suite.attrib["name"] for suite in ET.fromstring(text)] == ["rnn-scratch: Grace Hopper", "rnn-scratch: Bob"]  # noqa: S314 - our own text
    assert text == export_files(written(tmp_path, aside, samples.perfect(), samples.unreadable("Bob")), Format.JUNIT)


def written(folder: Path, *results: SubmissionResult) -> list[Path]:
    files = [folder / f"{result.student} {result.digest}" / "result.json" for result in results]
    for result, file in zip(results, files, strict=True):
        write_result(result, file)
    return files


def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(settings.out.parent)
    return CliRunner().invoke(app, ["export", *arguments])


def test_the_command_prints_where_no_file_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = command(settings, monkeypatch, "classroom", "--student", "12")

    assert ran.exit_code == 0
    assert json.loads(base64.b64decode(ran.stdout.removeprefix("result=")))["status"] == "fail"


def test_the_command_exits_with_1_when_a_mark_is_not_in_what_it_wrote(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "canvas.csv").write_text(CANVAS.replace("Hopper", "Other"))

    ran = command(settings, monkeypatch, "canvas", "--template", "canvas.csv", "--out", "filled.csv")

    assert ran.exit_code == 1
    assert "Grace Hopper: no row fits" in ran.stderr
    assert (tmp_path / "filled.csv").read_text().splitlines()[2:] == ["Lovelace Ada,12,13.2", "Other Grace,13,"]


def test_what_does_not_fit_is_explained_with_exit_code_2(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = command(settings, monkeypatch, "canvas")

    assert ran.exit_code == 2
    assert "download it and say where it is" in ran.stderr
