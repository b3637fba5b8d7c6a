import asyncio
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from grader.errors import OutputError
from grader.grading.grade import log_problem
from grader.intake import submission as submissions
from grader.intake.layouts import Found
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission
from grader.reports.json_result import read_result
from grader.results import Verdict
from grader.scheduling import slots as local
from grader.settings import load_settings
from grader.workflows.demo import demo
from grader.workflows.new import new_assignment
from grader.workflows.run import run
from grader.workflows.run_log import run_log
from grader.workflows.run_request import Progress, RunRequest, RunSummary
from tests.execution.gpus import pretended_gpu

FULL_GPU = """#| question: affine
import torch

def affine(*args, **kwargs):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
"""
STARVED = """#| question: affine
import os

def affine(*args, **kwargs):
    for number in range(60):
        if os.fork() == 0:
            os.setsid()
            break
    while True: pass
"""
KILLED_AT_FIRST = "import os, pathlib, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"

pytestmark = pytest.mark.usefixtures("warm")


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


def grade_all(course: Path, *, started: list[str] | None = None, stopped: Callable[[str], None] = lambda _: None, slots: int = 2) -> RunSummary:
    progress = Progress(
        total=lambda _: None,
        building=lambda _: None,
        started=(started if started is not None else []).append,
        stopped=stopped,
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
def test_a_slot_has_one_kernel_at_a_time_and_what_a_submission_waits_for_it_is_none_of_its_time(course: Path) -> None:
    started: list[str] = []
    in_slots: list[int] = []
    ended = 0.0

    def stopped(_: str) -> None:
        nonlocal ended
        in_slots.append(len(started) - len(in_slots))
        ended = time.monotonic()

    began = time.monotonic()
    grade_all(course, started=started, stopped=stopped, slots=1)

    totals = [read_result(path).timings.get("total", 0.0) for path in (course / "reports").glob("*/result.json")]
    assert len(in_slots) == len(started) >= 10
    assert set(in_slots) == {1}
    assert 0 < sum(totals) < ended - began + max(totals)


@pytest.mark.kernel
def test_a_file_of_a_year_that_no_calendar_has_is_graded_as_handed_in_now(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_only(course, "student00000", "student00001")
    stat = Path.stat

    def of_another_age(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = stat(path, follow_symlinks=follow_symlinks)
        if "student00000" not in path.parts:
            return found
        return os.stat_result([*found[:8], 10**12, found[9]])  # not every file system takes such a time

    monkeypatch.setattr(Path, "stat", of_another_age)

    assert len(grade_all(course).results) == 2


@pytest.mark.kernel
def test_what_nobody_foresaw_in_one_submission_is_told_and_costs_no_other(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_only(course, "student00000", "student00001", "student00002")
    read = submissions.read_submission

    def trips(found: Found, *, pristine: Mapping[str, Sequence[Cell]], entries: Mapping[str, Mapping[str, str]]) -> Submission:
        if found.student == "student00001":
            raise LookupError(found.path)
        return read(found, pristine=pristine, entries=entries)

    with monkeypatch.context() as patched:
        patched.setattr("grader.workflows.run.read_submission", trips)
        summary = grade_all(course)

    told = {result.student: result for result in summary.results}
    assert told["student00001"].verdict is Verdict.OURS
    assert told["student00001"].message == "grader tripped over this submission (LookupError); the log says where"
    assert {told[name].verdict for name in ("student00000", "student00002")} <= {Verdict.PASSED, Verdict.FAILED, Verdict.MISSING}
    assert "LookupError(" in (course / "reports" / "grader.log").read_text()

    again = {result.student: result.verdict for result in grade_all(course).results}
    assert again["student00001"] in {Verdict.PASSED, Verdict.FAILED, Verdict.MISSING}


@pytest.mark.kernel
def test_the_log_has_a_line_for_each_submission_of_each_run(course: Path) -> None:
    keep_only(course, "student00000", "student00001", "student00002")

    grade_all(course)
    grade_all(course)

    log = (course / "reports" / "grader.log").read_text()
    assert all(log.count(f"student0000{number} affine: ") == 2 for number in range(3))
    assert "passed 2/2" in log


def test_the_log_is_not_written_through_a_link_that_a_student_may_have_left_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("mine\n")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "grader.log").symlink_to(tmp_path / "profile")

    with pytest.raises(OutputError, match=r"reports/grader\.log is a link"), run_log(tmp_path / "reports" / "grader.log"):
        log_problem(LookupError())

    assert (tmp_path / "profile").read_text() == "mine\n"


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
@pytest.mark.long
@pytest.mark.skipif((os.cpu_count() or 1) > 16, reason="sixty processes leave a processor free")
def test_who_had_no_processor_in_their_time_is_graded_again_by_themselves(course: Path) -> None:
    keep_only(course, "student00000", "student00001", "student00002")
    answer(course, "student00000", STARVED)
    started: list[str] = []

    grade_all(course, started=started)

    assert started.count("student00000") == 2
    assert started[-1] == "student00000"


def answer(course: Path, student: str, source: str) -> None:
    """Let this be a student's answer."""
    notebook = course / "class" / student / "affine.ipynb"
    said = json.loads(notebook.read_text())
    for cell in said["cells"]:
        if "def affine" in cell["source"]:
            cell["source"] = source
    notebook.write_text(json.dumps(said))


async def no_cuda(_: object) -> None:
    """Start nothing: the GPU is not there."""


@pytest.mark.kernel
def test_who_runs_out_of_a_gpu_s_memory_gets_one_more_try_alone_and_a_clear_sentence(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_only(course, "student00000", "student00001", "student00002")
    answer(course, "student00000", FULL_GPU)
    monkeypatch.setattr(local, "choose_gpus", lambda _: (pretended_gpu(),))
    monkeypatch.setattr(local, "_require_cuda", no_cuda)
    started: list[str] = []

    grade_all(course, started=started)

    assert started.count("student00000") == 2
    assert started[-1] == "student00000"
    results = {result.student: result for result in (read_result(path) for path in (course / "reports").glob("*/result.json"))}
    assert results["student00000"].score == 0
    assert {case.verdict for case in results["student00000"].questions[0].cases} == {Verdict.ERROR}
    said = {case.group: case.message for case in results["student00000"].questions[0].cases}
    assert said["public"].endswith("(your code used more GPU memory than its share of 4 GiB)")
    assert said["hidden"] == "your code used more GPU memory than its share"
    assert {result.environment["gpu memory"] for result in results.values()} == {"4 of 80 GiB"}
    assert results["student00002"].score == 2


@pytest.mark.kernel
def test_on_the_cpu_nobody_runs_out_of_a_gpu_s_memory(course: Path) -> None:
    keep_only(course, "student00000", "student00001")
    answer(course, "student00000", FULL_GPU)
    started: list[str] = []

    grade_all(course, started=started)

    assert started.count("student00000") == 1


@pytest.mark.kernel
def test_a_student_alone_in_a_run_gets_no_second_chance(course: Path) -> None:
    keep_only(course, "student00009")  # whose code crashes
    started: list[str] = []

    grade_all(course, started=started, slots=1)

    assert started == ["student00009"]
