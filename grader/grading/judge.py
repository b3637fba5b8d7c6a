"""One answer against what is expected of it."""

import math
from dataclasses import dataclass

from grader.authoring.case import Failure
from grader.authoring.checks import run_check
from grader.errors import MalformedValueError
from grader.execution.answers import Absent, Answer, Died, Malformed, Raised, Returned, TimedOut
from grader.grading.bundle import BundledCase
from grader.grading.walk import tensors
from grader.results import Differing, Verdict
from grader.values.compare import compare
from grader.values.difference import Difference
from grader.values.tree import Value

_LARGER = 10
_MOST_PLACES = 100_000
_TOO_LARGE = Failure(message="your answer is far larger than a right one")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How one answer came out, with all that is known of it; `credit` is the share of the case that is earned."""

    verdict: Verdict
    message: str = ""
    difference: Differing | None = None
    credit: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One case, what came back (None where it was not asked), and what that is worth."""

    case: BundledCase
    answer: Answer | None
    judgement: Judgement


def judge(case: BundledCase, answer: Answer) -> Judgement:
    """Return what an answer is worth; only a value or an exception that was expected is worth anything."""
    match answer:
        case Returned(forbidden=(_, *_)) | Raised(forbidden=(_, *_)):
            return _failed("forbidden", f"it uses {', '.join(answer.forbidden)}: this question asks you to do without")
        case Returned():
            return _judge_returned(case, answer)
        case Raised():
            return _judge_raised(case, answer)
        case _:
            return _judge_nothing(answer)


def raises_the_same(expected: Raised, got: Raised) -> bool:
    """Whether an exception is of the class that was raised, or of one derived from it."""
    return bool(expected.types) and expected.types[0] in got.types


def mutated_inputs(case: BundledCase, answer: Returned) -> frozenset[str]:
    """Return the inputs that an answer's call changed and should not have changed."""
    expected = case.expected.mutated if isinstance(case.expected, Returned) else {}
    return frozenset(answer.mutated) - case.may_mutate - frozenset(expected)


def _judge_nothing(answer: Absent | TimedOut | Died | Malformed) -> Judgement:
    match answer:
        case Absent():
            return Judgement(verdict=Verdict.MISSING, message="the notebook does not define it")
        case TimedOut():
            return Judgement(verdict=Verdict.TIMEOUT, message=f"no answer within {answer.limit_seconds:g} seconds")
        case Died():
            return Judgement(verdict=Verdict.DIED, message=answer.reason)
        case Malformed():
            return _failed("type", f"your answer could not be read: {answer.reason}")


def _judge_raised(case: BundledCase, got: Raised) -> Judgement:
    said = f"{got.types[0] if got.types else 'Exception'}: {got.message}".removesuffix(": ")
    if isinstance(case.expected, Returned):
        return Judgement(verdict=Verdict.ERROR, message=said)
    if raises_the_same(case.expected, got):
        return Judgement(verdict=Verdict.PASSED, credit=1.0)
    return _failed("exception", f"expected {case.expected.types[0]} to be raised, got {said}")


def _judge_returned(case: BundledCase, got: Returned) -> Judgement:
    if isinstance(case.expected, Raised):
        return _failed("exception", f"expected {case.expected.types[0]} to be raised, but a value was returned")
    if mutated := mutated_inputs(case, got):
        return _failed("mutated", f"your code changes its input {', '.join(sorted(mutated))}: whoever called it still needs it as it was")
    if case.check is not None:
        return _judge_by_check(case, case.check, case.expected, got)
    comparison = compare(case.expected.value, got.value, tolerance=case.tolerance, allow=case.allow)
    if comparison.difference is None:
        return Judgement(verdict=Verdict.PASSED, credit=1.0, notes=comparison.notes)
    difference = _differing(comparison.difference)
    return Judgement(verdict=Verdict.FAILED, message=difference.message, difference=difference, notes=comparison.notes)


def check_answer(case: BundledCase, check: str, expected: Returned, value: Value) -> Failure | None:
    """Return what an author's check finds wrong with a value, which is not looked at where it is far larger than the reference's answer.

    Raises:
        MalformedValueError: something in the value is none.
    """
    # a tensor without data can have a billion rows, and a check that goes through them would fill the memory
    if _places(value) > _LARGER * _places(expected.value) + _MOST_PLACES:
        return _TOO_LARGE
    return run_check(check, value, case.check_inputs)


def _places(value: Value) -> int:
    return sum(math.prod(max(size, 1) for size in leaf.data.shape) for leaf in tensors(value))


def _judge_by_check(case: BundledCase, check: str, expected: Returned, got: Returned) -> Judgement:
    try:
        failure = check_answer(case, check, expected, got.value)
    except MalformedValueError:
        return _failed("type", "your answer has parts that are no values, such as a generator or a function")
    if failure is None:
        return Judgement(verdict=Verdict.PASSED, credit=1.0)
    credit = min(max(0.0, failure.credit), 1.0)  # in this order: NaN is 0
    difference = Differing(kind="property", message=failure.message)
    return Judgement(verdict=Verdict.FAILED, message=failure.message, difference=difference, credit=credit)


def _failed(kind: str, message: str) -> Judgement:
    return Judgement(verdict=Verdict.FAILED, message=message, difference=Differing.model_validate({"kind": kind, "message": message}))


def _differing(difference: Difference) -> Differing:
    return Differing(
        kind=difference.kind,
        message=difference.message,
        path=difference.path,
        first_index=difference.first_index,
        largest_error=difference.largest_error,
        differing=difference.differing,
        total=difference.total,
    )
