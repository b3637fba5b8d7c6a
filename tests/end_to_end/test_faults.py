"""Runs that are interrupted or killed in the middle: what was graded is kept, nothing stays behind, and the next run goes on."""

import contextlib
import csv
import os
import re
import shutil
import signal
from pathlib import Path

import nbformat
import pytest

from grader.execution.sandbox.processes import descendants
from tests.end_to_end.command import SUBMISSIONS, Course, make_course
from tests.end_to_end.watched import Watched, watched

STUDENTS = 24

pytestmark = [pytest.mark.kernel, pytest.mark.long]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for number in range(STUDENTS):
        folder = tmp_path / "submissions" / f"s{number:02}"
        folder.mkdir(parents=True)
        shutil.copy(SUBMISSIONS / "ada" / "01-sequences.ipynb", folder)
    return make_course(tmp_path)


def results(course: Course) -> int:
    return len(list(course.out.glob("*/result.json")))


def assert_goes_on(course: Course) -> None:
    """The next run takes over what was graded, and grades the rest."""
    before = results(course)
    assert 0 < before < STUDENTS

    again = course.grader("run", "submissions")

    kept = re.search(r"(\d+) unchanged since the last run", again.stdout)
    assert kept is not None, again.stdout + again.stderr
    assert before <= int(kept[1]) < STUDENTS
    assert again.returncode == 0
    assert again.stdout.count("14/14") == STUDENTS


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_a_run_and_leaves_nothing_behind(course: Course, times: int) -> None:
    with watched(course, "run", "submissions", "--slots", "2") as run:
        run.wait_for(lambda: results(course))
        for _ in range(times):
            run.interrupt()
        code, said = run.end()

        assert run.left() == []
    assert code == 130
    assert "interrupted; what was graded is kept, and the next run goes on from there" in said
    assert "Traceback" not in said
    assert_goes_on(course)


def test_two_runs_over_the_same_class_at_once_agree(course: Course) -> None:
    with watched(course, "run", "submissions") as one, watched(course, "run", "submissions") as other:
        ends = [run.end() for run in (one, other)]

        assert [run.left() for run in (one, other)] == [[], []]
    for code, said in ends:
        assert code == 0, said
        assert said.count("14/14") == STUDENTS
    assert len(course.results()) == STUDENTS
    marks = csv.DictReader(course.grader("export", "csv").stdout.removeprefix("\ufeff").splitlines())
    assert sorted((mark["student"], float(mark["score"])) for mark in marks) == [(f"s{number:02}", 14.0) for number in range(STUDENTS)]


def test_a_grader_that_is_killed_keeps_what_was_graded(course: Course) -> None:
    with watched(course, "run", "submissions", "--slots", "2") as run:
        run.wait_for(lambda: results(course))
        os.kill(run.process, signal.SIGKILL)
        code, _ = run.end()

    assert code == -signal.SIGKILL
    assert_goes_on(course)


def test_a_warm_process_that_is_killed_costs_no_mark(course: Course) -> None:
    with watched(course, "run", "submissions", "--slots", "2") as run:
        run.wait_for(lambda: results(course))
        os.kill(warm_process(run), signal.SIGKILL)
        code, said = run.end()

        assert run.left() == []
    assert code == 0, said
    assert said.count("14/14") == STUDENTS


@pytest.mark.parametrize("slots", ["1", "2"])
def test_keepers_that_are_killed_cost_no_mark(course: Course, slots: str) -> None:
    let_answers_wait(course, students=4)
    with watched(course, "run", "submissions", "--slots", slots) as run:
        for _ in range(2):
            for keeper in run.wait_for(lambda: keepers(run)):
                os.kill(keeper, signal.SIGKILL)
        code, said = run.end()

        assert run.left() == []
    assert code == 0, said
    assert said.count("14/14") == STUDENTS


def test_an_interrupted_run_that_was_forced_says_what_it_left_alone(course: Course) -> None:
    course.grader("run", "submissions")
    before = {result.graded_at for result in course.results().values()}
    with watched(course, "run", "submissions", "--force", "--slots", "1") as run:
        run.wait_for(lambda: {result.graded_at for result in course.results().values()} - before)
        run.interrupt()
        code, said = run.end()

    assert code == 130
    assert "All others keep their earlier marks until they are graded with --force again" in said


def warm_process(run: Watched) -> int:
    """Return the zygote, which bubblewrap starts."""
    return next(process for process in descendants(run.process) if Path(f"/proc/{process}/comm").read_text().startswith("python"))


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def let_answers_wait(course: Course, *, students: int) -> None:
    """Let some students' answers wait for a process, so that one can see from outside that they are running."""
    for path in sorted((course.folder / "submissions").rglob("*.ipynb"))[:students]:
        notebook = nbformat.read(path, as_version=4)
        answer = next(cell for cell in notebook.cells if "def one_hot" in cell.source)
        answer.source += "\nimport subprocess\nsubprocess.run(['sleep', '1'])"
        nbformat.write(notebook, path)


def keepers(run: Watched) -> list[int]:
    """Return the keepers whose kernel's code waits for a process."""
    with contextlib.suppress(OSError, StopIteration):  # one has ended meanwhile, or none is there yet
        return [keeper for keeper in children(warm_process(run)) if len(descendants(keeper)) > 1]
    return []
