"""What an index and a summary keep of a submission, so that a large class fits into memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from typing import ClassVar

from grader.results import CellResult, QuestionResult, SubmissionResult, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """A result without its cells, and its questions without their cases and code; the record itself takes ten times the memory."""

    student: str
    assignment: str
    title: str
    verdict: Verdict
    message: str
    score: float
    points: float
    questions: tuple[QuestionResult, ...]
    tampered: int
    environment: Mapping[str, str]
    cells: ClassVar[tuple[CellResult, ...]] = ()


def marks_alone(question: QuestionResult) -> QuestionResult:
    """Return a question without its cases and code, and without what was said of them."""
    return question.model_copy(update={"cases": (), "code": "", "message": "", "diagnosis": None})


Outcome = SubmissionResult | Outline
"""How a submission came out."""


class Outlines:
    """Makes outlines; what many submissions have in common is kept once."""

    def __init__(self) -> None:
        self._questions: dict[QuestionResult, QuestionResult] = {}
        self._environments: dict[str, Mapping[str, str]] = {}

    def of(self, result: SubmissionResult) -> Outline:
        """Return the outline of a result."""
        light = map(marks_alone, result.questions)
        sandbox = result.environment.get("sandbox", "")
        return Outline(
            student=result.student,
            assignment=intern(result.assignment),
            title=intern(result.title),
            verdict=result.verdict,
            message=result.message,
            score=result.score,
            points=result.points,
            questions=tuple(self._questions.setdefault(question, question) for question in light),
            tampered=result.tampered,
            environment=self._environments.setdefault(sandbox, {"sandbox": sandbox}),
        )
