"""Which known mistake a wrong answer is recognised as."""

from dataclasses import replace

import pytest

from grader.execution.answers import Returned
from grader.grading.bundle import Bundle, Outcome
from grader.results import Diagnosis, QuestionResult, Verdict
from grader.values.tree import Foreign, TensorLeaf
from tests.grading.assignments import grade_now, marked, question_in, submission_of


def graded(bundle: Bundle, body: str, question: str = "scale", arguments: str = "X, factor") -> QuestionResult:
    source = marked(f"def {question}({arguments}):\n    {body}\n", question)
    return question_in(grade_now(bundle, submission_of({question: source})), question)


def diagnosed(bundle: Bundle, body: str, question: str = "scale", arguments: str = "X, factor") -> Diagnosis:
    diagnosis = graded(bundle, body, question, arguments).diagnosis
    assert diagnosis is not None
    return diagnosis


@pytest.mark.parametrize(
    ("mistake", "body"),
    [
        ("S01", "return torch.add(factor, X) if factor > 0 else 0 * X"),
        ("S02", "return factor * X"),
        ("S03", "return X.detach() * max(factor, 0)"),
        ("S04", "return X.to(torch.float64) * max(factor, 0.0)"),
        ("S05", "X.data *= max(factor, 0.0); return X.clone()"),
    ],
)
def test_a_mistake_in_other_words_is_recognised(bundle: Bundle, mistake: str, body: str) -> None:
    diagnosis = diagnosed(bundle, body)

    assert (diagnosis.source, diagnosis.mistake) == ("known mistake", mistake)
    assert diagnosis.hint
    assert diagnosis.where


def test_of_equal_mistakes_the_first_is_named(bundle: Bundle) -> None:
    assert diagnosed(bundle, "return X + factor if factor > 0 else X - X").mistake == "S01"


def test_the_credit_of_a_mistake_is_kept(bundle: Bundle) -> None:
    question = graded(bundle, "return X + factor if factor > 0 else 0 * X")

    assert question.score == 5


def test_failing_cases_carry_the_diagnosis_and_passing_ones_do_not(bundle: Bundle) -> None:
    question = graded(bundle, "return factor * X")

    assert [(case.verdict, case.diagnosis.mistake if case.diagnosis else None) for case in question.cases] == [
        (Verdict.PASSED, None),
        (Verdict.PASSED, None),
        (Verdict.PASSED, None),
        (Verdict.FAILED, "S02"),
    ]


def test_a_mistake_that_agrees_with_the_failing_cases_only_is_still_found(bundle: Bundle) -> None:
    body = "return X * factor if X.shape[0] == 1 else X + factor if factor > 0 else 0 * X"

    assert diagnosed(bundle, body).mistake == "S01"


def test_one_that_agrees_with_more_cases_wins(bundle: Bundle) -> None:
    scale = bundle.questions[0]
    only_edge = replace(scale.mistakes[1], id="S00")
    cases = tuple(replace(case, mistakes={**case.mistakes, "S00": case.mistakes["S02" if case.group == "edge" else "S01"]}) for case in scale.cases)
    doubled = replace(bundle, questions=(replace(scale, cases=cases, mistakes=(only_edge, *scale.mistakes)),))

    assert diagnosed(doubled, "return factor * X").mistake == "S02"


def test_a_mistake_that_also_cuts_the_graph_is_not_one_that_does_not(bundle: Bundle) -> None:
    scale = bundle.questions[0]
    cut = {case.name: _cut(case.mistakes["S01"]) for case in scale.cases}
    cases = tuple(replace(case, mistakes={**case.mistakes, "S00": cut[case.name]}) for case in scale.cases)
    both = replace(bundle, questions=(replace(scale, cases=cases, mistakes=(replace(scale.mistakes[0], id="S00"), *scale.mistakes)),))

    assert diagnosed(both, "return X + factor if factor > 0 else 0 * X").mistake == "S01"
    assert diagnosed(both, "return (X + factor if factor > 0 else 0 * X).detach()").mistake == "S00"


def test_the_same_exception_with_the_same_words_is_the_mistake(bundle: Bundle) -> None:
    assert diagnosed(bundle, "return torch.einsum('ij,jk->ik', X, X) if X.shape == (2, 2) else X @ X").mistake == "S07"


