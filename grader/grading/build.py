"""Building a bundle: the reference is run once, and so is every known mistake."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import torch

from grader.authoring.assignment import Assignment
from grader.authoring.case import Case
from grader.authoring.load import draw_cases, load_assignment
from grader.authoring.question import Mistake, Question
from grader.authoring.source import source_of
from grader.errors import AuthorError
from grader.execution.answers import Absent, Answer, CellRun, Died, Malformed, Probe, Raised, Returned, Session, TimedOut
from grader.execution.probe import call
from grader.grading.bundle import Bundle, BundledCase, BundledMistake, BundledQuestion, OpenSession, Outcome
from grader.grading.forbids import forbidden_uses, unknown_names
from grader.grading.judge import judge
from grader.grading.solution import answer_source, bundle_version, solution_cells
from grader.grading.walk import map_tensors, tensors
from grader.notebooks.cells import Cell
from grader.notebooks.solution import notebook_path
from grader.results import Verdict
from grader.values.codec import digest
from grader.values.snapshot import snapshot
from grader.values.threads import one_thread
from grader.values.tolerance import Tolerance, measure
from grader.values.tree import Foreign, TensorLeaf, Value


async def build_bundle(folder: Path, open_session: OpenSession, *, pristine: Sequence[Cell]) -> Bundle:
    """Return the bundle of the assignment in a folder; `pristine` are the cells as they are released to students.

    Values lie on the CPU, so that one bundle serves every device.

    Raises:
        AuthorError: the reference does not run, is not there, or gives something else when it is asked again.
    """
    assignment = load_assignment(folder)
    cells = solution_cells(folder)
    async with open_session() as session:
        _require_clean(await session.run(cells), file=str(notebook_path(folder)))
        questions = [await _Builder(folder, question, assignment, session).build(cells, pristine) for question in assignment.questions]
    return Bundle(
        name=folder.name,
        title=assignment.title,
        version=bundle_version(folder, pristine),
        limits=assignment.limits,
        carry_errors=assignment.carry_errors,
        pristine=tuple(pristine),
        questions=tuple(questions),
    )


class _Builder:
    """Builds one question; knows where it is, for the messages."""

    def __init__(self, folder: Path, question: Question, assignment: Assignment, session: Session) -> None:
        self.assignment_name = folder.name
        self.notebook = str(notebook_path(folder))
        self.question = question
        self.call_seconds = (question.limits or assignment.limits).call_seconds
        self.session = session

    async def build(self, cells: Sequence[Cell], pristine: Sequence[Cell]) -> BundledQuestion:
        question = self.question
        reference = answer_source(cells, question.name, file=self.notebook)
        self._require_allowed(reference, cells)
        cases = [await self._case(case) for case in draw_cases(self.assignment_name, question)]
        return BundledQuestion(
            name=question.name,
            entry=question.entry,
            title=question.title,
            points=question.points,
            depends_on=question.depends_on,
            forbids=question.forbids,
            call_seconds=self.call_seconds,
            reference=reference,
            stub=answer_source(pristine, question.name, file=f"{self.notebook} as released"),
            cases=tuple(cases),
            mistakes=tuple(_bundled_mistake(mistake) for mistake in question.mistakes),
        )

    async def _case(self, case: Case) -> BundledCase:
        driver = case.driver or self.question.driver
        probe = Probe(
            entry=self.question.entry,
            inputs={name: snapshot(value) for name, value in case.inputs.items()},
            driver=source_of(driver) if driver else None,
            forbids=self.question.forbids,
        )
        expected = await self._expected(case, probe)
        bundled = BundledCase(
            name=case.name,
            group=case.group,
            points=case.points,
            inputs=probe.inputs,
            driver=probe.driver,
            check=source_of(case.check) if case.check else None,
            tolerance=await self._tolerance(case, probe, expected),
            allow=case.allow | self.question.allow,
            may_mutate=case.may_mutate,
            teaching=case.teaching,
            expected=expected,
            mistakes={mistake.id: self._mistaken(mistake, probe) for mistake in self.question.mistakes},
            private={name: snapshot(value) for name, value in case.private.items()},
            retries=case.retries,
        )
        judgement = judge(bundled, expected)
        if judgement.verdict is not Verdict.PASSED:
            self._fail(case, f"the reference itself does not pass: {judgement.message}", "Correct the check or the solution")
        return bundled

    async def _expected(self, case: Case, probe: Probe) -> Outcome:
        first = await self._ask(case, probe)
        again = await self._ask(case, probe)
        if _fingerprint(first) != _fingerprint(again):
            self._fail(case, "the reference gives something else when it is asked again", "Draw what is random from `draw`, and pass it in")
        self._require_meant(case, first)
        if isinstance(first, Returned) and isinstance(first.value, Foreign):
            self._fail(case, f"the reference returns a {first.value.type_name}", "Write a driver that returns values")
        return first

    def _require_meant(self, case: Case, outcome: Outcome) -> None:
        """Refuse a reference that raises where nobody asked for it: every notebook that fails in the same way would be right."""
        wanted = case.raises.__name__ if case.raises else None
        if isinstance(outcome, Raised) and (wanted is None or wanted not in outcome.types):
            said = f"the reference raises {outcome.types[0]}: {outcome.message}"
            self._fail(case, said, "Correct the solution or the case's inputs; where an exception is what is asked, say raises= with its class")
        if isinstance(outcome, Returned) and wanted is not None:
            self._fail(case, f"the reference returns a value, and the case says raises={wanted}", "Correct the solution or the case")

    async def _ask(self, case: Case, probe: Probe) -> Outcome:
        answer = await self.session.probe(probe, timeout_seconds=self.call_seconds)
        if not isinstance(answer, Returned | Raised):
            self._fail(case, _what_came(answer, probe.entry), "The solution must answer every case within its limits")
        if answer.forbidden:
            self._fail(case, f"the reference uses {', '.join(answer.forbidden)}, which it forbids", "Change forbids or the solution")
        return _bare(answer)

    async def _tolerance(self, case: Case, probe: Probe, expected: Outcome) -> Tolerance:
        if case.tolerance is not None:
            return Tolerance(relative=case.tolerance)
        working = _coarsest(probe)
        single, double = [await self._cast(probe, dtype, expected) for dtype in (torch.float32, torch.float64)]
        if isinstance(single, Returned) and isinstance(double, Returned):
            return measure(single.value, double.value, working=working)
        return Tolerance(working=working)

    async def _cast(self, probe: Probe, dtype: torch.dtype, expected: Outcome) -> Answer:
        """Return what the reference gives for the inputs in another precision."""
        inputs = {name: map_tensors(value, lambda leaf: _cast_leaf(leaf, dtype)) for name, value in probe.inputs.items()}
        if all(_same_dtypes(value, probe.inputs[name]) for name, value in inputs.items()):
            return expected
        return await self.session.probe(replace(probe, inputs=inputs), timeout_seconds=self.call_seconds)

    def _mistaken(self, mistake: Mistake, probe: Probe) -> Outcome:
        with contextlib.redirect_stdout(io.StringIO()), one_thread():
            outcome = call(mistake.implementation, replace(probe, forbids=()))
        if not isinstance(outcome, Returned | Raised):
            message = f"a call came back with {outcome}"
            raise TypeError(message)
        return _bare(outcome)

    def _require_allowed(self, reference: str, cells: Sequence[Cell]) -> None:
        question = self.question
        if unknown := unknown_names(question.forbids):
            raise AuthorError(file=question.file, question=question.name, problem=f"forbids names {', '.join(unknown)}: there is none", remedy="Correct it")
        code = [cell.source for cell in cells if cell.kind == "code"]
        for name, line in forbidden_uses(reference, code, question.forbids):
            raise AuthorError(
                file=self.notebook,
                question=question.name,
                problem=f"line {line} of its cell uses {name}, which it forbids",
                remedy="Change forbids or the solution",
            )

    def _fail(self, case: Case, problem: str, remedy: str) -> NoReturn:
        raise AuthorError(file=self.question.file, question=self.question.name, case=case.name, problem=problem, remedy=remedy)


def _require_clean(runs: Sequence[CellRun], *, file: str) -> None:
    for run in runs:
        if run.status not in ("ok", "skipped") and (run.status, run.message) != ("not run", ""):
            said = ": ".join(part for part in (run.error, run.message) if part) or run.status
            raise AuthorError(file=file, problem=f"cell {run.cell_id} does not run: {said}", remedy="The solution must run from top to bottom")


def _bundled_mistake(mistake: Mistake) -> BundledMistake:
    return BundledMistake(id=mistake.id, name=mistake.name, hint=mistake.hint, where=mistake.where, credit=mistake.credit, same_as=mistake.same_as)


def _bare(outcome: Outcome) -> Outcome:
    """Leave out what depends on the run."""
    return replace(outcome, seconds=0.0, frames=()) if isinstance(outcome, Raised) else replace(outcome, seconds=0.0)


def _fingerprint(outcome: Outcome) -> str:
    if isinstance(outcome, Raised):
        return outcome.types[0]
    mutated: Value = {name: value for name, value in outcome.mutated.items()}  # noqa: C416 - typed as a value
    return digest((outcome.value, mutated))


def _what_came(answer: Absent | TimedOut | Died | Malformed, entry: str) -> str:
    match answer:
        case Absent():
            return f"the solution notebook defines no `{entry}`"
        case TimedOut():
            return f"the reference takes more than {answer.limit_seconds:g} seconds"
        case Died():
            return f"the kernel was lost: {answer.reason}"
        case Malformed():
            return f"the reference's answer cannot be read: {answer.reason}"


def _coarsest(probe: Probe) -> str:
    """Return the floating-point dtype of lowest precision among the inputs."""
    dtypes = [leaf.data.dtype for value in probe.inputs.values() for leaf in tensors(value) if leaf.data.dtype.is_floating_point]
    coarsest = max(dtypes, key=lambda dtype: torch.finfo(dtype).eps, default=torch.float64)
    return str(coarsest).removeprefix("torch.")


def _cast_leaf(leaf: TensorLeaf, dtype: torch.dtype) -> TensorLeaf:
    return replace(leaf, data=leaf.data.to(dtype)) if leaf.data.dtype.is_floating_point else leaf


def _same_dtypes(one: Value, other: Value) -> bool:
    return [leaf.data.dtype for leaf in tensors(one)] == [leaf.data.dtype for leaf in tensors(other)]
