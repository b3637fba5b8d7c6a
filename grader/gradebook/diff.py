"""Whose mark moved between two runs, and why."""

from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import SettingsError
from grader.gradebook.marks import marks, overrides_in_force
from grader.gradebook.records import Difference, Marked, Moved, Reason, Run, RunId
from grader.gradebook.standing import standings
from grader.gradebook.tables import EntryRow, RunRow
from grader.results import CaseResult, QuestionResult

_SMALLEST = 1e-6


def runs(session: Session) -> list[Run]:
    """Return all runs, oldest first."""
    query = select(RunRow, func.count(EntryRow.id)).outerjoin(EntryRow, EntryRow.run_id == RunRow.id).group_by(RunRow.id).order_by(RunRow.id)
    return [Run(id=RunId(row.id), at=row.at, author=row.author, results=results) for row, results in session.execute(query)]


def diff(session: Session, before: int | None, after: int | None) -> Difference:
    """Return the marks that moved between two runs; without `after` up to the newest run, without `before` since the one before it.

    An override, extension or late policy counts from the run that follows it.

    Raises:
        SettingsError: there is no such run, or none before it.
    """
    known = {run.id: run for run in runs(session)}
    new = _run(known, max(known, default=RunId(0)) if after is None else after)
    old = _run(known, max((run for run in known if run < new.id), default=RunId(0)) if before is None else before)
    earlier, later = standings(session, at_end_of=old.id), standings(session, at_end_of=new.id)
    changed = {key: standing for key, standing in later.items() if standing != earlier.get(key)}
    then = marks(session, {key: earlier[key] for key in changed if key in earlier})
    return Difference(before=old, after=new, moved=tuple(_moved(then, marks(session, changed))))


def _run(known: Mapping[RunId, Run], said: int) -> Run:
    found = known.get(RunId(said))
    if found is not None:
        return found
    message = f"There is no run {said}; " if said else "There is nothing to compare; "
    raise SettingsError(message + (f"runs are {min(known)} to {max(known)}." if known else "the gradebook holds no run yet."))


def _moved(then: Iterator[Marked], now: Iterator[Marked]) -> Iterator[Moved]:
    """Yield the marks that moved; both come in the same order, and `then` may leave some out."""
    old = next(then, None)
    for new in now:
        before = old if old is not None and (old.student, old.assignment) == (new.student, new.assignment) else None
        if before is not None:
            old = next(then, None)
        if before is None or abs(before.score - new.score) > _SMALLEST or before.points != new.points:
            reasons = (Reason(what="graded for the first time"),) if before is None else tuple(_reasons(before, new))
            yield Moved(
                student=new.student,
                assignment=new.assignment,
                before=None if before is None else before.score,
                after=new.score,
                points=new.points,
                reasons=reasons,
            )


def _reasons(old: Marked, new: Marked) -> Iterator[Reason]:
    if old.result.digest != new.result.digest:
        yield Reason(what="another file was handed in")
    if old.result.bundle_version != new.result.bundle_version:
        yield Reason(what="the assignment changed", before=old.result.bundle_version[:10], after=new.result.bundle_version[:10])
    elif old.result.digest == new.result.digest and old.attempt != new.attempt:
        yield Reason(what="the same file was graded again")
    if old.result.verdict != new.result.verdict and not (old.questions and new.questions):
        yield Reason(what=new.result.message or "graded", before=old.result.verdict, after=new.result.verdict)
    yield from _question_reasons(old, new)
    yield from _override_reasons(old, new)
    if abs(old.penalty - new.penalty) > _SMALLEST:
        yield Reason(what=f"{new.days_late} days late instead of {old.days_late}", before=f"-{old.penalty:g}", after=f"-{new.penalty:g}")


def _question_reasons(old: Marked, new: Marked) -> Iterator[Reason]:
    before = {question.name: question for question in old.result.questions}
    after = {question.name: question for question in new.result.questions}
    for name in before | after:
        if name not in after:
            yield Reason(what="the question is gone", question=name, before=f"{before[name].score:g}")
        elif name not in before:
            yield Reason(what="a new question", question=name, after=f"{after[name].score:g}")
        elif abs(before[name].score - after[name].score) > _SMALLEST:
            cases = list(_case_reasons(before[name], after[name]))
            yield from cases or [Reason(what="points", question=name, before=f"{before[name].score:g}", after=f"{after[name].score:g}")]


def _case_reasons(before: QuestionResult, after: QuestionResult) -> Iterator[Reason]:
    earlier = {case.name: case for case in before.cases}
    later = {case.name: case for case in after.cases}
    for name in earlier | later:
        old, new = _outcome(earlier.get(name)), _outcome(later.get(name))
        if old != new:
            yield Reason(what="case", question=after.name, case=name, before=old, after=new)


def _outcome(case: CaseResult | None) -> str:
    return "not asked" if case is None else str(case.verdict)


def _override_reasons(old: Marked, new: Marked) -> Iterator[Reason]:
    before = {one.question: one for one in overrides_in_force(old)}
    after = {one.question: one for one in overrides_in_force(new)}
    for question in before | after:
        earlier, later = before.get(question), after.get(question)
        if earlier == later:
            continue
        if later is None:
            yield Reason(what="an override was withdrawn", question=question, before=f"{earlier.points:g}" if earlier else "")
        else:
            stood = earlier.points if earlier else later.old
            yield Reason(what=f"override by {later.author}: {later.reason}", question=question, before=f"{stood:g}", after=f"{later.points:g}")
