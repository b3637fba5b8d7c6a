"""A mark as its student reads it."""

from collections.abc import Iterator

from grader.gradebook.records import Marked
from grader.results import SubmissionResult


def shown(marked: Marked) -> SubmissionResult:
    """Return the result with the scores that count, and with a note on each thing that people decided; reasons of overrides are not told."""
    counts = {question.name: {"score": question.score, "overridden": question.override is not None} for question in marked.questions}
    update = {
        "student": marked.student.name,
        "score": marked.score,
        "questions": tuple(question.model_copy(update=counts[question.name]) for question in marked.result.questions),
        "notes": (*marked.result.notes, *_notes(marked)),
        "overridden": marked.override is not None,
    }
    return marked.result.model_copy(update=update)


def _notes(marked: Marked) -> Iterator[str]:
    for question in marked.questions:
        if question.override is not None:
            yield f"{question.name}: your instructor gave {question.score:g} of {question.points:g} points; grading gave {question.graded:g}."
    if marked.override is not None:
        yield f"Your instructor set the mark to {marked.score:g} of {marked.points:g} points; grading gave {marked.graded:g}."
    if marked.penalty > 0:
        days = "a day" if marked.days_late == 1 else f"{marked.days_late} days"
        yield f"Handed in up to {days} late: {marked.penalty:g} points are taken off."
    for comment in marked.comments:
        where = f" on {comment.question}" if comment.question else ""
        yield f"{comment.author}{where}: {comment.text}"
