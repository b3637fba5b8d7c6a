"""Grading one submission: a pure function of the bundle, the submission and what its kernels answer."""

import logging
import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from grader.errors import ExecutionError
from grader.execution.answers import CellRun
from grader.grading.bundle import Bundle, OpenSession
from grader.grading.carry import Again, grade_again
from grader.grading.diagnosis import generic_diagnosis
from grader.grading.judge import Asked
from grader.grading.present import case_result, sources_by_digest
from grader.grading.question import Budget, Graded, grade_questions
from grader.notebooks.submission import Submission
from grader.results import Carried, CaseResult, CellResult, Diagnosis, QuestionResult, SubmissionResult, Verdict

_DIGITS = 2
_LOG = logging.getLogger("grader")


async def grade(bundle: Bundle, submission: Submission, open_session: OpenSession, *, clock: Callable[[], float], now: datetime) -> SubmissionResult:
    """Return the graded submission; where kernels cannot be had, or grader itself trips over it, a result with the verdict `ours`.

    `clock` counts seconds; `now` is what the report is dated with.
    """
    try:
        return await _graded(bundle, submission, open_session, clock=clock, now=now)
    except ExecutionError as problem:
        said = str(problem)
    except Exception as problem:  # noqa: BLE001 - what we did not foresee in one submission must not cost all the others
        log_problem(problem)
        said = f"grader tripped over this submission ({type(problem).__name__}); the log says where"
    return _submission_result(bundle, submission, now, verdict=Verdict.OURS, message=said, score=0.0)


def log_problem(problem: Exception) -> None:
    """Write down what we did not foresee, and where."""
    # repr: the message may hold what a student wrote
    _LOG.error("%.300s\n%s", repr(problem), "".join(traceback.format_tb(problem.__traceback__)))


async def _graded(bundle: Bundle, submission: Submission, open_session: OpenSession, *, clock: Callable[[], float], now: datetime) -> SubmissionResult:
    started = clock()
    async with open_session() as session:
        budget = Budget(clock=clock, started=started, total_seconds=bundle.limits.total_seconds)
        runs = await session.run(submission.cells)
        first = await grade_questions(bundle, bundle.questions, submission, session, budget)
        timings, environment = dict(session.timings), dict(session.environment)
        asked = clock()
    first_done = clock()
    again = await grade_again(bundle, submission, first, open_session, clock) if bundle.carry_errors else {}
    again_done = clock()
    sources = sources_by_digest([cell.source for cell in submission.cells if not cell.options.locked])
    questions = tuple(_question_result(graded, again.get(name), submission, runs, sources) for name, graded in first.items())
    finished = clock()
    own = _own_seconds(asked - started, timings) + finished - again_done
    scores = [again[name].graded.score if name in again else graded.score for name, graded in first.items()]
    return _submission_result(
        bundle,
        submission,
        now,
        verdict=_overall([graded.verdict for graded in first.values()]),
        score=round(math.fsum(scores), _DIGITS),
        questions=questions,
        cells=_shown_cells(runs, submission),
        environment=environment,
        timings=timings | {"compare": own, "stop": first_done - asked, "again": again_done - first_done, "total": finished - started},
    )


def _own_seconds(seconds: float, timings: Mapping[str, float]) -> float:
    """Return what is left of a session's time without its kernel: judging and diagnosing."""
    return max(0.0, seconds - sum(timings.get(stage, 0.0) for stage in ("start", "cells", "probes", "replay")))


def _submission_result(
    bundle: Bundle,
    submission: Submission,
    now: datetime,
    *,
    verdict: Verdict,
    score: float,
    message: str = "",
    questions: tuple[QuestionResult, ...] = (),
    cells: tuple[CellResult, ...] = (),
    environment: dict[str, str] | None = None,
    timings: dict[str, float] | None = None,
) -> SubmissionResult:
    return SubmissionResult(
        student=submission.student,
        assignment=bundle.name,
        title=bundle.title,
        path=submission.path,
        digest=submission.digest,
        bundle_version=bundle.version,
        verdict=verdict,
        message=message,
        score=score,
        points=round(math.fsum(question.points for question in bundle.questions), _DIGITS),
        questions=questions,
        cells=cells,
        notes=submission.notes,
        tampered=submission.tampered,
        environment=environment or {},
        timings=timings or {},
        graded_at=now.isoformat(timespec="seconds"),
    )


