"""How verdicts, points and outcomes are put into words and symbols, the same in every report."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.results import CaseResult, QuestionResult, SubmissionResult, Verdict

Tone = Literal["good", "part", "bad", "open", "ours"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How something came out: a symbol for the eye, words for everyone, a tone for the colour."""

    symbol: str
    words: str
    tone: Tone


_OF_VERDICT = {
    Verdict.PASSED: Mark(symbol="✓", words="Correct", tone="good"),
    Verdict.FAILED: Mark(symbol="✗", words="Not right yet", tone="bad"),
    Verdict.ERROR: Mark(symbol="!", words="Stopped with an error", tone="bad"),
    Verdict.TIMEOUT: Mark(symbol="◷", words="Ran out of time", tone="bad"),
    Verdict.DIED: Mark(symbol="⊘", words="The kernel was lost", tone="bad"),
    Verdict.MISSING: Mark(symbol="○", words="Not filled in", tone="open"),
    Verdict.OURS: Mark(symbol="⚑", words="Not graded: a fault of ours", tone="ours"),
}

_PARTLY = Mark(symbol="◐", words="Partly right", tone="part")
_CARRIED = Mark(symbol="↷", words="Right, given correct answers to earlier questions", tone="good")
MARKS = (_OF_VERDICT[Verdict.PASSED], _CARRIED, _PARTLY, *(mark for verdict, mark in _OF_VERDICT.items() if verdict is not Verdict.PASSED))
"""Every mark that a question can get, best first."""

_ADVICE = {
    Verdict.TIMEOUT: (
        "The call did not come back in time. Look for a loop whose condition never changes, or for a Python loop over single numbers "
        "that one tensor operation could replace."
    ),
    Verdict.DIED: (
        "The Python process ended during the call. The usual reasons: a tensor far larger than intended (check what broadcasting makes of the shapes), "
        "recursion without an end, or a call that exits Python."
    ),
    Verdict.OURS: "This question could not be graded, and the fault is not yours. You do not have to do anything: your instructor sees it too.",
}

_OUTCOMES = {
    Verdict.FAILED: "gave a wrong answer",
    Verdict.ERROR: "stopped with an error",
    Verdict.TIMEOUT: "ran out of time",
    Verdict.DIED: "lost the kernel",
    Verdict.MISSING: "found nothing to call",
    Verdict.OURS: "could not be graded",
}


def mark_case(case: CaseResult) -> Mark:
    """Return the mark of one case."""
    return _OF_VERDICT[case.verdict]


def mark_question(question: QuestionResult) -> Mark:
    """Return the mark of a question; points that were earned all the same are told apart from nothing at all."""
    if question.verdict not in {Verdict.PASSED, Verdict.OURS} and question.carried is not None and 0 < question.points <= question.score:
        return replace(_CARRIED, words=f"Right, given a correct {listed(question.carried.replaced)}")
    if question.forbidden and question.verdict is Verdict.FAILED:
        return replace(_OF_VERDICT[Verdict.FAILED], words="Uses something that is not allowed here")
    if question.verdict is Verdict.FAILED and question.score > 0:
        return _PARTLY
    return _OF_VERDICT[question.verdict]


def advice(question: QuestionResult) -> str:
    """Return what to do about the verdict in general, or nothing where the cases say it better."""
    if question.verdict is Verdict.MISSING:
        return (
            f"Write your answer in the cell that begins with `#| question: {question.name}`, in the place of `raise NotImplementedError` "
            f'(where the cell is gone, add one with this first line). Then try it with `check("{question.name}")` and hand the notebook in again.'
        )
    return _ADVICE.get(question.verdict, "")


def carried(question: QuestionResult) -> str:
    """Return what was done so that a mistake costs only once, or nothing."""
    if question.carried is None:
        return ""
    replaced = listed([f"`{name}`" for name in question.carried.replaced])
    was = "was" if len(question.carried.replaced) == 1 else "were"
    ones = "a correct one" if len(question.carried.replaced) == 1 else "correct ones"
    start = f"Your {replaced} {was} not right yet, so `{question.name}` was also graded with {ones}:"
    if question.carried.score > question.carried.score_before:
        gained = f"{points(question.carried.score)} of {counted(question.points, 'point')} instead of {points(question.carried.score_before)}"
        return f"{start} {gained}. A mistake costs only once."
    return f"{start} that gave no more points, so there is something to find in this question as well."


