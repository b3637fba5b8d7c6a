"""Results as grading gives them, short."""

from collections.abc import Mapping
from typing import Any

from grader.results import CaseResult, QuestionResult, SubmissionResult, Verdict

POINTS = 10.0


def result(student: str = "ada", scores: Mapping[str, float] | None = None, **fields: Any) -> SubmissionResult:  # noqa: ANN401 - any field of a result
    """Return a result with a question of 10 points for each score: two cases, of which one failed where points are missing."""
    scores = {"one_hot": 10.0, "rnn_step": 4.0} if scores is None else scores
    said = {
        "student": student,
        "assignment": "02-rnn",
        "title": "Recurrent networks",
        "path": f"submissions/{student}/02-rnn.ipynb",
        "digest": "d1",
        "bundle_version": "v1",
        "verdict": Verdict.FAILED,
        "score": sum(scores.values()),
        "points": POINTS * len(scores),
        "questions": tuple(question(name, score) for name, score in scores.items()),
        "environment": {"sandbox": "namespaces"},
        "timings": {"total": 1.5},
    }
    return SubmissionResult.model_validate(said | fields)


def question(name: str, score: float, *, verdict: Verdict | None = None) -> QuestionResult:
    """Return a question of 10 points."""
    reached = Verdict.PASSED if score >= POINTS else Verdict.FAILED
    cases = (CaseResult(name="a batch", group="public", verdict=Verdict.PASSED), CaseResult(name="one row", group="hidden", verdict=reached))
    return QuestionResult(name=name, title=name.title(), points=POINTS, score=score, verdict=verdict or reached, cases=cases)