def _overall(verdicts: Sequence[Verdict]) -> Verdict:
    if all(verdict is Verdict.PASSED for verdict in verdicts):
        return Verdict.PASSED
    return Verdict.MISSING if all(verdict is Verdict.MISSING for verdict in verdicts) else Verdict.FAILED


def _question_result(graded: Graded, again: Again | None, submission: Submission, runs: Sequence[CellRun], sources: Mapping[str, str]) -> QuestionResult:
    """Return a question's record: what is shown is the first run's, also where the second gave more points; `sources` are for tracebacks."""
    question = graded.question
    right = again if again is not None and again.graded.verdict is Verdict.PASSED else None
    diagnosis = graded.diagnosis if right is None else None
    asked = () if graded.verdict is Verdict.MISSING else graded.asked
    cases = tuple(case_result(one, _case_diagnosis(one, diagnosis) if right is None else None, sources) for one in asked)
    return QuestionResult(
        name=question.name,
        title=question.title,
        points=question.points,
        score=round(again.graded.score if again else graded.score, _DIGITS),
        verdict=graded.verdict,
        message=_message(graded, cases, submission, runs) if right is None else _right_after_all(right),
        cases=cases,
        diagnosis=diagnosis,
        carried=_carried(graded, again),
        code=submission.answers.get(question.name, ""),
        error_line=graded.error_line,
        forbidden=graded.forbidden if right is None else (),
    )


def _case_diagnosis(asked: Asked, diagnosis: Diagnosis | None) -> Diagnosis | None:
    if asked.judgement.verdict is Verdict.PASSED:
        return None
    return diagnosis if diagnosis is not None and diagnosis.source == "known mistake" else generic_diagnosis(asked)


def _right_after_all(again: Again) -> str:
    return f"Your own code is right: it went wrong only because of {', '.join(again.replaced)}."


def _carried(graded: Graded, again: Again | None) -> Carried | None:
    if again is None:
        return None
    return Carried(replaced=again.replaced, score_before=round(graded.score, _DIGITS), score=round(again.graded.score, _DIGITS))


def _message(graded: Graded, cases: Sequence[CaseResult], submission: Submission, runs: Sequence[CellRun]) -> str:
    """Return what there is to say of a question as a whole, else of the first case that failed."""
    if graded.message:
        return graded.message + (_cell_failure(graded.question.name, submission, runs) if graded.verdict is Verdict.ERROR else "")
    failing = next((case for case in cases if case.verdict is not Verdict.PASSED), None)
    if failing is None:
        return ""
    return f"{failing.name}: {failing.message}" if failing.group == "public" else f"A hidden case: {failing.message}"


def _cell_failure(question: str, submission: Submission, runs: Sequence[CellRun]) -> str:
    """Return a sentence about how a question's own cell ended; for people only, nothing is decided by it."""
    its_cells = {cell.id for cell in submission.cells if cell.options.question == question}
    for run in runs:
        if run.cell_id in its_cells and run.status not in ("ok", "not run"):
            said = ": ".join(part for part in (run.error, run.message) if part) or run.status
            return f" Its cell did not run to its end ({said})."
    return ""


def _shown_cells(runs: Sequence[CellRun], submission: Submission) -> tuple[CellResult, ...]:
    """Return the cells that failed, hung, killed their kernel, or were not reached."""
    sources: Mapping[str, str] = {cell.id: cell.source for cell in submission.cells}
    return tuple(
        CellResult(
            cell_id=run.cell_id,
            status=run.status,
            source=sources.get(run.cell_id, ""),
            error=run.error,
            message=run.message,
            outputs=run.outputs,
            seconds=run.seconds,
        )
        for run in runs
        if run.status in ("error", "timeout", "died") or (run.status == "not run" and run.message)
    )
