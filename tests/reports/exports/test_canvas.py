"""Canvas's gradebook, filled in."""

from typing import Any

import pytest

from grader.errors import SettingsError
from grader.reports.exports.canvas import fill_canvas
from tests.reports import samples
from tests.reports.exports.given import HOSTILE, mark, rows_of

TEMPLATE = """Student,ID,SIS User ID,SIS Login ID,Integration ID,Section,rnn-scratch (4711),Attention (4712),Final Score
,,,,,,Manual Posting,,
    Points Possible,,,,,,7.0,10,(read only)
"Lovelace, Ada",1234,S-1,ada,,Monday,,3,50
"Hopper, Grace Brewster",77,S-2,grace@example.edu,,"Tue, Wed",2,,
"Turing, Alan",78,S-3,alan,,Monday,EX,,
"王, 小明",79,S-4,xw,,Monday,,,
"Student, Test",99,,,,Monday,,,
"""


def marks_in(text: str, column: str = "rnn-scratch (4711)") -> dict[str, str]:
    return {row["Student"]: row[column] for row in rows_of(text) if row["ID"]}


@pytest.mark.parametrize(
    "who",
    [
        {"student": "lovelaceada", "lms_id": "1234"},
        {"student": "x", "lms_id": "S-1"},
        {"student": "x", "lms_id": "ADA"},
        {"student": "ada"},
        {"student": "1234"},
        {"student": "Ada Lovelace"},
        {"student": "lovelace_ada"},
        {"student": "lovelaceada"},
        {"student": "somebody", "email": "Ada"},
    ],
)
def test_a_student_is_found_by_number_login_or_name(who: dict[str, Any]) -> None:
    filled = fill_canvas(TEMPLATE, [mark(score=6.5, **who)], name="canvas.csv")

    assert marks_in(filled.text) == {"Lovelace, Ada": "6.5", "Hopper, Grace Brewster": "2", "Turing, Alan": "EX", "王, 小明": "", "Student, Test": ""}
    assert (filled.count, filled.problems, filled.notes) == (1, (), ())


def test_everything_else_stays_as_it_was() -> None:
    text = fill_canvas(TEMPLATE, [mark(student="ada", score=6.5)], name="canvas.csv").text

    assert text.replace("\r\n", "\n") == TEMPLATE.replace("Monday,,3,50", "Monday,6.5,3,50")


def test_what_canvas_wrote_with_semicolons_and_a_byte_order_mark_is_written_so_again() -> None:
    template = "\ufeffStudent;ID;rnn-scratch (1)\r\n    Points Possible;;7\r\nAda;1;\r\n"

    assert fill_canvas(template, [mark(lms_id="1")], name="c.csv").text == template.replace("Ada;1;", "Ada;1;7")


def test_what_is_filled_in_can_be_filled_in_again() -> None:
    once = fill_canvas(TEMPLATE, [mark(student="ada", score=6.5)], name="canvas.csv").text

    assert fill_canvas(once, [mark(student="ada", score=6.5)], name="canvas.csv").text == once


def test_an_excused_student_stays_excused_and_it_is_said() -> None:
    filled = fill_canvas(TEMPLATE, [mark(student="alan")], name="canvas.csv")

    assert marks_in(filled.text)["Turing, Alan"] == "EX"
    assert (filled.count, filled.problems) == (0, ("alan: excused in Canvas, so the cell was left as it is.",))


def test_who_was_not_graded_keeps_the_cell_and_it_is_said() -> None:
    filled = fill_canvas(TEMPLATE, [mark(samples.ours(), student="grace@example.edu")], name="canvas.csv")

    assert marks_in(filled.text)["Hopper, Grace Brewster"] == "2"
    assert "not graded" in filled.problems[0]


def test_a_student_without_a_row_is_named() -> None:
    filled = fill_canvas(TEMPLATE, [mark(student="Nobody"), mark(student="ada")], name="canvas.csv")

    assert filled.count == 1
    assert filled.problems == ("Nobody: no row fits, so none was filled.",)


