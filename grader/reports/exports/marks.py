"""What is exported of a submission: the mark, whose it is, and the result it comes from."""

from dataclasses import dataclass

from grader.reports.wording import is_graded
from grader.results import SubmissionResult, Verdict


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A student's mark for one assignment.

    `score` is the final one, None where there is no mark to give (the file could not be read, or the fault was ours); `raw_score` is what
    grading found, and `late_penalty` the points taken off. `lms_id` is what the learning platform calls the student: a user or participant number,
    or a login. Times are ISO 8601.
    """

    student: str
    assignment: str
    score: float | None
    points: float
    raw_score: float | None
    result: SubmissionResult
    late_penalty: float = 0.0
    lms_id: str = ""
    email: str = ""
    submitted_at: str = ""
    due: str = ""


def mark_of(result: SubmissionResult) -> Mark:
    """Return the mark that grading found, with nothing overridden and nothing taken off."""
    score = result.score if is_graded(result) and result.verdict is not Verdict.OURS else None
    return Mark(
        student=result.student,
        assignment=result.assignment,
        score=score,
        points=result.points,
        raw_score=score,
        result=result,
        lms_id=result.lms_id,
    )
