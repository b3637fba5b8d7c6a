"""Every known mistake of the course, put into an otherwise perfect notebook."""

import pytest

from grader.authoring.mistaken import mistaken_cell
from tests.course.assignments import NAMES, TRAINED, Built, graded, lost_points, only, questions_of, with_answer


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_known_mistake_loses_points_in_its_question_only_and_is_named_by_its_hint(name: str, built: Built) -> None:
    bundle = built(name)
    astray = []
    for question in (one for one in questions_of(name).questions if one.name not in TRAINED):
        reduced = only(bundle, question.name)
        for mistake in question.mistakes:
            result = graded(reduced, with_answer(name, question.name, mistaken_cell(question, mistake)))
            told = {one.name: one for one in result.questions}[question.name]
            expected = next(one for one in question.mistakes if one.id == (mistake.same_as or mistake.id))
            lost = lost_points(result)
            if lost != [question.name] or told.diagnosis is None or told.diagnosis.hint != expected.hint:
                astray.append((question.name, mistake.id, lost, told.diagnosis and told.diagnosis.mistake, told.message))
    assert astray == []