def test_a_student_whom_canvas_numbered_is_never_taken_for_another_of_the_same_name() -> None:
    filled = fill_canvas(TEMPLATE, [mark(student="Ada Lovelace", lms_id="5555")], name="canvas.csv")

    assert filled.problems == ("Ada Lovelace (5555): no row fits, so none was filled.",)


def test_a_name_that_two_rows_have_fills_neither() -> None:
    template = 'Student,ID,rnn-scratch (1)\n    Points Possible,,7\n"Wei, Wang",1,\nWang Wei,2,\n'

    filled = fill_canvas(template, [mark(student="Wang Wei")], name="c.csv")

    assert set(marks_in(filled.text, "rnn-scratch (1)").values()) == {""}
    assert filled.problems == ("Wang Wei: 2 rows fit, so none was filled.",)


def test_two_marks_for_one_row_fill_it_with_neither() -> None:
    filled = fill_canvas(TEMPLATE, [mark(student="ada", score=1.0), mark(student="Ada Lovelace", score=2.0)], name="canvas.csv")

    assert marks_in(filled.text)["Lovelace, Ada"] == ""
    assert filled.problems == ("ada, Ada Lovelace: they fit the same row (Lovelace, Ada), so it was not filled.",)


def test_marks_are_scaled_to_the_points_that_canvas_counts_and_it_is_said() -> None:
    filled = fill_canvas(TEMPLATE.replace("7.0,10,", "100,10,"), [mark(student="ada", score=3.5)], name="canvas.csv")

    assert marks_in(filled.text)["Lovelace, Ada"] == "50"
    assert filled.notes == ("The platform counts 100 points, the assignment 7: marks were scaled.",)


@pytest.mark.parametrize("header", ["Recurrent networks from scratch (1)", "HW 2: rnn-scratch (1)", "RNN-Scratch (1)"])
def test_the_column_is_told_by_the_assignment_s_name_or_title(header: str) -> None:
    template = f'Student,ID,"{header}",Other (2)\nAda,1,,\n'

    assert marks_in(fill_canvas(template, [mark(lms_id="1")], name="c.csv").text, header) == {"Ada": "7"}


def test_a_column_may_be_said() -> None:
    filled = fill_canvas(TEMPLATE, [mark(student="ada")], name="canvas.csv", column="attention (4712)")

    assert marks_in(filled.text, "Attention (4712)")["Lovelace, Ada"] == "10"


@pytest.mark.parametrize("header", ["Homework (1)", "rnn-scratch (1),rnn-scratch (2)", "rnn-scratch"])
def test_a_column_that_cannot_be_told_is_asked_for(header: str) -> None:
    with pytest.raises(SettingsError, match=r"c\.csv: it is not clear which column belongs to rnn-scratch; say --column with one of"):
        fill_canvas(f"Student,ID,{header}\nAda,1,\n", [mark(lms_id="1")], name="c.csv")


def test_several_assignments_at_once_are_refused() -> None:
    marks = [mark(samples.perfect(assignment="one")), mark(samples.perfect(assignment="two"))]

    with pytest.raises(SettingsError, match=r"say which with --assignment \(one, two\)"):
        fill_canvas(TEMPLATE, marks, name="canvas.csv")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_in_canvas_stays_harmless_and_gets_its_mark(name: str) -> None:
    quoted = name.replace('"', '""')
    template = f'Student,ID,Section,rnn-scratch (1)\r\n    Points Possible,,,7\r\n"{quoted}",5,"{quoted}",\r\n'

    filled = fill_canvas(template, [mark(student=name, lms_id="5", score=-1.5)], name="c.csv")

    row = rows_of(filled.text)[-1]
    assert (row["ID"], row["rnn-scratch (1)"]) == ("5", "-1.5")
    assert not row["Student"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not row["Section"].startswith(("=", "+", "-", "@", "\t", "\r"))
