"""Recognising a wrong answer: as a known mistake, else by a generic reading."""

import enum
from collections.abc import Sequence

from grader.errors import MalformedValueError
from grader.execution.answers import Answer, Raised, Returned
from grader.grading.bundle import BundledCase, BundledMistake, BundledQuestion, Outcome
from grader.grading.generic import read_raised, read_returned
from grader.grading.judge import Asked, check_answer, mutated_inputs, raises_the_same
from grader.grading.walk import has_foreign, tensors
from grader.results import Diagnosis, Verdict
from grader.values.codec import digest
from grader.values.compare import agree, compare


class Agreement(enum.IntEnum):
    """How well an answer agrees with an outcome. Weak is what can easily be a coincidence: the same class of exception, what is no value, a check that finds the same."""

    NONE = 0
    WEAK = 1
    STRONG = 2


def agreement(case: BundledCase, outcome: Outcome, answer: Answer | None) -> Agreement:
    """Return how well an answer agrees with what a known mistake gives on a case, by the case's own tolerance."""
    match outcome, answer:
        case Raised(), Raised():
            return _raised_agreement(case, outcome, answer)
        case Returned(), Returned():
            return _returned_agreement(case, outcome, answer)
        case _:
            return Agreement.NONE


def known_mistake(question: BundledQuestion, asked: Sequence[Asked]) -> BundledMistake | None:
    """Return the known mistake that a student made, or None.

    It must agree with all of the failing answers, and of those mistakes it is the one that agrees with most answers altogether.
    Of mistakes that are the same, the first.
    """
    failing = [one for one in asked if one.judgement.verdict is not Verdict.PASSED]
    failing.sort(key=lambda one: one.case.check is not None)  # a check takes far longer than a comparison, and most mistakes are out by then
    candidates = [mistake for mistake in question.mistakes if _explains(mistake, failing)]
    best = max(candidates, key=lambda mistake: _agreeing(mistake, asked), default=None) if len(candidates) > 1 else next(iter(candidates), None)
    while best is not None and best.same_as is not None:
        best = next(mistake for mistake in question.mistakes if mistake.id == best.same_as)
    return best


def diagnose(question: BundledQuestion, asked: Sequence[Asked]) -> Diagnosis | None:
    """Return what a question's wrong answers are recognised as."""
    mistake = known_mistake(question, asked)
    if mistake is not None:
        return Diagnosis(source="known mistake", hint=mistake.hint, where=mistake.where, mistake=mistake.id, credit=mistake.credit)
    return next((found for one in asked if (found := generic_diagnosis(one)) is not None), None)


def generic_diagnosis(asked: Asked) -> Diagnosis | None:
    """Return a generic reading of one wrong answer."""
    case, difference = asked.case, asked.judgement.difference
    match case.expected, asked.answer:
        case Returned(), Raised() if difference is None:
            reading = read_raised(asked.answer)
        case Returned(), Returned() if difference is not None:
            reading = read_returned(case, case.expected, asked.answer, difference)
        case _:
            reading = None
    return None if reading is None else Diagnosis(source="generic", hint=reading.hint, where=reading.where)


def _explains(mistake: BundledMistake, failing: Sequence[Asked]) -> bool:
    """Whether a mistake agrees with all of the failing answers, with one of them at least strongly."""
    strongest = Agreement.NONE
    for one in failing:
        how = agreement(one.case, one.case.mistakes[mistake.id], one.answer)
        if how is Agreement.NONE:
            return False
        strongest = max(strongest, how)
    return strongest is Agreement.STRONG


def _agreeing(mistake: BundledMistake, asked: Sequence[Asked]) -> int:
    return sum(agreement(one.case, one.case.mistakes[mistake.id], one.answer) is not Agreement.NONE for one in asked)


def _raised_agreement(case: BundledCase, mistake: Raised, got: Raised) -> Agreement:
    if not raises_the_same(mistake, got):
        return Agreement.NONE
    # Where an exception is expected, its class is all there is to tell; elsewhere any slip can end in a RuntimeError.
    return Agreement.STRONG if isinstance(case.expected, Raised) or mistake.message == got.message else Agreement.WEAK


def _returned_agreement(case: BundledCase, mistake: Returned, got: Returned) -> Agreement:
    if mutated_inputs(case, mistake) != mutated_inputs(case, got):
        return Agreement.NONE
    if agree(mistake.value, got.value, tolerance=case.tolerance, allow=case.allow) and not _cut_off(case, mistake, got):
        return Agreement.STRONG
    # What is no value agrees with nothing, not even with itself: it can only be described alike.
    alike = (has_foreign(mistake.value) and digest(mistake.value) == digest(got.value)) or (
        case.check is not None and isinstance(case.expected, Returned) and _checks_alike(case, case.check, case.expected, mistake, got)
    )
    return Agreement.WEAK if alike else Agreement.NONE


def _cut_off(case: BundledCase, mistake: Returned, got: Returned) -> bool:
    """Whether the mistake loses a gradient that the student's answer has; a comparison minds the other direction only."""
    if not any(leaf.requires_grad for leaf in tensors(got.value)):
        return False
    back = compare(got.value, mistake.value, tolerance=case.tolerance, allow=case.allow).difference
    return back is not None and back.kind == "gradient"


def _checks_alike(case: BundledCase, check: str, expected: Returned, mistake: Returned, got: Returned) -> bool:
    try:
        return check_answer(case, check, expected, mistake.value) == check_answer(case, check, expected, got.value)
    except MalformedValueError:
        return False
