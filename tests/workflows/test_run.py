import asyncio
import json
import shutil
from pathlib import Path

import pytest

from grader.reports.json_result import read_result
from grader.results import Verdict
from grader.settings import load_settings
from grader.workflows.demo import demo
from grader.workflows.new import new_assignment
from grader.workflows.run import Progress, RunRequest, RunSummary, run

KILLED_AT_FIRST = "import os, pathlib, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course of one question, its bundle, and a class of ten."""
    folder = tmp_path_factory.mktemp("course")
    new_assignment("affine", solutions=folder / "solutions")
    asyncio.run(demo([], load_settings(folder), students=10, seed=0, out=folder / "class"))
    return folder


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


def keep_only(course: Path, *students: str) -> None:
    for folder in (course / "class").glob("student*"):
        if folder.name not in students:
            shutil.rmtree(folder)


def grade_all(course: Path, *, started: list[str] | None = None, slots: int = 2) -> RunSummary:
    progress = Progress(
        total=lambda _: None,
        building=lambda _: None,
        started=(started if started is not None else []).append,
        said=lambda _: None,
        graded=lambda _: None,
    )
    return asyncio.run(run(RunRequest(paths=(course / "class",)), load_settings(course, slots=slots), progress))


@pytest.mark.kernel
def test_each_result_says_how_long_its_stages_took_and_the_summary_has_them_all(course: Path) -> None:
    keep_only(course, "student00000", "student00001", "student00002")

    summary = grade_all(course)

    result = read_result(next((course / "reports").glob("*student00000*/result.json")))
    assert result.timings.keys() >= {"start", "fork", "sandbox", "kernel", "cells", "probes", "replay", "compare", "stop", "again", "report", "total"}
    lines = summary.stages.table().splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        *("fork", "sandbox", "kernel", "connect", "cells", "probes", "replay", "compare", "stop", "again", "report", "total")
    ]
    assert lines[-1].split()[-1] == "100.0%"


@pytest.mark.kernel
def test_the_log_has_a_line_for_each_submission_of_each_run(course: Path) -> None:
    keep_only(course, "student00000", "student00001", "student00002")

    grade_all(course)
    grade_all(course)

    log = (course / "reports" / "grader.log").read_text()
    assert all(log.count(f"student0000{number} affine: ") == 2 for number in range(3))
    assert "passed 2/2" in log


@pytest.mark.kernel
def test_what_lost_its_kernel_beside_others_is_graded_again_by_itself(course: Path) -> None:
    keep_only(course, "student00000", "student00001", "student00002")
    notebook = course / "class" / "student00000" / "affine.ipynb"
    said = json.loads(notebook.read_text())
    said["cells"][0]["source"] = KILLED_AT_FIRST
    said["cells"].insert(0, {"cell_type": "code", "source": KILLED_AT_FIRST, "metadata": {}, "outputs": [], "execution_count": None, "id": "killer"})
    notebook.write_text(json.dumps(said))
    started: list[str] = []

    grade_all(course, started=started)

    assert started.count("student00000") == 2
    assert started[-1] == "student00000"
    results = [read_result(path) for path in (course / "reports").glob("*/result.json")]
    assert [(result.score, result.verdict) for result in results if result.student == "student00000"] == [(2.0, Verdict.PASSED)]


@pytest.mark.kernel
def test_a_student_alone_in_a_run_gets_no_second_chance(course: Path) -> None:
    keep_only(course, "student00009")  # whose code crashes
    started: list[str] = []

    grade_all(course, started=started, slots=1)

    assert started == ["student00009"]
