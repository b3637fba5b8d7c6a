"""Everything that is needed to grade an assignment; it never enters the sandbox."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from grader.authoring.limits import Limits
from grader.execution.answers import Probe, Raised, Returned, Session
from grader.grading.show import show
from grader.notebooks.cells import Cell
from grader.results import Shown
from grader.values.tolerance import Tolerance
from grader.values.tree import Value

OpenSession: TypeAlias = Callable[[], AbstractAsyncContextManager[Session]]
"""Gives a session over a fresh kernel."""

Outcome: TypeAlias = Returned | Raised
"""What the reference or a known mistake gives on a case."""


@dataclass(frozen=True, kw_only=True)
class BundledMistake:
    """A known mistake as a diagnosis needs it; see `grader.authoring.question.Mistake`."""

    id: str
    name: str
    hint: str
    where: str
    credit: float
    same_as: str | None


@dataclass(frozen=True, kw_only=True)
class BundledCase:
    """One case with what is expected of it, and what each known mistake (by its id) gives on it.

    `driver` and `check` are sources of functions; `private` are values that only the check gets. `allow` and `tolerance` say how closely an answer must agree.
    """

    name: str
    group: Literal["public", "hidden", "edge"]
    points: float | None
    inputs: Mapping[str, Value]
    driver: str | None
    check: str | None
    tolerance: Tolerance
    allow: frozenset[str]
    may_mutate: frozenset[str]
    teaching: bool
    expected: Outcome
    mistakes: Mapping[str, Outcome]
    private: Mapping[str, Value] = field(default_factory=dict)
    retries: int = 0

    @property
    def check_inputs(self) -> Mapping[str, Value]:
        """What the check is called with besides the answer."""
        return {**self.inputs, **self.private}

    @cached_property
    def shown_inputs(self) -> Mapping[str, Shown]:
        """The inputs as people read them; made once, however many submissions are graded."""
        return {name: show(value) for name, value in self.inputs.items()}


@dataclass(frozen=True, kw_only=True)
class BundledQuestion:
    """One question. `reference` is the source of the solution's cell, `stub` of the cell that students got."""

    name: str
    entry: str
    title: str
    points: float
    depends_on: tuple[str, ...]
    forbids: tuple[str, ...]
    call_seconds: float
    reference: str
    stub: str
    cases: tuple[BundledCase, ...]
    mistakes: tuple[BundledMistake, ...]

    @cached_property
    def calls(self) -> tuple[tuple[BundledCase, Probe], ...]:
        """The cases in the order in which they are asked, each with its call."""
        return tuple((case, probe_of(self, case)) for group in ("public", "hidden", "edge") for case in self.cases if case.group == group)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One version of an assignment. `pristine` are the cells as students got them."""

    name: str
    title: str
    version: str
    limits: Limits
    carry_errors: bool
    pristine: tuple[Cell, ...]
    questions: tuple[BundledQuestion, ...]


def probe_of(question: BundledQuestion, case: BundledCase) -> Probe:
    """Return the call that a case asks for."""
    return Probe(entry=question.entry, inputs=case.inputs, driver=case.driver, forbids=question.forbids)
