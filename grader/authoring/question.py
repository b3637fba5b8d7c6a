"""A question and the mistakes that are known of it."""

import inspect
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.authoring.case import Allowance, Case
from grader.authoring.draw import Draw
from grader.authoring.limits import Limits

_Entry = TypeVar("_Entry", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A wrong implementation, what it shows of itself (`hint`) and where to look (`where`); `credit` is the share of the points it keeps.

    `same_as` names a mistake that gives the same values on every case.
    """

    id: str
    name: str
    hint: str
    where: str
    implementation: Callable[..., Any]
    credit: float = 0.0
    same_as: str | None = None


class Question:
    """Something graded; made by `Assignment.question`."""

    def __init__(
        self,
        name: str,
        *,
        entry: str,
        points: float,
        draws: Callable[[Draw], Iterator[Case]],
        depends_on: tuple[str, ...],
        forbids: tuple[str, ...],
        driver: Callable[..., Any] | None,
        allow: Collection[Allowance],
        limits: Limits | None,
        file: str,
    ) -> None:
        self.name = name
        self.entry = entry
        self.points = points
        self.draws = draws
        self.depends_on = depends_on
        self.forbids = forbids
        self.driver = driver
        self.allow = frozenset(allow)
        self.limits = limits
        self.file = file
        self.mistakes: list[Mistake] = []

    @property
    def title(self) -> str:
        """The title that students read: the first line of the docstring."""
        return (inspect.getdoc(self.draws) or self.name).splitlines()[0]

    def mistake(self, mistake_id: str, /, *, hint: str, where: str, credit: float = 0.0, same_as: str | None = None) -> Callable[[_Entry], _Entry]:
        """Register a wrong implementation of this question under a short id such as "R01"."""

        def register(implementation: _Entry) -> _Entry:
            self.mistakes.append(
                Mistake(
                    id=mistake_id,
                    name=implementation.__name__.replace("_", " "),
                    hint=hint,
                    where=where,
                    implementation=implementation,
                    credit=credit,
                    same_as=same_as,
                )
            )
            return implementation

        return register