def outcomes(cases: Iterable[CaseResult]) -> str:
    """Return how the cases that did not pass came out, without saying which: "2 gave a wrong answer, 1 ran out of time"."""
    count = Counter(case.verdict for case in cases if case.verdict is not Verdict.PASSED)
    return ", ".join(f"{number} {_OUTCOMES[verdict]}" for verdict, number in count.items())


def first_to_fix(questions: Sequence[QuestionResult]) -> tuple[QuestionResult, str] | None:
    """Return the question to work on first and why, or None when nothing is lost.

    It is the earliest one that others had to be graded without, else the one with the most points still open.
    """
    lost = [question for question in questions if question.score < question.points and question.verdict is not Verdict.OURS]
    if not lost:
        return None
    for question in lost:
        users = [other.name for other in questions if other.carried is not None and question.name in other.carried.replaced]
        if users:
            build = "builds" if len(users) == 1 else "build"
            return question, f"{listed([f'`{user}`' for user in users])} {build} on it, so what you fix here helps there too."
    first = max(lost, key=lambda question: question.points - question.score)
    open_points = counted(first.points - first.score, "point")
    reason = "This is all that is left" if len(lost) == 1 else "Most is to be won here"
    return first, f"{reason}: {open_points}."


def points(number: float) -> str:
    """Return points as people write them: 4, 2.5, 0.33."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def counted(number: float, noun: str) -> str:
    """Return "1 point", "2.5 points"."""
    return f"{points(number)} {noun}" if number == 1 else f"{points(number)} {noun}s"


def listed(names: Collection[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def share(score: float, most: float) -> float:
    """Return how much of the points was earned, from 0 to 1; nothing of nothing is nothing."""
    return min(max(score / most, 0.0), 1.0) if most > 0 else 0.0


def problems(result: SubmissionResult) -> tuple[str, ...]:
    """Return what an instructor should know of a submission besides its marks, a few words each."""
    missing = sum(question.verdict is Verdict.MISSING for question in result.questions)
    ours = sum(question.verdict is Verdict.OURS for question in result.questions)
    failed_cells = sum(cell.status not in {"ok", "skipped"} for cell in result.cells)
    forbidden = sorted({name for question in result.questions for name in question.forbidden})
    found = {
        "UNSANDBOXED": is_unsandboxed(result),
        f"unreadable: {result.message}": result.verdict is Verdict.ERROR,
        f"our fault: {result.message}": result.verdict is Verdict.OURS,
        f"{counted(ours, 'question')} not graded: our fault": result.verdict is not Verdict.OURS and ours > 0,
        f"{missing} not filled in": missing > 0,
        f"{counted(failed_cells, 'cell')} stopped": failed_cells > 0,
        f"not allowed: {', '.join(forbidden)}": bool(forbidden),
        f"{counted(result.tampered, 'locked cell')} changed": result.tampered > 0,
    }
    return tuple(words for words, holds in found.items() if holds)


def is_unsandboxed(result: SubmissionResult) -> bool:
    """Return whether the student's code ran without a sandbox."""
    return result.environment.get("sandbox") == "none"


def is_graded(result: SubmissionResult) -> bool:
    """Return whether the submission has marks to show, be they of a part of it."""
    return result.verdict is not Verdict.ERROR and (result.verdict is not Verdict.OURS or bool(result.questions))


def reading_order(result: SubmissionResult) -> tuple[str, str, str]:
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
        return f"{self.graded} graded, {self.below} of them below full points; {self.unreadable} unreadable; {self.ours} not graded through a fault of ours"


def count(results: Iterable[SubmissionResult]) -> Counts:
    """Return how many submissions were graded, are below full points, could not be read, or failed through us."""
    kinds = Counter(
        "unreadable" if result.verdict is Verdict.ERROR else "ours" if result.verdict is Verdict.OURS else "below" if result.score < result.points else "full"
        for result in results
    )
    return Counts(graded=kinds["below"] + kinds["full"], below=kinds["below"], unreadable=kinds["unreadable"], ours=kinds["ours"])
