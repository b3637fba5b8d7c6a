"""What the class report keeps of each submission, so that a large class fits into memory."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass, field
from sys import intern

from grader.reports import wording
from grader.reports.similarity import fingerprints
from grader.results import CaseResult, Diagnosis, QuestionResult, SubmissionResult, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class WrongCase:
    """A case whose wrong answer nobody foresaw; `digest` is equal for equal answers, `reading` says in words how it is wrong."""

    name: str
    digest: str
    reading: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One question of a submission; `mistake` is the known mistake that it was recognised as, with its hint."""

    name: str
    title: str
    points: float
    score: float
    verdict: Verdict
    mistake: str = ""
    hint: str = ""
    wrong: tuple[WrongCase, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRow:
    """One submission; `href` is the path of its page, relative to the report, `lost` says what ended its kernel."""

    student: str
    assignment: str
    title: str
    href: str
    score: float
    points: float
    verdict: Verdict
    is_graded: bool
    message: str = ""
    seconds: float = 0.0
    answers: tuple[Answer, ...] = ()
    forbidden: tuple[str, ...] = ()
    tampered: int = 0
    lost: tuple[str, ...] = ()
    prints: "array[int]" = field(default_factory=lambda: array("I"))  # 4 bytes each, 70 in a set


def class_row(result: SubmissionResult, *, href: str, usual: Collection[int] = ()) -> ClassRow:
    """Return what the class report needs of a result; `usual` are fingerprints that say nothing: those of stubs and of the reference."""
    own = frozenset(one for question in result.questions if question.verdict is not Verdict.MISSING for one in fingerprints(question.code))
    return ClassRow(
        student=result.student,
        assignment=intern(result.assignment),
        title=intern(result.title),
        href=href,
        score=result.score,
        points=result.points,
        verdict=result.verdict,
        is_graded=wording.is_graded(result),
        message=result.message,
        seconds=result.timings.get("total", 0.0),
        answers=tuple(map(_answer, result.questions)),
        forbidden=tuple(dict.fromkeys(name for question in result.questions for name in question.forbidden)),
        tampered=result.tampered,
        lost=tuple(dict.fromkeys(_lost(result))),
        prints=array("I", sorted(own.difference(usual))),
    )


def _answer(question: QuestionResult) -> Answer:
    known = question.diagnosis if question.diagnosis is not None and question.diagnosis.source == "known mistake" else None
    # What went wrong only because of an earlier question says nothing about this one.
    is_right = question.carried is not None and question.score >= question.points
    return Answer(
        name=intern(question.name),
        title=intern(question.title),
        points=question.points,
        score=question.score,
        verdict=question.verdict,
        mistake=intern(known.mistake or known.hint) if known else "",
        hint=intern(known.hint) if known else "",
        wrong=()
        if known or is_right
        else tuple(_wrong(case, question.diagnosis) for case in question.cases if case.verdict is not Verdict.PASSED and case.got_digest),
    )


def _wrong(case: CaseResult, diagnosis: Diagnosis | None) -> WrongCase:
    reading = case.diagnosis or diagnosis
    return WrongCase(name=intern(case.name), digest=intern(case.got_digest), reading=intern(reading.hint if reading else case.message))


def _lost(result: SubmissionResult) -> list[str]:
    calls = [case.message for question in result.questions for case in question.cases if case.verdict is Verdict.DIED and case.got_digest == ""]
    return [message for message in [*(cell.message for cell in result.cells if cell.status == "died"), *calls] if message and not message.startswith("not run")]
