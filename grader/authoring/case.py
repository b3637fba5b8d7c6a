"""A case: one set of inputs for a question."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Allowance: TypeAlias = Literal["wider float", "numpy", "sequence", "number"]
"""Where an author is lenient: float64 for float32, an array for a tensor, a tuple for a list, a 0-dim tensor for a number."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What a `check` found wrong, in a sentence for the student; `credit` is the share of the case that is earned all the same."""

    message: str
    credit: float = 0.0


class Case:
    """One set of inputs for a question.

    Args:
        name: what is special about the inputs; students read the names of public cases.
        public: students see inputs, expected and got; of a hidden case only that it failed, and a hint.
        edge: a hidden case at the border of what the text asks; see the module's docstring for what it counts.
        points: marks this case by itself, with that many of the question's points.
        teaching: the case is there to be read, though it catches no mistake that another case would let pass.
        driver: exercises the entry in this case, instead of the question's driver.
        check: judges the answer on the grader's side, instead of the comparison with the reference's answer.
        tolerance: the largest relative error, instead of the one that follows from the reference's own rounding.
        allow: where this case is lenient, besides the question's own allowances.
        may_mutate: names of inputs that the entry may change.
        raises: the class of exception that the entry has to raise in this case.
        private: values by name that the check gets besides the inputs; they never reach the process that runs the student's code.
        retries: after a miss the case is asked so many times more, each with another seed, and the median counts; an even number.
        inputs: the arguments by name: values only (numbers, strings, tensors, arrays, lists, tuples, dicts).
    """

    def __init__(
        self,
        name: str,
        /,
        *,
        public: bool = False,
        edge: bool = False,
        points: float | None = None,
        teaching: bool = False,
        driver: Callable[..., Any] | None = None,
        check: Callable[..., Failure | None] | None = None,
        tolerance: float | None = None,
        allow: Collection[Allowance] = (),
        may_mutate: Collection[str] = (),
        raises: type[Exception] | None = None,
        private: Mapping[str, Any] | None = None,
        retries: int = 0,
        **inputs: Any,  # noqa: ANN401 - a student's function takes anything
    ) -> None:
        self.name = name
        self.public = public
        self.edge = edge
        self.points = points
        self.teaching = teaching
        self.driver = driver
        self.check = check
        self.tolerance = tolerance
        self.allow = frozenset(allow)
        self.may_mutate = frozenset(may_mutate)
        self.raises = raises
        self.private = dict(private or {})
        self.retries = retries
        self.inputs = inputs

    @property
    def group(self) -> Literal["public", "hidden", "edge"]:
        """The group of cases that this one is marked with."""
        if self.public:
            return "public"
        return "edge" if self.edge else "hidden"
