"""The course's own assignments, graded in this process."""

import asyncio
import importlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from grader.authoring.assignment import Assignment
from grader.authoring.load import load_assignment
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.grading.solution import solution_cells
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission
from grader.results import SubmissionResult
from tests.fakes import FakeKernels

Built = Callable[[str], Bundle]
ROOT = Path(__file__).parents[2]
TRAINED = frozenset({"train_ch8"})
"""Questions whose hidden cases train for seconds: here they are asked their public case, `grader validate` asks the others."""
NAMES = sorted(folder.name for folder in (ROOT / "solutions").glob("*/"))


def folder_of(name: str) -> Path:
    """Return the folder of an assignment."""
    return ROOT / "solutions" / name


@cache
def questions_of(name: str) -> Assignment:
    """Return an assignment as its author wrote it."""
    return load_assignment(folder_of(name))


def with_answer(name: str, question: str, source: str) -> Submission:
    """Return the solved notebook with one answer replaced."""
    return handed_in(name, [replace(cell, source=source) if cell.options.question == question else cell for cell in _answer_cells(name)])


@cache
def _answer_cells(name: str) -> tuple[Cell, ...]:
    """Return the cells that grading needs; those with `check` in them and the demonstrations do nothing for a mark."""
    return tuple(cell for cell in solution_cells(folder_of(name)) if cell.options.question is not None or (cell.options.locked and not cell.options.skip))


def handed_in(name: str, cells: Sequence[Cell]) -> Submission:
    """Return cells as a submission."""
    answers = {cell.options.question: cell.source for cell in cells if cell.options.question is not None}
    return Submission(student="somebody", assignment=name, path="", digest="", cells=tuple(cells), answers=answers)


def only(bundle: Bundle, question: str) -> Bundle:
    """Return the bundle with a question and those that depend on it, which is all that its answer can touch."""
    touched = {question}
    for one in bundle.questions:
        if touched & set(one.depends_on) and one.name not in TRAINED:
            touched.add(one.name)
    kept = [replace(one, depends_on=tuple(name for name in one.depends_on if name in touched)) for one in bundle.questions if one.name in touched]
    return replace(bundle, questions=tuple(kept))


def lost_points(result: SubmissionResult) -> list[str]:
    """Return the questions that did not get all their points."""
    return [one.name for one in result.questions if one.score < one.points]


def table_of(kind: str, name: str) -> dict[str, dict[str, str]]:
    """Return the table of sources, by question and description, that tests/course/<kind>/ has for an assignment."""
    module = importlib.import_module(f"tests.course.{kind}.{name.partition('-')[2].replace('-', '_')}")
    table: dict[str, dict[str, str]] = module.SOURCES
    return table


def graded(bundle: Bundle, submission: Submission) -> SubmissionResult:
    """Grade trusted code in this process."""
    results: list[SubmissionResult] = []

    async def keep() -> None:  # asyncio writes out what its main task returns, which takes longer than grading
        results.append(await grade(bundle, submission, FakeKernels().open, clock=time.monotonic, now=datetime.now(UTC)))

    asyncio.run(keep())
    return results[0]
