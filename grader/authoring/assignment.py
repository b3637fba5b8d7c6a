"""An assignment: a title, limits, and its questions in the notebook's order."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from grader.authoring.case import Allowance, Case
from grader.authoring.draw import Draw
from grader.authoring.limits import Limits
from grader.authoring.question import Question


class Assignment:
    """What `questions.py` defines under the name `assignment`.

    `carry_errors=False` switches off the second chance of a question whose dependency was wrong.
    """

    def __init__(self, *, title: str, limits: Limits | None = None, carry_errors: bool = True) -> None:
        self.title = title
        self.limits = limits or Limits()
        self.carry_errors = carry_errors
        self.questions: list[Question] = []

    def question(
        self,
        name: str,
        *,
        points: float,
        entry: str | None = None,
        depends_on: Collection[str] = (),
        forbids: Collection[str] = (),
        driver: Callable[..., Any] | None = None,
        allow: Collection[Allowance] = (),
        limits: Limits | None = None,
    ) -> Callable[[Callable[[Draw], Iterator[Case]]], Question]:
        """Register a question; decorates a generator function that takes a `Draw` and yields its cases."""

        def register(draws: Callable[[Draw], Iterator[Case]]) -> Question:
            question = Question(
                name,
                entry=entry or name,
                points=points,
                draws=draws,
                depends_on=tuple(depends_on),
                forbids=tuple(forbids),
                driver=driver,
                allow=allow,
                limits=limits,
                file=draws.__code__.co_filename,
            )
            self.questions.append(question)
            return question

        return register
