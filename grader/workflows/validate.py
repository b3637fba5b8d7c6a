"""`grader validate`: prove that an assignment's cases tell right from wrong before students see it."""

import ast
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import torch

from grader.errors import ReleaseError
from grader.execution.answers import Answer, Returned, Session
from grader.execution.sandbox.choose import choose_tier
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion, probe_of
from grader.grading.grade import grade
from grader.grading.judge import judge
from grader.grading.kill_matrix import KillMatrix, kill_matrix
from grader.grading.solution import solution_cells
from grader.grading.walk import map_tensors
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission
from grader.release.release import stale_files
from grader.reports.kill_matrix import MatrixColumn, MatrixRow, MatrixSection, MatrixTable
from grader.results import Verdict
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.values.codec import digest
from grader.values.tree import TensorLeaf, Value
from grader.workflows.course import find_assignments, load_bundle, open_session_for
from grader.workflows.release import public_questions

_SHORTEST_TELLING = 8


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What was found of one assignment: the kill matrix of each question, and sentences about what is wrong."""

    name: str
    matrices: tuple[KillMatrix, ...]
    problems: tuple[str, ...]

    def section(self) -> MatrixSection:
        """Return what people see of it."""
        return MatrixSection(assignment=self.name, tables=tuple(_table(matrix) for matrix in self.matrices), problems=self.problems)


async def validate(names: Sequence[str], settings: Settings, *, progress: Callable[[str], None]) -> list[Validation]:
    """Validate the named assignments, or all; `progress` is told the name of each as it begins.

    Raises:
        SettingsError: there is no such assignment.
        AuthorError: an assignment cannot be built.
        ExecutionError: no kernel can be started.
    """
    found = []
    async with LocalSlots(tier=choose_tier(settings.sandbox), count=1) as slots:
        for name, folder in find_assignments(settings.solutions, names).items():
            progress(name)
            bundle = await load_bundle(folder, slots, settings.cache)
            matrices = tuple(kill_matrix(question) for question in bundle.questions)
            problems = [
                *(problem for matrix in matrices for problem in _matrix_problems(matrix)),
                *(problem for question in bundle.questions for problem in _text_problems(question)),
                *await _run_problems(bundle, folder, slots),
                *_release_problems(bundle, folder, settings.assignments / name),
            ]
            found.append(Validation(name=name, matrices=matrices, problems=tuple(problems)))
    return found


def _table(matrix: KillMatrix) -> MatrixTable:
    columns = [
        MatrixColumn(number=number, name=case.name, group=case.group, teaching=case.teaching) for number, case in enumerate(matrix.question.cases, start=1)
    ]
    rows = [MatrixRow(id=kill.mistake.id, name=kill.mistake.name, caught_by=frozenset(kill.caught_by)) for kill in matrix.kills]
    return MatrixTable(question=matrix.question.name, title=matrix.question.title, columns=tuple(columns), rows=tuple(rows), hidden_only=matrix.hidden_only)


def _matrix_problems(matrix: KillMatrix) -> Iterator[str]:
    name = matrix.question.name
    for mistake in matrix.survivors:
        yield f"{name}: no case catches {mistake}"
    for one, other in matrix.alike:
        yield f"{name}: no case tells {one} from {other}; add one, or declare same_as"
    for mistake, recognised in matrix.misread:
        yield f"{name}: who makes {mistake} is told about {recognised or 'no mistake'}"
    for case in matrix.idle_cases:
        yield f"{name}: case {case!r} catches nothing alone; drop it, or mark it teaching=True"


def _text_problems(question: BundledQuestion) -> Iterator[str]:
    """Yield hints that hold an expression of the solution, and hidden cases that are a public one over again."""
    expressions = _telling_expressions(question.reference)
    for mistake in question.mistakes:
        text = "".join(f"{mistake.hint} {mistake.where}".split())
        for expression in expressions:
            if expression in text:
                yield f"{question.name}: the hint of {mistake.id} holds the solution's {expression}"
    public = {_fingerprint(case): case.name for case in question.cases if case.group == "public"}
    for case in question.cases:
        if case.group != "public" and _fingerprint(case) in public:
            yield f"{question.name}: hidden case {case.name!r} is public case {public[_fingerprint(case)]!r} over again"


def _telling_expressions(source: str) -> set[str]:
    """Return the operations and calls of a solution, without blanks: what a hint must not hold."""
    kinds = (ast.BinOp, ast.Call, ast.Compare, ast.Subscript)
    texts = ("".join(ast.unparse(node).split()) for node in ast.walk(ast.parse(source)) if isinstance(node, kinds))
    return {text for text in texts if len(text) >= _SHORTEST_TELLING}


def _fingerprint(case: BundledCase) -> str:
    inputs: Value = {name: value for name, value in case.inputs.items()}  # noqa: C416 - a copy with the wider type of keys
    return digest((case.driver, case.check, inputs))


async def _run_problems(bundle: Bundle, folder: Path, slots: LocalSlots) -> list[str]:
    """Return what is wrong when real kernels run the solution, the stub, and the cases in another order and precision."""

    def open_session() -> AbstractAsyncContextManager[Session]:
        return open_session_for(slots, bundle.limits)

    points = sum(question.points for question in bundle.questions)
    problems = []
    for what, cells, expected in (("the solution", solution_cells(folder), points), ("the untouched stub", bundle.pristine, 0.0)):
        submission = _handed_in(bundle, cells)
        results = [await grade(bundle, submission, open_session, clock=time.monotonic, now=datetime.now(UTC)) for _ in range(2)]
        if results[0].score != expected:
            lost = [question.name for question in results[0].questions if (question.score < question.points) == (expected > 0)]
            problems.append(f"{what} gets {results[0].score:g} of {points:g} points: look at {', '.join(lost)}")
        if [question.verdict for question in results[0].questions] != [question.verdict for question in results[1].questions]:
            problems.append(f"{what} is graded differently when it is graded again")
    async with open_session() as session:
        await session.run(solution_cells(folder))
        asked = [(question, case) for question in bundle.questions for case in question.cases]
        random.Random(bundle.version).shuffle(asked)  # noqa: S311 - an order, the same each time
        for question, case in asked:
            answer = await session.probe(probe_of(question, case), timeout_seconds=question.call_seconds)
            if judge(case, answer).verdict is not Verdict.PASSED:
                problems.append(f"{question.name}: the solution fails case {case.name!r} when the cases come in another order")
            if case.check is None and not await _passes_in_double(question, case, session):
                problems.append(f"{question.name}: the solution fails case {case.name!r} when its inputs are float64")
    return problems


async def _passes_in_double(question: BundledQuestion, case: BundledCase, session: Session) -> bool:
    """Whether the reference, called with float64 inputs, gives what is expected; a case that cannot be called so does not count."""
    inputs = {name: map_tensors(value, _double) for name, value in case.inputs.items()}
    answer: Answer = await session.probe(replace(probe_of(question, case), inputs=inputs), timeout_seconds=question.call_seconds)
    if not isinstance(answer, Returned):
        return True
    lenient = replace(case, allow=case.allow | {"wider float"}, may_mutate=frozenset(inputs))
    return judge(lenient, answer).verdict is Verdict.PASSED


def _double(leaf: TensorLeaf) -> TensorLeaf:
    return replace(leaf, data=leaf.data.to(torch.float64)) if leaf.data.dtype is torch.float32 else leaf


def _handed_in(bundle: Bundle, cells: Sequence[Cell]) -> Submission:
    answers = {cell.options.question: cell.source for cell in cells if cell.options.question is not None}
    return Submission(student="validation", assignment=bundle.name, path="", digest="", cells=tuple(cells), answers=answers)


def _release_problems(bundle: Bundle, folder: Path, destination: Path) -> Iterator[str]:
    try:
        stale = stale_files(folder, public_questions(bundle), destination)
    except ReleaseError as error:
        yield str(error)
        return
    if stale:
        yield f"the release is stale ({', '.join(stale)}): run `grader release {bundle.name}`"
