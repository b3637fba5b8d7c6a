"""What a student reads of a result where there is no page: plain sentences, nothing of hidden cases but counts and hints."""

from collections.abc import Iterator

from grader.reports import wording
from grader.reports.language import ENGLISH
from grader.reports.safe_text import capped, plain
from grader.reports.views import Hidden, QuestionView, view_questions
from grader.results import Diagnosis, QuestionResult, SubmissionResult

_MOST_CHARACTERS = 4000


def question_texts(result: SubmissionResult) -> Iterator[tuple[QuestionResult, str, str]]:
    """Yield each question with its verdict in a few words, and with all that is told of it: a line a sentence, empty where all is right."""
    # Without its code, which would be coloured for nothing.
    bare = result.model_copy(update={"questions": tuple(question.model_copy(update={"code": ""}) for question in result.questions)})
    for view in view_questions(bare, ENGLISH):
        lines = [] if is_full(view.question) else [line.strip() for line in _lines(view) if line.strip()]
        yield view.question, plain(view.mark.words), capped(plain("\n".join(lines)), _MOST_CHARACTERS)


def submission_text(result: SubmissionResult) -> str:
    """Return all that is told of a submission, a paragraph a question."""
    if not wording.is_graded(result):
        return plain(result.message)
    paragraphs = []
    for question, words, text in question_texts(result):
        score = f"{wording.points(question.score)}/{wording.points(question.points)}"
        paragraphs.append(f"{plain(question.name)}: {score}. {words}." + (f"\n{text}" if text else ""))
    return "\n\n".join(paragraphs)


def is_full(question: QuestionResult) -> bool:
    """Return whether a question earned all of its points."""
    return question.score >= question.points > 0


def _lines(view: QuestionView) -> Iterator[str]:
    yield view.message
    yield from _hint(view.hint)
    for case in view.explained:
        told = [*case.messages, case.facts]
        yield f"{case.case.name}: {' '.join(filter(None, told))}"
        yield from _hint(case.hint)
    for name in view.question.forbidden:
        yield f"Not allowed here: {name}."
    if view.hidden:
        yield from _hidden(view.hidden)
    yield wording.carried(view.question)


def _hidden(hidden: Hidden) -> Iterator[str]:
    counts = "; ".join(f"{group.label}: {group.passed}/{group.total}" for group in hidden.groups)
    yield f"{counts} ({hidden.outcomes})" if hidden.outcomes else counts
    for hint in hidden.hints:
        yield from _hint(hint)


def _hint(hint: Diagnosis | None) -> Iterator[str]:
    if hint is not None:
        yield hint.hint
        yield hint.where
