"""Moodle's grading worksheet, filled in, and pages of feedback zipped as Moodle unpacks them."""

import io
import re
import zipfile
from html.parser import HTMLParser
from typing import Any

import pytest

from grader.errors import SettingsError
from grader.reports.exports.moodle import fill_moodle, moodle_feedback
from grader.results import SubmissionResult
from tests.reports import samples
from tests.reports.exports.given import HOSTILE, mark, rows_of

HEADER = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\n"
)
WORKSHEET = (
    HEADER
    + """Participant 4711,Ada Lovelace,ada@example.edu,Submitted for grading,,7.00,Yes,"Wednesday, 2 October 2024, 2:05 PM",-,
Participant 4712,王小明,wang@example.edu,Submitted for grading,3.00,7.00,Yes,-,-,Well begun
Participant 4713,Alan Turing,alan@example.edu,No submission,,7.00,No,-,-,
"""
)


def row_of(text: str, identifier: str = "Participant 4711") -> dict[str, str]:
    return next(row for row in rows_of(text) if row["Identifier"] == identifier)


@pytest.mark.parametrize(
    "who",
    [
        {"student": "x", "lms_id": "4711"},
        {"student": "x", "lms_id": "Participant 4711"},
        {"student": "x", "email": "ADA@example.edu"},
        {"student": "ada@example.edu"},
        {"student": "Ada Lovelace"},
        {"student": "lovelace_ada"},
    ],
)
def test_a_student_is_found_by_number_address_or_name(who: dict[str, Any]) -> None:
    filled = fill_moodle(WORKSHEET, [mark(score=6.5, **who)], name="w.csv")

    assert row_of(filled.text)["Grade"] == "6.5"
    assert (filled.count, filled.problems, filled.notes) == (1, (), ())


def test_what_moodle_needs_to_take_the_worksheet_back_stays_as_it_was() -> None:
    text = fill_moodle(WORKSHEET, [mark(lms_id="4711")], name="w.csv").text

    before, after = rows_of(WORKSHEET), rows_of(text)
    assert text.splitlines()[0] == HEADER.strip()
    assert [{**row, "Grade": "", "Feedback comments": ""} for row in after] == [{**row, "Grade": "", "Feedback comments": ""} for row in before]
    assert after[1:] == before[1:]


def test_the_feedback_is_text_for_html_with_nothing_of_hidden_cases() -> None:
    comment = row_of(fill_moodle(WORKSHEET, [mark(samples.halfway(), lms_id="4711")], name="w.csv").text)["Feedback comments"]

    assert "rnn_step: 1/4. Partly right.<br>" in comment
    assert "is every parameter of the layer in use?" in comment
    assert samples.PRIVATE not in comment


def test_marks_are_scaled_to_the_maximum_grade_and_it_is_said() -> None:
    filled = fill_moodle(WORKSHEET.replace("7.00", "100.00"), [mark(lms_id="4711", score=3.5)], name="w.csv")

    assert row_of(filled.text)["Grade"] == "50"
    assert filled.notes == ("The platform counts 100 points, the assignment 7: marks were scaled.",)


def test_a_grade_that_cannot_be_changed_is_left_alone() -> None:
    filled = fill_moodle(WORKSHEET, [mark(student="Alan Turing")], name="w.csv")

    assert filled.text.replace("\r\n", "\n") == WORKSHEET
    assert filled.problems == ("Alan Turing: Moodle says that this grade cannot be changed, so it was left as it is.",)


def test_who_was_not_graded_keeps_the_grade_and_it_is_said() -> None:
    filled = fill_moodle(WORKSHEET, [mark(samples.unreadable(), lms_id="4712")], name="w.csv")

    assert (row_of(filled.text, "Participant 4712")["Grade"], filled.count) == ("3.00", 0)
    assert "not graded (Expecting value" in filled.problems[0]


def test_a_worksheet_for_anonymous_marking_is_filled_by_number() -> None:
    worksheet = "Identifier,Status,Grade,Last modified (grade)\nParticipant 12,Submitted,,-\n"

    assert rows_of(fill_moodle(worksheet, [mark(lms_id="12")], name="w.csv").text)[0]["Grade"] == "7"


@pytest.mark.parametrize("missing", ["Identifier", "Grade", "Last modified (grade)"])
def test_a_worksheet_without_what_moodle_requires_is_refused(missing: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"w.csv: no column '{missing}'")):
        fill_moodle(re.sub(f"(?<=[,^]){re.escape(missing)}(?=,)|^{missing}(?=,)", "Other", WORKSHEET), [mark()], name="w.csv")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_stays_harmless_in_cells_and_comments(name: str) -> None:
    quoted = name.replace('"', '""')
    result = samples.perfect().model_copy(update={"notes": (name,)})

    filled = fill_moodle(HEADER + f'Participant 1,"{quoted}",,,,,,,-,\r\n', [mark(result, student=name, lms_id="1")], name="w.csv")

    (row,) = rows_of(filled.text)
    assert row["Grade"] == "7"
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row.values())
    assert tags_of(row["Feedback comments"]) <= {"br"}


def tags_of(text: str) -> set[str]:
    found: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as the parser calls it
            found.add(tag)

        def handle_decl(self, decl: str) -> None:
            found.add(decl)

    Tags().feed(text)
    return found


def page(result: SubmissionResult) -> str:
    return f"<p>{result.student}"


def test_pages_are_zipped_under_the_names_that_moodle_gave() -> None:
    wang = mark(samples.perfect("王小明"))

    files = moodle_feedback(WORKSHEET, [mark(lms_id="4711"), wang], page=page, name="w.csv")

    with zipfile.ZipFile(io.BytesIO(files.data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Ada Lovelace_4711_assignsubmission_file_/feedback.html", "王小明_4712_assignsubmission_file_/feedback.html"]
        assert archive.read(archive.namelist()[1]).decode() == "<p>王小明"
    assert (files.count, files.problems) == (2, ())


def test_who_has_no_row_or_no_number_is_named() -> None:
    files = moodle_feedback(HEADER + "Somebody,Grace Hopper,,,,,,,-,\n", [mark(), mark(student="Nobody")], page=page, name="w.csv")

    assert files.count == 0
    assert files.problems == ("Nobody: no row fits, so none was filled.", "Grace Hopper: the worksheet has no participant's number.")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_makes_a_harmless_file_name_that_moodle_still_reads(name: str) -> None:
    quoted = f"{name}_99_assignsubmission_file_".replace('"', '""')

    files = moodle_feedback(HEADER + f'Participant 1,"{quoted}",,,,,,,-,\r\n', [mark(lms_id="1")], page=page, name="w.csv")

    with zipfile.ZipFile(io.BytesIO(files.data)) as archive:
        (member,) = archive.namelist()
    folder, file = member.split("/")
    assert file == "feedback.html"
    assert folder.split("_")[1:] == ["1", "assignsubmission", "file", ""]
    assert not re.search(r'[\\:*?"<>|\x00-\x1f]|\.\.', folder)
