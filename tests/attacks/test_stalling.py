"""Notebooks that are made to be read for ever: one that holds the grader up would take the time of all others."""

import asyncio
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

import pytest
import torch

from grader.execution.answers import CellRun, Returned
from grader.grading.forbids import forbidden_uses
from grader.grading.generic import read_returned
from grader.grading.judge import judge
from grader.intake.assemble import assemble
from grader.intake.read import RawCell, RawNotebook
from grader.notebooks.cells import read_options
from grader.notebooks.syntax import parse_cell, syntax_error_line
from grader.results import Differing, Verdict
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


@pytest.mark.parametrize(
    "cell", ["import " + "a." * 20_000 + "b", "x = 1; from a" + ".\\\n a" * 15_000 + " import c", "import os, " + "\u2118." * 20_000 + "b"]
)
def test_a_name_of_very_many_parts_does_not_fill_the_grader_s_memory(cell: str) -> None:
    """Python's parser takes 400 MB for the first, and for five times as much twenty-five times that."""
    for read in (parse_cell, syntax_error_line):
        assert most_memory(lambda read=read: read(cell)) < 20_000_000  # type: ignore[misc] # the loop's own


def test_of_an_import_as_anybody_writes_it_the_wrong_line_is_told() -> None:
    assert syntax_error_line("import torch.nn.functional as F\nfrom torch import (\n") == 2


@pytest.mark.parametrize(
    "cell",
    [
        f"from {'a' * 40_000} import {','.join(f'a as b{number}' for number in range(4500))}",
        "\n".join(f"a{number + 1} = a{number}.{'a' * 10}" for number in range(4000)),
    ],
    ids=["of a long one", "of one another"],
)
def test_very_many_long_names_do_not_either(cell: str) -> None:
    notebook = ["import torch as a0", cell]

    assert most_memory(lambda: forbidden_uses(cell, notebook, ["torch.nn.RNN"])) < 50_000_000


def most_memory(work: Callable[[], object]) -> int:
    """Return how many bytes some work takes at most at a time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(2**40, 0), (2**24, 2**24)])
def test_a_check_never_goes_through_an_answer_of_a_billion_rows(shape: tuple[int, ...]) -> None:
    """Without data it is a few bytes on its way, and as tensors one by one more than any memory."""
    got = TensorLeaf(data=torch.empty(shape, device="meta"), device="meta")
    case = checked("def check(got, X):\n    return None\n")

    assert judge(case, Returned(value=[1.0, 2.0])).verdict is Verdict.PASSED
    assert judge(case, Returned(value=[got])).verdict is Verdict.FAILED


def test_an_answer_of_many_small_numbers_is_not_made_of_wide_ones() -> None:
    """One of 64 MiB, a byte a number, would take 512; this one takes one byte, and would take eight terabytes."""
    expected, got = TensorLeaf(data=torch.ones(3)), TensorLeaf(data=torch.zeros((), dtype=torch.uint8).expand(2**40))

    assert read_returned(checked(""), Returned(value=expected), Returned(value=got), Differing(kind="shape", message="")) is None


@pytest.mark.kernel
def test_who_is_done_in_time_is_not_late_because_the_grader_is_held_up(lab: Lab) -> None:
    async def work() -> list[CellRun]:
        async with lab.session(cell=0.5) as session:
            asyncio.get_running_loop().call_later(0.05, time.sleep, 0.8)
            return await session.run(cells("import time; time.sleep(0.1)"))

    assert [run.status for run in lab.do(work())] == ["ok"]
