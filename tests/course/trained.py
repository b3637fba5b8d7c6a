"""Trying a model that an answer trains, as the question train_ch8 does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from grader.authoring.case import Case, Failure
from grader.authoring.checks import run_check
from grader.authoring.load import draw_cases
from grader.authoring.source import source_of
from grader.execution.answers import Probe, Returned
from grader.notebooks.cells import Cell
from grader.values.snapshot import snapshot
from grader.values.tree import Value
from tests.course.assignments import questions_of
from tests.fakes import FakeSession

NAME = "04-language-model"
KINDS = ("RNN", "GRU", "LSTM")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of one training: the share of the points, what students are told, and the scores that came back."""

    credit: float
    message: str
    scores: Value


def trained_case(kind: str) -> Case:
    """Return the case that trains a kind of layer."""
    question = next(question for question in questions_of(NAME).questions if question.name == "train_ch8")
    return next(case for case in draw_cases(NAME, question) if not case.public and case.inputs["kind"] == kind)


def tried(case: Case, cells: Sequence[Cell], seed: int = 0) -> Tried:
    """Train with a notebook's functions, in this process, and try the model."""
    assert case.driver is not None
    inputs = {name: snapshot(value) for name, value in case.inputs.items()}
    probe = Probe(entry="train_ch8", inputs=inputs, driver=source_of(case.driver), seed=seed)

    async def answer() -> Value:
        session = FakeSession()
        await session.run(cells)
        returned = await session.probe(probe, timeout_seconds=60)
        assert isinstance(returned, Returned), returned
        return returned.value

    scores = asyncio.run(answer())
    failure = judged(case, scores)
    return Tried(credit=1.0 if failure is None else failure.credit, message="" if failure is None else failure.message, scores=scores)


def judged(case: Case, scores: Value) -> Failure | None:
    """Return what the case's check finds wrong with scores."""
    assert case.check is not None
    return run_check(source_of(case.check), scores, {name: snapshot(value) for name, value in (case.inputs | case.private).items()})
