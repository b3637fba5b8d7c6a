"""How verdicts, points and outcomes are put into words and symbols, the same in every report; `tr` is the catalogue of the reader's language."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from gettext import NullTranslations
from typing import Literal

from grader.reports.graders_words import sentence
from grader.reports.language import ENGLISH, later
from grader.reports.outline import Outcome
from grader.results import CaseResult, QuestionResult, SubmissionResult, Verdict

Tone = Literal["good", "part", "bad", "open", "ours"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How something came out: a symbol for the eye, words for everyone, a tone for the colour."""

    symbol: str
    words: str
    tone: Tone


_OF_VERDICT = {
    Verdict.PASSED: Mark(symbol="✓", words=later("Correct"), tone="good"),
    Verdict.FAILED: Mark(symbol="✗", words=later("Not right yet"), tone="bad"),
    Verdict.ERROR: Mark(symbol="!", words=later("Stopped with an error"), tone="bad"),
    Verdict.TIMEOUT: Mark(symbol="◷", words=later("Ran out of time"), tone="bad"),
    Verdict.DIED: Mark(symbol="⊘", words=later("The kernel was lost"), tone="bad"),
    Verdict.MISSING: Mark(symbol="○", words=later("Not filled in"), tone="open"),
    Verdict.OURS: Mark(symbol="⚑", words=later("Not graded: a fault of ours"), tone="ours"),
}

_PARTLY = Mark(symbol="◐", words=later("Partly right"), tone="part")
_CARRIED = Mark(symbol="↷", words=later("Right, given correct answers to earlier questions"), tone="good")
MARKS = (_OF_VERDICT[Verdict.PASSED], _CARRIED, _PARTLY, *(mark for verdict, mark in _OF_VERDICT.items() if verdict is not Verdict.PASSED))
"""Every mark that a question can get, best first."""

_ADVICE = {
    Verdict.TIMEOUT: later(
        "The call did not come back in time. Look for a loop whose condition never changes, or for a Python loop over single numbers "
        "that one tensor operation could replace."
    ),
    Verdict.DIED: later(
        "The Python process ended during the call. The usual reasons: a tensor far larger than intended (check what broadcasting makes of the shapes), "
        "recursion without an end, or a call that exits Python."
    ),
    Verdict.OURS: later("This question could not be graded, and the fault is not yours. You do not have to do anything: your instructor sees it too."),
}

_OUTCOMES = {
    Verdict.FAILED: later("{number} gave a wrong answer"),
    Verdict.ERROR: later("{number} stopped with an error"),
    Verdict.TIMEOUT: later("{number} ran out of time"),
    Verdict.DIED: later("{number} lost the kernel"),
    Verdict.MISSING: later("{number} found nothing to call"),
    Verdict.OURS: later("{number} could not be graded"),
}


def mark_case(case: CaseResult, tr: NullTranslations = ENGLISH) -> Mark:
    """Return the mark of one case."""
    return _said(_OF_VERDICT[case.verdict], tr)


def mark_question(question: QuestionResult, tr: NullTranslations = ENGLISH) -> Mark:
    """Return the mark of a question; points that were earned all the same are told apart from nothing at all."""
    if question.overridden:
        like = _OF_VERDICT[Verdict.PASSED] if question.score >= question.points else _PARTLY if question.score > 0 else _OF_VERDICT[Verdict.FAILED]
        return replace(like, words=tr.gettext("Set by your instructor"))
    if question.verdict not in {Verdict.PASSED, Verdict.OURS} and question.carried is not None and 0 < question.points <= question.score:
        return replace(_CARRIED, words=tr.gettext("Right, given a correct {names}").format(names=listed(question.carried.replaced, tr)))
    if question.forbidden and question.verdict is Verdict.FAILED:
        return replace(_OF_VERDICT[Verdict.FAILED], words=tr.gettext("Uses something that is not allowed here"))
    if question.verdict is Verdict.FAILED and question.score > 0:
        return _said(_PARTLY, tr)
    return _said(_OF_VERDICT[question.verdict], tr)


def all_marks(tr: NullTranslations = ENGLISH) -> tuple[Mark, ...]:
    """Return every mark that a question can get, best first."""
    return tuple(_said(mark, tr) for mark in MARKS)


def _said(mark: Mark, tr: NullTranslations) -> Mark:
    return replace(mark, words=tr.gettext(mark.words))


def advice(question: QuestionResult, tr: NullTranslations = ENGLISH) -> str:
    """Return what to do about the verdict in general, or nothing where the cases say it better."""
    if question.verdict is Verdict.MISSING:
        return tr.gettext(
            "Write your answer in the cell that begins with `#| question: {name}`, in the place of `raise NotImplementedError` "
            '(where the cell is gone, add one with this first line). Then try it with `check("{name}")` and hand the notebook in again.'
        ).format(name=question.name)
    return tr.gettext(_ADVICE[question.verdict]) if question.verdict in _ADVICE else ""


def carried(question: QuestionResult, tr: NullTranslations = ENGLISH) -> str:
    """Return what was done so that a mistake costs only once, or nothing."""
    if question.carried is None:
        return ""
    names = [f"`{name}`" for name in question.carried.replaced]
    start = tr.ngettext(
        "Your {names} was not right yet, so `{question}` was also graded with a correct one:",
        "Your {names} were not right yet, so `{question}` was also graded with correct ones:",
        len(names),
    ).format(names=listed(names, tr), question=question.name)
    if question.carried.score <= question.carried.score_before:
        return start + " " + tr.gettext("that gave no more points, so there is something to find in this question as well.")
    gained = tr.gettext("{score} of {points} instead of {before}. A mistake costs only once.").format(
        score=points(question.carried.score), points=counted_points(question.points, tr), before=points(question.carried.score_before)
    )
    return f"{start} {gained}"