def test_an_exception_of_the_same_class_alone_is_no_evidence(bundle: Bundle) -> None:
    assert diagnosed(bundle, "return X @ X", "total", "X").mistake == "T01"
    assert graded(bundle, "raise RuntimeError('something else')", "total", "X").diagnosis is None


def test_a_mistake_that_leaves_its_inputs_alone_is_not_one_that_changes_them(bundle: Bundle) -> None:
    scale = bundle.questions[0]
    without = replace(bundle, questions=(replace(scale, mistakes=tuple(mistake for mistake in scale.mistakes if mistake.id != "S05")),))
    body = "if factor > 0: X.data *= factor; return X.clone()\n    return torch.zeros_like(X)"

    assert diagnosed(bundle, body).mistake == "S05"
    assert diagnosed(without, body).hint == "Your code changes what it was given."


def test_of_mistakes_that_agree_equally_the_first_is_named(bundle: Bundle) -> None:
    scale = bundle.questions[0]
    undeclared = tuple(replace(mistake, same_as=None) for mistake in scale.mistakes)

    assert diagnosed(replace(bundle, questions=(replace(scale, mistakes=undeclared),)), "return X + factor if factor > 0 else X - X").mistake == "S01"


def test_a_mistake_that_is_the_same_as_another_goes_by_the_others_name(bundle: Bundle) -> None:
    scale = bundle.questions[0]
    backwards = replace(bundle, questions=(replace(scale, mistakes=scale.mistakes[::-1]),))

    assert diagnosed(backwards, "return X + factor if factor > 0 else X - X").mistake == "S01"


def test_what_is_no_value_agrees_with_the_same_that_is_no_value(bundle: Bundle) -> None:
    scale = bundle.questions[0]
    foreign = Returned(value=Foreign(type_name="generator"))
    cases = tuple(replace(case, mistakes={**case.mistakes, "S01": foreign}) if case.name == "one row" else case for case in scale.cases)
    body = "if X.shape[0] == 1: return (x for x in X)\n    return X + factor if factor > 0 else 0 * X"

    assert diagnosed(replace(bundle, questions=(replace(scale, cases=cases),)), body).mistake == "S01"


def test_where_an_exception_is_expected_its_class_is_evidence_enough(bundle: Bundle) -> None:
    assert diagnosed(bundle, "return abs(number) ** 0.5", "root", "number").mistake == "Q01"


def test_a_wrong_exception_is_told(bundle: Bundle) -> None:
    question = graded(bundle, "return (number if number >= 0 else None) ** 0.5", "root", "number")

    assert question.cases[1].difference is not None
    assert question.cases[1].difference.kind == "exception"
    assert question.cases[1].message == "the exception that was asked for is not raised"


def test_an_exception_derived_from_the_expected_one_passes(bundle: Bundle) -> None:
    body = "if number >= 0: return number ** 0.5\n    class Mine(ValueError): pass\n    raise Mine"

    assert graded(bundle, body, "root", "number").verdict is Verdict.PASSED


def test_an_unknown_mistake_gets_a_generic_reading(bundle: Bundle) -> None:
    diagnosis = diagnosed(bundle, "return -X * factor")

    assert (diagnosis.source, diagnosis.mistake) == ("generic", None)
    assert diagnosis.hint == "The sign is the wrong way round."


def test_each_failing_case_gets_its_own_generic_reading(bundle: Bundle) -> None:
    cases = graded(bundle, "return -X * factor if X.shape[0] == 2 else X.flip(1) * factor").cases

    assert [case.diagnosis.hint if case.diagnosis else "" for case in cases[:2]] == [
        "The sign is the wrong way round.",
        "The numbers are right, but one axis runs backwards.",
    ]


def test_other_names_of_arguments_are_recognised(bundle: Bundle) -> None:
    diagnosis = diagnosed(bundle, "return inputs * by", arguments="inputs, by")

    assert "passed by their names" in diagnosis.hint


def test_a_right_answer_has_no_diagnosis(bundle: Bundle) -> None:
    assert graded(bundle, "return X * factor if factor > 0 else X * 0").diagnosis is None


def _cut(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Returned) and isinstance(outcome.value, TensorLeaf):
        return replace(outcome, value=replace(outcome.value, requires_grad=False))
    return outcome
