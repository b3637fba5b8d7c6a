"""A small assignment as an author would write it, and submissions for it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from grader.grading.build import build_bundle
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.notebooks.cells import Cell, read_options
from grader.notebooks.submission import Submission
from grader.results import QuestionResult, SubmissionResult
from tests.fakes import FakeClock, FakeKernels

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

IMPORTS = "#| locked\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"

SOLUTIONS = {
    "scale": "#| question: scale\ndef scale(X, factor):\n    return X * factor if factor > 0 else torch.zeros_like(X)\n",
    "shift": "#| question: shift\ndef shift(X):\n    return scale(X, 2.0) + 1\n",
    "total": "#| question: total\ndef total(X):\n    return shift(X).sum()\n",
    "root": "#| question: root\ndef root(number):\n    if number < 0:\n        raise ValueError('negative')\n    return number ** 0.5\n",
    "pick": "#| question: pick\nanswers = {'C1': 'a', 'C2': 'b'}\n",
}

STUBS = {
    "scale": "#| question: scale\ndef scale(X, factor):\n    # YOUR CODE HERE\n    raise NotImplementedError\n",
    "shift": "#| question: shift\ndef shift(X):\n    # YOUR CODE HERE\n    raise NotImplementedError\n",
    "total": "#| question: total\ndef total(X):\n    # YOUR CODE HERE\n    raise NotImplementedError\n",
    "root": "#| question: root\ndef root(number):\n    # YOUR CODE HERE\n    raise NotImplementedError\n",
    "pick": "#| question: pick\nanswers = {'C1': None, 'C2': None}\n",
}

QUESTIONS = '''
import torch

from grader.authoring import Assignment, Case, Failure

assignment = Assignment(title="A small assignment")


@assignment.question("scale", points=10, forbids=["torch.mul", "torch.nn.functional"])
def scale(draw):
    """Scaling a matrix."""
    yield Case("two rows", public=True, X=draw.normal(2, 3).requires_grad_(), factor=3.0)
    yield Case("one row", X=draw.normal(1, 3), factor=0.5)
    yield Case("float32", X=draw.normal(2, 2, dtype=torch.float32), factor=1.5)
    yield Case("a factor below 0", edge=True, X=draw.normal(2, 3), factor=-1.0)


@scale.mistake("S01", hint="The factor is added.", where="Which operation is asked for?", credit=0.5)
def adds(X, factor):
    return X + factor if factor > 0 else torch.zeros_like(X)


@scale.mistake("S02", hint="The factor may be negative.", where="What happens below 0?")
def forgets_negative_factors(X, factor):
    return X * factor


@scale.mistake("S03", hint="No gradient.", where="What cuts the graph?")
def detaches(X, factor):
    return (X * factor if factor > 0 else torch.zeros_like(X)).detach()


@scale.mistake("S04", hint="Another dtype.", where="What decides the dtype?")
def always_double(X, factor):
    return (X * factor if factor > 0 else torch.zeros_like(X)).double()


@scale.mistake("S05", hint="X changes.", where="What does an underscore at the end do?")
def works_in_place(X, factor):
    with torch.no_grad():
        X.mul_(factor if factor > 0 else 0)
    return X * 1


@scale.mistake("S06", hint="Also added.", where="Which operation is asked for?", same_as="S01")
def adds_too(X, factor):
    return factor + X if factor > 0 else X - X


@scale.mistake("S07", hint="The shapes do not meet.", where="Is it a matrix product?")
def multiplies_matrices(X, factor):
    return X @ X


@assignment.question("shift", points=4, depends_on=["scale"])
def shift(draw):
    """Scaling and shifting."""
    yield Case("two rows", public=True, X=draw.normal(2, 3))
    yield Case("one row", X=draw.normal(1, 3))


@shift.mistake("H01", hint="Nothing is shifted.", where="What is added?")
def does_not_shift(X):
    return X * 2


@assignment.question("total", points=2, depends_on=["shift"])
def total(draw):
    """A sum over everything."""
    yield Case("two rows", public=True, X=draw.normal(2, 3))


@total.mistake("T01", hint="The shapes do not meet.", where="Is it a matrix product?")
def multiplies(X):
    return X @ X


@assignment.question("root", points=2)
def root(draw):
    """A square root with an error."""
    yield Case("below 0", edge=True, raises=ValueError, number=-1.0)
    yield Case("nine", public=True, number=9.0)


@root.mistake("Q01", hint="Nothing is checked.", where="What has no root?")
def does_not_check(number):
    return abs(number) ** 0.5


def pick_one(entry, item):
    return entry[item]


def sorted_items(entry):
    return sorted(entry)


@assignment.question("pick", points=2, entry="answers")
def pick(draw):
    """Multiple choice."""
    yield Case("all items are there", public=True, driver=sorted_items)
    yield Case("C1", points=1, driver=pick_one, item="C1")
    yield Case("C2", points=1, driver=pick_one, item="C2")
'''


def cells_of(sources: Sequence[str]) -> tuple[Cell, ...]:
    """Return code cells in order."""
    return tuple(Cell(id=f"c{number}", kind="code", source=source, options=read_options(source)) for number, source in enumerate(sources))


def pristine() -> tuple[Cell, ...]:
    """Return the small assignment's cells as students got them."""
    return cells_of([IMPORTS, *STUBS.values()])


def write_assignment(folder: Path, *, questions: str = QUESTIONS, sources: Sequence[str] = (IMPORTS, *SOLUTIONS.values())) -> Path:
    """Write an author's folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questions.py").write_text(questions)
    cells = [new_code_cell(source, id=f"s{number}") for number, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells), folder / f"{folder.name}.ipynb")
    return folder


def build(folder: Path, *, stubs: Sequence[str] = (IMPORTS, *STUBS.values())) -> Bundle:
    """Build the bundle of a folder in this process."""
    return asyncio.run(build_bundle(folder, FakeKernels().open, pristine=cells_of(stubs)))


def submission_of(
    answers: Mapping[str, str | None] | None = None, *, own: Sequence[str] = (), base: Mapping[str, str] | None = None, student: str = "ada"
) -> Submission:
    """Return a submission that is right but for `answers`; an answer that is None has no cell, `own` cells come at the end."""
    sources = {**(SOLUTIONS if base is None else base), **(answers or {})}
    present = {name: source for name, source in sources.items() if source is not None}
    cells = cells_of([IMPORTS, *present.values(), *own])
    return Submission(student=student, assignment="small", path=f"{student}/small.ipynb", digest="0" * 64, cells=cells, answers=present)


def grade_now(bundle: Bundle, submission: Submission, kernels: FakeKernels | None = None, clock: FakeClock | None = None) -> SubmissionResult:
    """Grade in this process."""
    return asyncio.run(grade(bundle, submission, (kernels or FakeKernels()).open, clock=clock or FakeClock(), now=NOW))


def question_in(result: SubmissionResult, name: str) -> QuestionResult:
    """Return one question's record."""
    return next(question for question in result.questions if question.name == name)


def marked(source: str, question: str) -> str:
    """Return an answer cell for a question."""
    return f"#| question: {question}\n{source}"


def with_limits(bundle: Bundle, total_seconds: float) -> Bundle:
    """Return the bundle with another time for the whole notebook."""
    return replace(bundle, limits=replace(bundle.limits, total_seconds=total_seconds))