def outcomes(cases: Iterable[CaseResult], tr: NullTranslations = ENGLISH) -> str:
    """Return how the cases that did not pass came out, without saying which: "2 gave a wrong answer, 1 ran out of time"."""
    count = Counter(case.verdict for case in cases if case.verdict is not Verdict.PASSED)
    return tr.gettext(", ").join(tr.gettext(_OUTCOMES[verdict]).format(number=number) for verdict, number in count.items())


def first_to_fix(result: SubmissionResult, tr: NullTranslations = ENGLISH) -> tuple[QuestionResult, str] | None:
    """Return the question to work on first and why, or None when nothing can be won.

    It is the earliest one that others had to be graded without, else the one with the most points still open. What a person gave stays as it is.
    """
    questions = result.questions
    lost = [question for question in questions if question.score < question.points and question.verdict is not Verdict.OURS and not question.overridden]
    if not lost or result.overridden:
        return None
    for question in lost:
        users = [other.name for other in questions if other.carried is not None and question.name in other.carried.replaced]
        if users:
            reason = tr.ngettext(
                "{names} builds on it, so what you fix here helps there too.", "{names} build on it, so what you fix here helps there too.", len(users)
            )
            return question, reason.format(names=listed([f"`{user}`" for user in users], tr))
    first = max(lost, key=lambda question: question.points - question.score)
    reason = tr.gettext("This is all that is left: {points}.") if len(lost) == 1 else tr.gettext("Most is to be won here: {points}.")
    return first, reason.format(points=counted_points(first.points - first.score, tr))


def points(number: float) -> str:
    """Return points as people write them: 4, 2.5, 0.33."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def counted_points(number: float, tr: NullTranslations = ENGLISH) -> str:
    """Return "1 point", "2.5 points"."""
    return tr.ngettext("{number} point", "{number} points", 1 if number == 1 else 2).format(number=points(number))


def listed(names: Collection[str], tr: NullTranslations = ENGLISH) -> str:
    """Return "a", "a and b", "a, b and c"."""
    *most, last = names
    return tr.gettext("{first} and {last}").format(first=tr.gettext(", ").join(most), last=last) if most else last


def share(score: float, most: float) -> float:
    """Return how much of the points was earned, from 0 to 1; nothing of nothing is nothing."""
    return min(max(score / most, 0.0), 1.0) if most > 0 else 0.0


def problems(result: Outcome, tr: NullTranslations = ENGLISH) -> tuple[str, ...]:
    """Return what an instructor should know of a submission besides its marks, a few words each."""
    missing = sum(question.verdict is Verdict.MISSING for question in result.questions)
    ours = sum(question.verdict is Verdict.OURS for question in result.questions)
    failed_cells = sum(cell.status not in {"ok", "skipped"} for cell in result.cells)
    forbidden = sorted({name for question in result.questions for name in question.forbidden})
    found = {
        "UNSANDBOXED": is_unsandboxed(result),
        tr.gettext("unreadable: {message}").format(message=sentence(result.message, tr)): result.verdict is Verdict.ERROR,
        tr.gettext("our fault: {message}").format(message=sentence(result.message, tr)): result.verdict is Verdict.OURS,
        tr.ngettext("{number} question not graded: our fault", "{number} questions not graded: our fault", ours).format(number=ours): (
            result.verdict is not Verdict.OURS and ours > 0
        ),
        tr.gettext("{number} not filled in").format(number=missing): missing > 0,
        tr.ngettext("{number} cell stopped", "{number} cells stopped", failed_cells).format(number=failed_cells): failed_cells > 0,
        tr.gettext("not allowed: {names}").format(names=", ".join(forbidden)): bool(forbidden),
        tr.ngettext("{number} locked cell changed", "{number} locked cells changed", result.tampered).format(number=result.tampered): result.tampered > 0,
    }
    return tuple(words for words, holds in found.items() if holds)


def is_unsandboxed(result: Outcome) -> bool:
    """Return whether the student's code ran without a sandbox."""
    return result.environment.get("sandbox") == "none"


def is_graded(result: Outcome) -> bool:
    """Return whether the submission has marks to show, be they of a part of it."""
    return result.verdict is not Verdict.ERROR and (result.verdict is not Verdict.OURS or bool(result.questions))


def reading_order(result: Outcome) -> tuple[str, str, str]:
    """Return the key that sorts submissions by assignment, then by student."""
    return result.assignment, result.student.casefold(), result.student


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How a set of submissions came out; `below` of the graded ones did not get all points."""

    graded: int
    below: int
    unreadable: int
    ours: int

    def __str__(self) -> str:
        return self.said(ENGLISH)

    def said(self, tr: NullTranslations) -> str:
        """Return the counts as a sentence without its full stop."""
        return tr.gettext("{graded} graded, {below} of them below full points; {unreadable} unreadable; {ours} not graded through a fault of ours").format(
            graded=self.graded, below=self.below, unreadable=self.unreadable, ours=self.ours
        )


def count(results: Iterable[Outcome]) -> Counts:
    """Return how many submissions were graded, are below full points, could not be read, or failed through us."""
    kinds = Counter(
        "unreadable" if result.verdict is Verdict.ERROR else "ours" if result.verdict is Verdict.OURS else "below" if result.score < result.points else "full"
        for result in results
    )
    return Counts(graded=kinds["below"] + kinds["full"], below=kinds["below"], unreadable=kinds["unreadable"], ours=kinds["ours"])
