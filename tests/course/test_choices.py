"""Questions with letters to choose from: what `check` says of the answers that students begin with."""

from pathlib import Path

import pytest

from grader.student.attempt import attempt
from grader.student.find import find_questions

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
CHOICES = {"01-sequences": "choices_01", "02-rnn": "choices_02", "03-training": "choices_03", "05-gated": "choices_05", "06-architectures": "choices_06"}


@pytest.mark.parametrize("assignment", CHOICES)
def test_choices_without_an_answer_are_said_to_be_unanswered(assignment: str) -> None:
    (question,) = find_questions((CHOICES[assignment],), start=ASSIGNMENTS / assignment)
    items = question.cases[0].expected
    assert isinstance(items, dict)

    (untouched,) = attempt(question, {"answers": dict.fromkeys(items)}).cases
    (no_letter,) = attempt(question, {"answers": dict.fromkeys(items, "the second")}).cases
    (answered,) = attempt(question, {"answers": dict.fromkeys(items, " B")}).cases

    assert "not answered yet" in untouched.message
    assert "no letter from a to d" in no_letter.message
    assert answered.passed
