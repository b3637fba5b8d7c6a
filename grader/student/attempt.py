"""Trying a question's public cases on what a notebook defines."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from grader.authoring.checks import run_check
from grader.authoring.public import PublicCase, PublicQuestion
from grader.errors import MalformedValueError
from grader.execution.answers import Answer, Probe, Raised, Returned
from grader.execution.probe import call
from grader.values.compare import compare
from grader.values.difference import Difference
from grader.values.tree import Value


@dataclass(frozen=True, kw_only=True)
class CaseAttempt:
    """One public case: `message` says what is wrong, and is empty where nothing is.

    `line` is the student's own line that raised; `difference` is set where `got` was compared.
    """

    case: PublicCase
    message: str = ""
    line: str = ""
    got: Value = None
    difference: Difference | None = None
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer is what was expected."""
        return not self.message


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One question: its cases, or in `missing` why there was nothing to try."""

    question: PublicQuestion
    cases: tuple[CaseAttempt, ...] = ()
    missing: str = ""


def attempt(question: PublicQuestion, namespace: Mapping[str, Any]) -> Attempt:
    """Call what the namespace holds for a question on each public case; whatever that raises is told, never raised.

    Raises:
        KeyboardInterrupt: when the student stops it.
    """
    if question.entry not in namespace:
        return Attempt(question=question, missing=f"{question.entry} is not defined: run its cell first")
    cases: list[CaseAttempt] = []
    with torch.device("cpu"):  # where public values lie, whatever default device the notebook has set
        for case in question.cases:
            probe = Probe(entry=question.entry, inputs=case.inputs, driver=case.driver, forbids=question.forbids)
            with _randomness_kept():
                answer = call(namespace[question.entry], probe)
            if isinstance(answer, Raised) and "KeyboardInterrupt" in answer.types:
                raise KeyboardInterrupt
            if isinstance(answer, Raised) and "NotImplementedError" in answer.types and not case.raises:
                return Attempt(question=question, missing="not filled in yet")
            cases.append(_judge(case, answer))
    return Attempt(question=question, cases=tuple(cases))


@contextmanager
def _randomness_kept() -> Iterator[None]:
    """Leave the notebook's random numbers as they were: a call is seeded."""
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002 - students use the global generator
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002 - as above


def _judge(case: PublicCase, answer: Answer) -> CaseAttempt:
    match answer:
        case Returned(forbidden=(_, *_)) | Raised(forbidden=(_, *_)):
            return CaseAttempt(case=case, message=f"it uses {', '.join(answer.forbidden)}: this question asks you to do without")
        case Returned():
            return _judge_returned(case, answer)
        case Raised():
            return _judge_raised(case, answer)
        case _:
            return CaseAttempt(case=case, message="there was no answer")


def _judge_raised(case: PublicCase, got: Raised) -> CaseAttempt:
    if case.raises and case.raises[0] in got.types:
        return CaseAttempt(case=case)
    said = f"{got.types[0]}: {got.message}".removesuffix(": ")
    line = f"line {got.frames[-1].line}: {got.frames[-1].text}" if got.frames else ""
    return CaseAttempt(case=case, message=f"expected {case.raises[0]} to be raised, got {said}" if case.raises else said, line=line)


def _judge_returned(case: PublicCase, got: Returned) -> CaseAttempt:
    if case.raises:
        return CaseAttempt(case=case, message=f"expected {case.raises[0]} to be raised, but a value was returned", got=got.value)
    if mutated := sorted(got.mutated.keys() - case.may_mutate):
        return CaseAttempt(case=case, message=f"your code changes its input {', '.join(mutated)}: whoever called it still needs it as it was")
    if case.check is not None:
        return CaseAttempt(case=case, message=_check_message(case.check, got.value, case), got=got.value)
    comparison = compare(case.expected, got.value, tolerance=case.tolerance, allow=case.allow)
    difference = comparison.difference
    if difference is None:
        return CaseAttempt(case=case, got=got.value, notes=comparison.notes)
    message = f"{difference.path}: {difference.message}" if difference.path else difference.message
    return CaseAttempt(case=case, message=message, got=got.value, difference=difference, notes=comparison.notes)


def _check_message(check: str, got: Value, case: PublicCase) -> str:
    try:
        failure = run_check(check, got, case.inputs)
    except MalformedValueError:
        return "your answer has parts that are no values, such as a generator or a function"
    return failure.message if failure is not None else ""
