"""Wrong answers that are in no catalogue, each in an otherwise perfect notebook."""

import pytest

from tests.course.assignments import NAMES, Built, graded, lost_points, only, questions_of, table_of, with_answer

CASES = [(name, question, wrong) for name in NAMES for question, sources in table_of("wrong", name).items() for wrong in sources]


@pytest.mark.kernel
@pytest.mark.parametrize(("name", "question", "wrong"), CASES)
def test_a_wrong_answer_loses_points_in_its_own_question_and_in_no_other(name: str, question: str, wrong: str, built: Built) -> None:
    source = table_of("wrong", name)[question][wrong]

    result = graded(only(built(name), question), with_answer(name, question, source))

    assert lost_points(result) == [question]


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_wrong_answers(name: str) -> None:
    assert {question.name for question in questions_of(name).questions} == set(table_of("wrong", name))
