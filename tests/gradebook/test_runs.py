"""Whole runs over one gradebook: killed and gone on with, and two at a time."""

import os
import select
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.gradebook.book import Gradebook
from tests.release.course import SETUP, write_course

RIGHT = "#| question: double\ndef double(X, word):\n    return X + X"
WRONG = "#| question: double\ndef double(X, word):\n    return X"
MARKS = {"ada": 2.0, "bob": 0.0, "cy": 2.0, "dee": 0.0}
TIMEOUT_SECONDS = 300
WAITING = """\
import os
if os.path.exists({gate!r}):
    with open({gate!r}, "w") as gate:
        gate.write("here")
    open({gate!r}).read()"""
"""Says that it runs and waits to be killed, as long as the gate is there."""

pytestmark = pytest.mark.parametrize("url", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])], indirect=True)


@pytest.fixture
def course(tmp_path: Path, url: str) -> Path:
    write_course(tmp_path / "solutions" / "steps")
    (tmp_path / "grader.toml").write_text(f'gradebook = "{url}"\nsandbox = "none"\n')
    for student, score in MARKS.items():
        waiting = [WAITING.format(gate=str(tmp_path / "gate"))] if student == "bob" else []
        hand_in(tmp_path / "submissions" / student / "steps.ipynb", SETUP, *waiting, RIGHT if score else WRONG)
    draft = tmp_path / "submissions" / "dee" / "draft.ipynb"
    hand_in(draft, SETUP, RIGHT)
    os.utime(draft, (0, 0))
    return tmp_path


def hand_in(path: Path, *cells: str) -> None:
    """Write a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(new_notebook(cells=[new_code_cell(cell) for cell in cells])))


def start(course: Path, *options: str) -> subprocess.Popen[str]:
    """Start a run."""
    command = [sys.executable, "-m", "grader", "run", "submissions", *options]
    return subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command


def run_and_kill(course: Path) -> None:
    """Start a run, and kill it, with no chance to tidy up, while it grades the notebook that waits, once another is written down."""
    gate = course / "gate"
    os.mkfifo(gate)
    reader = os.open(gate, os.O_RDONLY | os.O_NONBLOCK)
    running = start(course, "--slots", "2")
    ready, _, _ = select.select([reader], [], [], TIMEOUT_SECONDS)
    while running.poll() is None and not any(course.glob("reports/*--ada/result.json")):
        pass
    running.kill()
    said = running.communicate(timeout=TIMEOUT_SECONDS)
    gate.unlink()
    os.close(reader)
    assert ready, said


@pytest.mark.kernel
def test_a_run_that_is_killed_is_gone_on_with_and_gives_the_same_marks(course: Path, url: str) -> None:
    run_and_kill(course)

    with Gradebook(url) as gradebook:
        kept = {marked.student.key: marked.score for marked in gradebook.current()}
    assert kept["ada"] == 2.0
    assert "bob" not in kept

    again = start(course, "--slots", "1")
    out, err = again.communicate(timeout=TIMEOUT_SECONDS)

    assert (again.returncode, err) == (0, "")
    assert "unchanged since the last run" in out
    with Gradebook(url) as gradebook:
        assert {marked.student.key: marked.score for marked in gradebook.current()} == MARKS
        assert {marked.attempts for marked in gradebook.current()} == {1}
        assert {moved.student.key for moved in gradebook.diff().moved} == set(MARKS) - set(kept)


@pytest.mark.kernel
def test_two_runs_at_once_lose_nothing_and_write_only_what_counts_and_once(course: Path, url: str) -> None:
    running = [start(course, "--slots", "1", "--out", out) for out in ("one", "other")]

    said = [process.communicate(timeout=TIMEOUT_SECONDS)[1] for process in running]

    assert ([process.returncode for process in running], said) == ([0, 0], ["", ""])
    with Gradebook(url) as gradebook:
        assert {marked.student.key: marked.score for marked in gradebook.current()} == MARKS
        assert {marked.attempts for marked in gradebook.current()} == {1}
        assert [run.results for run in gradebook.runs()] == [4, 4]
    assert [len(list((course / out).glob("*/feedback.html"))) for out in ("one", "other")] == [5, 5]
