"""One answer against what is expected of it."""

import pytest
import torch

from grader.execution.answers import Absent, Answer, Died, Malformed, Raised, Returned, TimedOut
from grader.grading.bundle import BundledCase, Outcome
from grader.grading.judge import Asked, judge
from grader.grading.present import case_result
from grader.results import Verdict
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance
from grader.values.tree import Value

ONES = snapshot(torch.ones(2, 2))


def case_for(expected: Outcome, *, check: str | None = None, may_mutate: frozenset[str] = frozenset(), hidden: bool = False) -> BundledCase:
    return BundledCase(
        name="c",
        group="hidden" if hidden else "public",
        points=None,
        inputs={"X": ONES},
        driver=None,
        check=check,
        tolerance=Tolerance(),
        allow=frozenset({"sequence"}),
        may_mutate=may_mutate,
        teaching=False,
        expected=expected,
        mistakes={},
    )


def test_an_equal_value_passes_with_full_credit() -> None:
    judgement = judge(case_for(Returned(value=[1, 2])), Returned(value=[1, 2]))

    assert (judgement.verdict, judgement.credit) == (Verdict.PASSED, 1)


def test_an_allowance_leaves_a_note() -> None:
    judgement = judge(case_for(Returned(value=[1, 2])), Returned(value=(1, 2)))

    assert judgement.verdict is Verdict.PASSED
    assert judgement.notes


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Returned(value=3), Verdict.FAILED),
        (Raised(types=("TypeError", "Exception")), Verdict.ERROR),
        (Raised(types=()), Verdict.ERROR),
        (Absent(), Verdict.MISSING),
        (TimedOut(limit_seconds=5), Verdict.TIMEOUT),
        (Died(reason="gone"), Verdict.DIED),
        (Malformed(reason="too large"), Verdict.FAILED),
        (Returned(value=2, forbidden=("torch.abs",)), Verdict.FAILED),
    ],
)
def test_whatever_is_not_the_expected_value_is_worth_nothing(answer: Answer, verdict: Verdict) -> None:
    judgement = judge(case_for(Returned(value=2)), answer)

    assert (judgement.verdict, judgement.credit) == (verdict, 0)
    assert judgement.message


@pytest.mark.parametrize(
    ("types", "verdict"),
    [(("ValueError", "Exception"), Verdict.PASSED), (("Mine", "ValueError", "Exception"), Verdict.PASSED), (("KeyError", "Exception"), Verdict.FAILED)],
)
def test_an_expected_exception_is_matched_by_its_class(types: tuple[str, ...], verdict: Verdict) -> None:
    assert judge(case_for(Raised(types=("ValueError", "Exception"))), Raised(types=types)).verdict is verdict


def test_a_value_where_an_exception_is_expected_fails() -> None:
    judgement = judge(case_for(Raised(types=("ValueError",))), Returned(value=None))

    assert judgement.message == "expected ValueError to be raised, but a value was returned"


def test_changing_an_input_fails_unless_it_is_allowed_or_the_reference_does_it_too() -> None:
    got = Returned(value=1, mutated={"X": ONES})

    judgement = judge(case_for(Returned(value=1)), got)
    assert judgement.difference is not None
    assert judgement.difference.kind == "mutated"
    assert judge(case_for(Returned(value=1), may_mutate=frozenset({"X"})), got).verdict is Verdict.PASSED
    assert judge(case_for(Returned(value=1, mutated={"X": ONES})), got).verdict is Verdict.PASSED


CHECK = """
def in_range(got, X):
    if got.shape != X.shape:
        return Failure(message="The shape is 7 times wrong.")
    if got.max() > 1:
        return Failure(message="Some numbers are too large.", credit=0.5)
    return None
"""


@pytest.mark.parametrize(
    ("got", "verdict", "credit", "message"),
    [
        (snapshot(torch.zeros(2, 2)), Verdict.PASSED, 1, ""),
        (snapshot(torch.full((2, 2), 3.0)), Verdict.FAILED, 0.5, "Some numbers are too large."),
        (snapshot(torch.zeros(3)), Verdict.FAILED, 0, "The shape is 7 times wrong."),
        ("text", Verdict.FAILED, 0, "your answer has not the form that was asked for"),
        (snapshot(iter([])), Verdict.FAILED, 0, "your answer has parts that are no values, such as a generator or a function"),
    ],
)
def test_a_check_judges_instead_of_the_comparison(got: Value, verdict: Verdict, credit: float, message: str) -> None:
    judgement = judge(case_for(Returned(value=ONES), check=CHECK), Returned(value=got))

    assert (judgement.verdict, judgement.credit, judgement.message) == (verdict, credit, message)


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (torch.full((2, 2), 3.0), "Some numbers are too large."),
        (torch.zeros(3), "something that must hold for every right answer does not"),
    ],
)
def test_of_a_hidden_check_only_a_sentence_without_numbers_is_told(got: torch.Tensor, message: str) -> None:
    case, answer = case_for(Returned(value=ONES), check=CHECK, hidden=True), Returned(value=snapshot(got))

    assert case_result(Asked(case=case, answer=answer, judgement=judge(case, answer)), None, {}).message == message


def test_a_public_check_shows_no_expected_answer_because_many_are_right() -> None:
    case, answer = case_for(Returned(value=ONES), check=CHECK), Returned(value=ONES)

    assert case_result(Asked(case=case, answer=answer, judgement=judge(case, answer)), None, {}).expected is None
