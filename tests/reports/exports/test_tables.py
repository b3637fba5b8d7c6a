"""Marks for spreadsheets, for nbgrader's readers and for scripts."""

import json

import pytest

from grader.reports.exports.csv_table import csv_table
from grader.reports.exports.json_lines import json_lines
from grader.reports.exports.nbgrader import nbgrader_csv
from grader.reports.json_result import json_tree
from grader.results import SubmissionResult, Verdict
from tests.reports import samples
from tests.reports.exports.given import HOSTILE, MARKS, mark, rows_of


def test_a_row_has_the_mark_and_a_column_for_each_question() -> None:
    ada, grace, *_ = rows_of(csv_table(MARKS))

    assert list(ada)[:11] == ["student", "lms_id", "email", "assignment", "score", "points", "percent", "late_penalty", "verdict", "message", "graded_at"]
    assert (ada["student"], ada["score"], ada["points"], ada["percent"], ada["rnn_step"], ada["perplexity"]) == (
        "Ada Lovelace",
        "13.2",
        "37",
        "35.68",
        "1",
        "3.2",
    )
    assert (grace["score"], grace["rnn_step"], grace["perplexity"]) == ("7", "4", "")


def test_who_has_no_mark_has_no_number() -> None:
    *_, unreadable, ours = rows_of(csv_table(MARKS))

    assert (unreadable["score"], unreadable["percent"], unreadable["verdict"]) == ("", "", "error")
    assert (ours["score"], ours["verdict"]) == ("", "ours")


def test_a_result_that_is_graded_in_part_through_our_fault_is_no_mark() -> None:
    partly = samples.halfway().model_copy(update={"verdict": Verdict.OURS})

    assert mark(partly).score is None


def test_spreadsheets_are_told_the_encoding() -> None:
    assert csv_table([mark(student="王小明")]).encode().startswith(b"\xef\xbb\xbf")


def test_what_was_taken_off_is_in_the_row() -> None:
    (row,) = rows_of(csv_table([mark(score=5.25, raw_score=7.0, late_penalty=1.75, lms_id="12", email="ada@example.edu")]))

    assert (row["score"], row["late_penalty"], row["lms_id"], row["email"], row["percent"]) == ("5.25", "1.75", "12", "ada@example.edu", "75")


def test_nbgrader_s_columns_are_there_in_its_order() -> None:
    text = nbgrader_csv([mark(score=5.0, raw_score=7.0, late_penalty=2.0, submitted_at="2024-10-02T14:05:00+00:00", due="2024-10-01T00:00:00+00:00")])

    assert text.splitlines() == [
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score",
        "rnn-scratch,2024-10-01T00:00:00+00:00,2024-10-02T14:05:00+00:00,Grace Hopper,,,,7,2,5,7",
    ]


def test_a_line_of_json_holds_the_mark_and_the_whole_result() -> None:
    lines = list(json_lines(MARKS))

    documents = [json.loads(line) for line in lines]
    assert [line.count("\n") for line in lines] == [1] * len(MARKS)
    assert documents[0]["score"] == pytest.approx(13.2)
    assert documents[2]["score"] is None
    result = SubmissionResult.model_validate(documents[0]["result"])
    assert json_tree(result) == json_tree(samples.halfway())


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_harmless_in_tables_and_readable(name: str) -> None:
    result = samples.halfway().model_copy(update={"student": name, "assignment": name, "message": name})
    given = mark(result, lms_id=name, email=name)

    (row,), (nbgrader,) = rows_of(csv_table([given])), rows_of(nbgrader_csv([given]))

    for cell in (row["student"], row["lms_id"], row["email"], row["assignment"], row["message"], nbgrader["student_id"], nbgrader["assignment"]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
        assert all(character.isprintable() for character in cell.replace("\u200d", "").replace("\ufffe", ""))
    assert (row["score"], nbgrader["max_score"]) == ("13.2", "37")
    assert json.loads("".join(json_lines([given])))["student"] == name


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>", "../../etc/passwd", "王小明", "Ada 🎓👩‍💻"])
def test_a_name_can_still_be_read(name: str) -> None:
    (row,) = rows_of(csv_table([mark(student=name)]))

    assert row["student"].removeprefix("'") == name
