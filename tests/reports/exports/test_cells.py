"""Cells that spreadsheets do not run, and tables that come back as they were."""

import csv
import io
import re

import pytest
from hypothesis import given, strategies as st

from grader.errors import SettingsError
from grader.reports.exports.cells import read_table, safe_cell, write_rows, write_table
from tests.reports.exports.given import HOSTILE

STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "\uff1d1", "-", "-x", "--1", "+49 151 1234"])
def test_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text)[0] == ("-" if text == "-" else "'")


@pytest.mark.parametrize("text", ["-3", "-0.25", "+7", "12.5", "-1,5", "-40%", "", "Ada", "a=b", "3-1"])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    "name",
    ["x;=1+1", "x,=1+1", "x\t=1+1", 'x;"=1+1"', 'x;"";=1+1', "x;;=1+1", "x\n=1+1", "x\n\n @SUM(1)", "x; -2+3+cmd|' /C calc'!A0", "x;+1", *HOSTILE.values()],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_where_a_spreadsheet_splits_rows_elsewhere(name: str, delimiter: str) -> None:
    text = write_rows([["Ada", "1"], ["Bob", name, "2"], [name, name]])

    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        assert all(re.match(r"[=@+]|-\D|-.*[|(]", cell.strip()) is None for cell in row)


@pytest.mark.parametrize("text", ["expected shape (2, -1), got (-1, 2)", "first at [0, -3]", "a - b, c"])
def test_sentences_with_negative_numbers_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=4), st.sampled_from(",;\t"))
def test_whatever_is_written_is_read_again_and_no_cell_is_a_formula(rows: list[list[str]], delimiter: str) -> None:
    read = list(csv.reader(io.StringIO(write_rows(rows, delimiter=delimiter), newline=""), delimiter=delimiter, strict=True))

    assert [len(row) for row in read] == [len(row) for row in rows]
    assert all(not cell.startswith(tuple(STARTS)) or safe_cell(cell) == cell for row in read for cell in row)


@pytest.mark.parametrize("text", ["Student,ID\r\nAda,1\r\n", "\ufeffStudent;ID\r\nAda;1\r\n", 'Student\tID\r\n"Ada\nL."\t1\r\n'])
def test_a_table_keeps_its_delimiter_and_its_byte_order_mark(text: str) -> None:
    assert write_table(read_table(text, name="x.csv", needs=("Student", "ID"))) == text


def test_short_rows_are_filled_up_and_empty_ones_left_out() -> None:
    assert read_table("a,b,c\n1\n\n4,5,6,7\n", name="x.csv", needs=()).rows == (("1", "", ""), ("4", "5", "6", "7"))


@pytest.mark.parametrize("text", ["", "a,b\n", "Student\n", "<!doctype html><html>"])
def test_a_table_without_what_it_needs_is_refused_by_the_name_of_the_column(text: str) -> None:
    with pytest.raises(SettingsError, match=r"x\.csv: .*'ID'"):
        read_table(text, name="x.csv", needs=("Student", "ID"))


def test_a_field_too_long_for_csv_is_said_to_be_no_table() -> None:
    with pytest.raises(SettingsError, match="no CSV table"):
        read_table("a,b\n" + "x" * 200_000, name="x.csv", needs=())
