"""Notebooks that are made to be read for ever: one that holds the grader up would take the time of all others."""

import asyncio
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import pytest
import torch

from grader.execution.answers import CellRun, Returned
from grader.grading.forbids import forbidden_uses
from grader.grading.judge import judge
from grader.intake.assemble import assemble
from grader.intake.read import RawCell, RawNotebook
from grader.notebooks.cells import read_options
from grader.notebooks.syntax import parse_cell
from grader.results import Verdict
from grader.values.tree import TensorLeaf
from tests.attacks.checked import checked
from tests.execution.lab import Lab, cells
from tests.grading.assignments import pristine

_CPU_SECONDS = 5

MANY_NAMES = ["import " + ", ".join(f"os as {letter}{number}" for number in range(7000)) for letter in "abcdef"]


@pytest.fixture
def patience() -> Iterator[None]:
    """End what computes for longer than any of these may take on a slow machine; without what stops them they take minutes to hours."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        message = f"still at it after {_CPU_SECONDS} seconds"
        raise TimeoutError(message)

    usual = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, _CPU_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, usual)


@pytest.mark.usefixtures("patience")
def test_an_option_with_a_blank_half_a_million_times_is_read() -> None:
    line = f"#| grade: x{' ' * 500_000}x"
    raw = RawNotebook(cells=(RawCell(source=f"{line}\nx = 1"), RawCell(kind="markdown", source=line)))
    submission = assemble(raw, pristine(), entries={}, student="eve", assignment="small", path="eve.ipynb", digest="")

    assert read_options(f"#| grade: skip{' ' * 500_000}").skip
    assert [cell.options.skip for cell in submission.cells[-2:]] == [False, False]


def test_of_a_cell_that_is_all_options_the_first_hundred_count() -> None:
    assert read_options("#| a\n" * 99 + "#| locked").locked
    assert not read_options("#| a\n" * 100_000 + "#| locked").locked


@pytest.mark.usefixtures("patience")
def test_a_cell_of_empty_lines_is_read() -> None:
    assert len(parse_cell("\n" * 99_000 + "x = 1")) == 1
    assert len(parse_cell("\n" * 99_000 + "  %time x = 1")) == 0


@pytest.mark.parametrize(
    "cell",
    [
        f"y = {','.join(['lambda:0'] * 11_000)}",
        f"y = {'lambda: ' * 150}0\n" * 80,
        "\n".join([f"torch{'.a' * 400}"] * 120),
    ],
    ids=["many functions among many names", "functions in functions", "attributes of attributes"],
)
@pytest.mark.usefixtures("patience")
def test_looking_for_what_is_forbidden_ends(cell: str) -> None:
    notebook = ["from torch import *", *MANY_NAMES, cell]

    assert forbidden_uses(cell, notebook, ["torch.nn.RNN", "torch.nn.GRU"]) == []


@pytest.mark.parametrize("shape", [(2**40, 0), (2**24, 2**24)])
def test_a_check_never_goes_through_an_answer_of_a_billion_rows(shape: tuple[int, ...]) -> None:
    """Without data it is a few bytes on its way, and as tensors one by one more than any memory."""
    got = TensorLeaf(data=torch.empty(shape, device="meta"), device="meta")
    case = checked("def check(got, X):\n    return None\n")

    assert judge(case, Returned(value=[1.0, 2.0])).verdict is Verdict.PASSED
    assert judge(case, Returned(value=[got])).verdict is Verdict.FAILED


@pytest.mark.kernel
def test_who_is_done_in_time_is_not_late_because_the_grader_is_held_up(lab: Lab) -> None:
    async def work() -> list[CellRun]:
        async with lab.session(cell=0.5) as session:
            asyncio.get_running_loop().call_later(0.05, time.sleep, 0.8)
            return await session.run(cells("import time; time.sleep(0.1)"))

    assert [run.status for run in lab.do(work())] == ["ok"]
