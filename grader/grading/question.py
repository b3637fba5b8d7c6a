"""Asking the cases of questions and putting together what they are worth."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from grader.execution.answers import Absent, Answer, Probe, Raised, Returned, Session, TimedOut
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion, probe_of
from grader.grading.diagnosis import diagnose
from grader.grading.forbids import forbidden_uses
from grader.grading.judge import Asked, Judgement, judge
from grader.grading.scoring import Mark, question_score
from grader.grading.walk import map_tensors
from grader.notebooks.cells import cell_digest
from grader.notebooks.submission import Submission
from grader.notebooks.syntax import parse_cell, syntax_error_line
from grader.results import Diagnosis, Verdict
from grader.values.tree import TensorLeaf

_TIME_IS_UP = Judgement(verdict=Verdict.TIMEOUT, message="the time for the whole notebook was used up")


@dataclass(frozen=True, kw_only=True)
class Graded:
    """One question, graded; the score is not rounded. `asked` is empty where nothing had to be asked."""

    question: BundledQuestion
    verdict: Verdict
    score: float = 0.0
    message: str = ""
    asked: tuple[Asked, ...] = ()
    diagnosis: Diagnosis | None = None
    forbidden: tuple[str, ...] = ()
    error_line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The time of one session, counted from its start."""

    clock: Callable[[], float]
    started: float
    total_seconds: float

    @property
    def remaining_seconds(self) -> float:
        """The time that is left; 0 or less when none is."""
        return self.started + self.total_seconds - self.clock()


async def grade_questions(bundle: Bundle, questions: Sequence[BundledQuestion], submission: Submission, session: Session, budget: Budget) -> dict[str, Graded]:
    """Return the verdict and score of each question, by name, from a session in which the submission's cells have run.

    All public cases are asked before any hidden one: pages show what those answer, which so cannot tell what a hidden case's inputs are.
    """
    graded = {question.name: _without_asking(bundle, question, submission) for question in questions}
    asking = [_Open(question=question) for question in questions if graded[question.name] is None]
    for public in (True, False):
        calls = [_Call(of=one, case=case, probe=probe) for one in asking for case, probe in one.question.calls if (case.group == "public") is public]
        await _ask(calls, session, budget)
    asked = {one.question.name: _put_together(one.question, tuple(one.asked), submission.answers[one.question.name]) for one in asking}
    return {name: at_once or asked[name] for name, at_once in graded.items()}


def _without_asking(bundle: Bundle, question: BundledQuestion, submission: Submission) -> Graded | None:
    """Return how a question came out of which nothing has to be asked, else None."""
    source = submission.answers.get(question.name)
    if source is None:
        return Graded(question=question, verdict=Verdict.MISSING, message="There is no cell for this question in the notebook.")
    if _same_code(source, question.stub):
        return Graded(question=question, verdict=Verdict.MISSING, message="The cell is as it was handed out.")
    if uses := _forbidden_in(bundle, question, submission, source):
        names = tuple(dict.fromkeys(name for name, _ in uses))
        return Graded(question=question, verdict=Verdict.FAILED, message=_forbidden_message(names), forbidden=names, error_line=uses[0][1])
    return None


@dataclass
class _Open:
    """A question that is being asked: what came of its cases so far, and what stands for the rest once one of them did not finish."""

    question: BundledQuestion
    asked: list[Asked] = field(default_factory=list)
    stopped: Judgement | None = None


@dataclass(frozen=True, kw_only=True)
class _Call:
    """One case of a question, to be asked."""

    of: _Open
    case: BundledCase
    probe: Probe


async def _ask(calls: Sequence[_Call], session: Session, budget: Budget) -> None:
    """Ask cases in as few messages as their limits of time allow: one that does not finish ends a message, and its question."""
    while calls := _not_stopped(calls):
        limit, first = next(groupby(calls, key=lambda call: call.of.question.call_seconds))
        together = list(first)
        if budget.remaining_seconds <= 0:
            for call in calls:
                call.of.stopped = _TIME_IS_UP
            continue
        answers = await session.probe_all([call.probe for call in together], timeout_seconds=min(limit, budget.remaining_seconds))
        for call, answer in zip(together, answers, strict=False):
            await _take(call, _on_cpu(answer), session, budget)
        calls = calls[len(answers) :]


def _not_stopped(calls: Sequence[_Call]) -> list[_Call]:
    """Return the calls that are still to be asked; to the others, whose question has been stopped, that is what came of them."""
    for call in calls:
        if call.of.stopped is not None:
            call.of.asked.append(Asked(case=call.case, answer=None, judgement=call.of.stopped))
    return [call for call in calls if call.of.stopped is None]


async def _take(call: _Call, answer: Answer, session: Session, budget: Budget) -> None:
    """Judge an answer, unless a retry of an earlier one has stopped its question."""
    if not _not_stopped([call]):
        return
    if isinstance(answer, TimedOut) and budget.remaining_seconds <= 0:
        judgement = call.of.stopped = _TIME_IS_UP
    else:
        judgement = await _after_retries(call.of.question, call.case, judge(call.case, answer), session, budget)
        call.of.stopped = _not_run(call.case, judgement) if judgement.verdict in (Verdict.TIMEOUT, Verdict.DIED) else None
    call.of.asked.append(Asked(case=call.case, answer=answer, judgement=judgement))


