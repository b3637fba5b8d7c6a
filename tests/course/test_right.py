"""Right answers in other authors' styles, each in an otherwise perfect notebook."""

import pytest

from tests.course.assignments import NAMES, Built, graded, lost_points, only, questions_of, table_of, with_answer

CASES = [(name, question, style) for name in NAMES for question, sources in table_of("right", name).items() for style in sources]


@pytest.mark.kernel
@pytest.mark.parametrize(("name", "question", "style"), CASES)
def test_a_right_answer_in_another_style_gets_all_points(name: str, question: str, style: str, built: Built) -> None:
    source = table_of("right", name)[question][style]

    result = graded(only(built(name), question), with_answer(name, question, source))

    assert lost_points(result) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_right_answers_in_other_styles(name: str) -> None:
    assert {question.name for question in questions_of(name).questions} == set(table_of("right", name))
