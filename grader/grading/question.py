"""Asking the cases of one question and putting together what they are worth."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from grader.execution.answers import Absent, Answer, Raised, Returned, Session, TimedOut
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion, probe_of
from grader.grading.diagnosis import diagnose
from grader.grading.forbids import forbidden_uses
from grader.grading.judge import Asked, Judgement, judge
from grader.grading.scoring import Mark, question_score
from grader.grading.walk import map_tensors
from grader.notebooks.cells import cell_digest
from grader.notebooks.submission import Submission
from grader.notebooks.syntax import parse_cell
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


async def grade_question(bundle: Bundle, question: BundledQuestion, submission: Submission, session: Session, budget: Budget) -> Graded:
    """Return a question's verdict and score from a session in which the submission's cells have run."""
    source = submission.answers.get(question.name)
    if source is None:
        return Graded(question=question, verdict=Verdict.MISSING, message="There is no cell for this question in the notebook.")
    if _same_code(source, question.stub):
        return Graded(question=question, verdict=Verdict.MISSING, message="The cell is as it was handed out.")
    if uses := _forbidden_in(bundle, question, submission, source):
        names = tuple(dict.fromkeys(name for name, _ in uses))
        return Graded(question=question, verdict=Verdict.FAILED, message=_forbidden_message(names), forbidden=names, error_line=uses[0][1])
    asked = await _ask(question, session, budget)
    return _put_together(question, asked, source)


async def _ask(question: BundledQuestion, session: Session, budget: Budget) -> tuple[Asked, ...]:
    answers: list[Answer] = []
    if budget.remaining_seconds > 0:
        seconds = min(question.call_seconds, budget.remaining_seconds)
        answers = await session.probe_all([probe for _, probe in question.calls], timeout_seconds=seconds)
    asked: list[Asked] = []
    stopped: Judgement | None = None
    for (case, _), got in zip_longest(question.calls, answers):
        answer = None if got is None or stopped is not None else _on_cpu(got)
        if stopped is not None:
            judgement = stopped
        elif answer is None or (isinstance(answer, TimedOut) and budget.remaining_seconds <= 0):
            judgement = stopped = _TIME_IS_UP
        else:
            judgement = await _after_retries(question, case, judge(case, answer), session, budget)
            stopped = _not_run(case, judgement) if judgement.verdict in (Verdict.TIMEOUT, Verdict.DIED) else None
        asked.append(Asked(case=case, answer=answer, judgement=judgement))
    return tuple(asked)


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
    return _syntax_error_line(source) if any(isinstance(one.answer, Absent) for one in asked) else None


def _syntax_error_line(source: str) -> int | None:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error.lineno
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


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
