"""The sample submissions of a small class, read as they lie."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.errors import IntakeError
from grader.intake.layouts import Found, find_submissions
from grader.intake.submission import read_submission
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission
from grader.release.student_notebook import released_cells, split_notebook

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "tests" / "submissions"
EXPECTED: dict[str, Any] = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))
MARKED = [(student, assignment) for student, marks in EXPECTED["marks"].items() for assignment in marks]
ENTRIES = {
    "01-sequences": {"choices_01": "answers"},
    "02-rnn": {"choices_02": "answers"},
    "03-training": {"choices_03": "answers"},
    "05-gated": {"choices_05": "answers"},
}


@cache
def pristine() -> dict[str, tuple[Cell, ...]]:
    return {name: released_cells(split_notebook(REPOSITORY / "solutions" / name / f"{name}.ipynb")) for name in ENTRIES}


@cache
def found() -> dict[tuple[str, str | None], Found]:
    return {(one.student, one.assignment): one for one in find_submissions([SAMPLES], pristine=pristine(), scratch=SAMPLES)}


def submission(student: str, assignment: str) -> Submission:
    return read_submission(found()[student, assignment], pristine=pristine(), entries=ENTRIES)


def test_every_notebook_is_found_and_nothing_else() -> None:
    unreadable = [(student, assignment) for student, reasons in EXPECTED["unreadable"].items() for assignment in reasons]

    assert set(found()) == {*MARKED, *unreadable}


@pytest.mark.parametrize(("student", "assignment"), MARKED)
def test_every_question_of_a_notebook_is_found_with_its_answer(student: str, assignment: str) -> None:
    assert list(submission(student, assignment).answers) == list(EXPECTED["marks"][student][assignment])


@pytest.mark.parametrize(("student", "assignment"), MARKED)
def test_changed_locked_cells_are_counted_and_restored(student: str, assignment: str) -> None:
    read = submission(student, assignment)

    assert read.tampered == EXPECTED["tampered"].get(student, {}).get(assignment, 0)
    assert [cell for cell in read.cells if cell.options.locked] == [cell for cell in pristine()[assignment] if cell.options.locked]


@pytest.mark.parametrize("student", EXPECTED["unreadable"])
def test_an_unreadable_notebook_is_refused_with_a_reason(student: str) -> None:
    for assignment, reason in EXPECTED["unreadable"][student].items():
        with pytest.raises(IntakeError, match=reason):
            submission(student, assignment)


def test_an_editor_that_drops_ids_and_metadata_changes_nothing_that_is_graded() -> None:
    stripped = submission("grace", "02-rnn")

    assert [cell.id for cell in stripped.cells] == [cell.id for cell in pristine()["02-rnn"]]
    assert [cell.options for cell in stripped.cells] == [cell.options for cell in pristine()["02-rnn"]]


def test_cells_that_grading_skips_stay_skipped_where_the_marks_are_gone() -> None:
    skipped = [cell.id for cell in pristine()["05-gated"] if cell.options.skip]

    assert [cell.id for cell in submission("kim", "05-gated").cells if cell.options.skip] == skipped