async def _after_retries(question: BundledQuestion, case: BundledCase, first: Judgement, session: Session, budget: Budget) -> Judgement:
    """Return the median of the judgements under several seeds, where the author asks for it and the first one was a miss."""
    judgements = [first]
    for seed in range(1, case.retries + 1):
        settled = [one.credit for one in judgements].count(judgements[-1].credit) > case.retries // 2
        if first.verdict is not Verdict.FAILED or settled or budget.remaining_seconds <= 0:
            break
        seconds = min(question.call_seconds, budget.remaining_seconds)
        judgements.append(judge(case, _on_cpu(await session.probe(replace(probe_of(question, case), seed=seed), timeout_seconds=seconds))))
    return sorted(judgements, key=lambda one: one.credit)[(len(judgements) - 1) // 2]


def _not_run(case: BundledCase, judgement: Judgement) -> Judgement:
    which = f"case {case.name!r}" if case.group == "public" else "an earlier hidden case"
    return Judgement(verdict=judgement.verdict, message=f"not run, because {which} did not finish")


def _put_together(question: BundledQuestion, asked: tuple[Asked, ...], source: str) -> Graded:
    line = _error_line(asked, source)
    if forbidden := tuple(dict.fromkeys(name for one in asked for name in _traced(one.answer))):
        return Graded(question=question, verdict=Verdict.FAILED, message=_forbidden_message(forbidden), asked=asked, forbidden=forbidden, error_line=line)
    if all(_is_not_filled_in(one.answer, source) for one in asked):
        return Graded(question=question, verdict=Verdict.MISSING, message="The cell still raises NotImplementedError.", asked=asked)
    is_undefined = any(isinstance(one.answer, Absent) for one in asked)
    failing = next((one for one in asked if one.judgement.verdict is not Verdict.PASSED), None)
    diagnosis = diagnose(question, asked) if failing is not None else None
    marks = [Mark(group=one.case.group, points=one.case.points, credit=one.judgement.credit) for one in asked]
    return Graded(
        question=question,
        verdict=Verdict.PASSED if failing is None else Verdict.ERROR if is_undefined else failing.judgement.verdict,
        score=question_score(question.points, marks, credit=diagnosis.credit if diagnosis else 0.0),
        message=f"The notebook does not define `{question.entry}`." if is_undefined else "",
        asked=asked,
        diagnosis=diagnosis,
        error_line=line,
    )


def _forbidden_in(bundle: Bundle, question: BundledQuestion, submission: Submission, source: str) -> list[tuple[str, int]]:
    notebook = [cell.source for cell in submission.cells if cell.kind == "code" and not cell.options.skip]
    return forbidden_uses(source, notebook, question.forbids, pristine=[cell.source for cell in bundle.pristine])


def _forbidden_message(names: Sequence[str]) -> str:
    return f"Your code uses {', '.join(names)}: this question asks you to do without."


def _traced(answer: Answer | None) -> tuple[str, ...]:
    return answer.forbidden if isinstance(answer, Returned | Raised) else ()


def _is_not_filled_in(answer: Answer | None, source: str) -> bool:
    """Whether the question's own cell still raises NotImplementedError; that of another question may do so too."""
    if not isinstance(answer, Raised) or answer.types[:1] != ("NotImplementedError",):
        return False
    return not answer.frames or answer.frames[-1].cell_digest == cell_digest(source)


def _error_line(asked: Sequence[Asked], source: str) -> int | None:
    """Return the line of the question's cell where the first exception came from, or where its syntax is wrong."""
    for one in asked:
        if isinstance(one.answer, Raised) and one.judgement.verdict is Verdict.ERROR:
            lines = [frame.line for frame in one.answer.frames if frame.cell_digest == cell_digest(source)]
            return lines[-1] if lines else None
    return syntax_error_line(source) if any(isinstance(one.answer, Absent) for one in asked) else None


def _same_code(one: str, other: str) -> bool:
    """Whether two cells differ in nothing but comments and layout."""
    left, right = parse_cell(one), parse_cell(other)
    return _alike(left, right) if left and right else one.split() == other.split()


def _alike(one: object, other: object) -> bool:
    """Whether two parts of syntax trees are the same wherever they stand."""
    if isinstance(one, ast.AST):
        return type(one) is type(other) and all(_alike(getattr(one, field, None), getattr(other, field, None)) for field in one._fields)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and one == other  # 1, 1.0 and True are equal, but not the same


def _on_cpu(answer: Answer) -> Answer:
    """Say of tensors from another device that they lie on the CPU, as what is expected does; tensors without data stay apart."""
    if not isinstance(answer, Returned):
        return answer
    return replace(
        answer, value=map_tensors(answer.value, _leaf_on_cpu), mutated={name: map_tensors(value, _leaf_on_cpu) for name, value in answer.mutated.items()}
    )


def _leaf_on_cpu(leaf: TensorLeaf) -> TensorLeaf:
    return leaf if leaf.device in ("cpu", "meta") else replace(leaf, device="cpu")
