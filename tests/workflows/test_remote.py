"""A real cluster: a scheduler and its workers, each a process of its own."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import ExecutionError
from grader.gradebook.book import Gradebook
from grader.notebooks.cells import Cell, CellOptions
from grader.notebooks.submission import Submission
from grader.reports.json_result import read_result
from grader.results import SubmissionResult
from grader.settings import Settings, Slurm, load_settings
from grader.workflows.demo import demo
from grader.workflows.new import new_assignment
from grader.workflows.run import run
from grader.workflows.run_request import Progress, RunRequest, RunSummary
from tests.scheduling.dask import ANY_PORT, scheduler, worker

dask = pytest.importorskip("dask", reason="needs the extra `cluster`")
distributed = pytest.importorskip("distributed", reason="needs the extra `cluster`")
remote = pytest.importorskip("grader.workflows.remote", reason="needs the extra `cluster`", exc_type=ImportError)
pytest.importorskip("dask_jobqueue")  # its defaults come first, so that they outlive a test's settings

pytestmark = pytest.mark.slow

STUDENTS = 7  # of whom none hangs


def test_a_submission_and_a_bundle_come_out_of_their_bytes_as_they_went_in() -> None:
    cells = (Cell(id="a", kind="code", source="x = '\ud800'", options=CellOptions(question="q")), Cell(id="b", kind="markdown", source="# B"))
    submission = Submission(student="ada", assignment="rnn", path="p", digest="d", cells=cells, answers={"q": "x"}, notes=("one", "two"), tampered=2)

    assert remote.unpack_submission(remote.pack_submission(submission)) == submission


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course with a class that has handed in."""
    folder = tmp_path_factory.mktemp("course")
    new_assignment("affine", solutions=folder / "solutions")
    asyncio.run(demo([], load_settings(folder), students=STUDENTS, seed=1, out=folder / "class"))
    return folder


@pytest.fixture
def settings(course: Path, tmp_path: Path) -> Settings:
    """Return settings of the course with reports and a gradebook of their own."""
    return load_settings(course, cluster="tcp://127.0.0.1:9").model_copy(update={"out": tmp_path / "reports", "gradebook": f"sqlite:///{tmp_path}/book.db"})


def grade(settings: Settings, graded: Callable[[SubmissionResult], None] = lambda _: None, said: Callable[[str], None] = lambda _: None) -> RunSummary:
    """Grade the class."""
    progress = Progress(total=lambda _: None, building=lambda _: None, started=lambda _: None, stopped=lambda _: None, said=said, graded=graded)
    return asyncio.run(run(RunRequest(paths=(settings.solutions.parent / "class",)), settings, progress))


def true_scores(settings: Settings) -> dict[str, float]:
    return {marks["student"]: marks["score"] for marks in json.loads((settings.solutions.parent / "class" / "truth.json").read_text())}


@pytest.mark.kernel
@pytest.mark.cluster
def test_a_worker_that_is_killed_costs_nothing_but_time(settings: Settings, tmp_path: Path) -> None:
    told: list[str] = []
    graded: Counter[str] = Counter()
    with scheduler(tmp_path) as (address, _), worker(address, tmp_path) as killed, worker(address, tmp_path):
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=120)

        def after_each(result: SubmissionResult) -> None:
            graded[result.student] += 1
            killed.kill()

        grade(settings.model_copy(update={"cluster": address}), after_each, told.append)

    truth = true_scores(settings)
    assert graded == Counter(truth.keys())
    results = {result.student: result.score for result in map(read_result, settings.out.glob("*/result.json"))}
    assert results == pytest.approx(truth)
    with Gradebook(settings.gradebook) as gradebook:
        assert {marked.student.key: marked.attempts for marked in gradebook.current()} == dict.fromkeys(truth, 1)
    assert told[1].startswith("Cluster: http")
    assert told[1].endswith("(2 workers so far)")


@pytest.mark.kernel
@pytest.mark.cluster
def test_when_the_scheduler_is_lost_what_was_graded_is_kept(settings: Settings, tmp_path: Path) -> None:
    graded: list[str] = []
    with scheduler(tmp_path) as (address, lost), worker(address, tmp_path):

        def after_each(result: SubmissionResult) -> None:
            graded.append(result.student)
            lost.kill()

        with pytest.raises(ExecutionError, match="scheduler is lost"):
            grade(settings.model_copy(update={"cluster": address}), after_each)

    assert 0 < len(graded) < STUDENTS
    assert (settings.out / "index.html").is_file()
    summary = grade(settings.model_copy(update={"cluster": ""}))
    assert summary.kept == len(graded)
    assert {result.student: result.score for result in summary.results} == pytest.approx(true_scores(settings))


SBATCH = """#!/bin/sh
cp "$1" {folder}/job.sh
setsid sh {folder}/job.sh > {folder}/job.log 2>&1 &
echo "$!" >> {folder}/begun
echo "Submitted batch job $!"
"""


@pytest.mark.kernel
@pytest.mark.cluster
@pytest.mark.slow
def test_jobs_of_slurm_are_asked_for_and_ended(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = {"sbatch": SBATCH.format(folder=tmp_path), "scancel": f'#!/bin/sh\necho "$1" >> {tmp_path}/ended\nkill -- "-$1"\n'}
    for name, script in commands.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    slurm = Slurm(partition="teaching", cores=2, memory="4GB", jobs=1, prologue=["export OMP_NUM_THREADS=1"])

    with dask.config.set(ANY_PORT):
        summary = grade(settings.model_copy(update={"cluster": "slurm", "slurm": slurm}))

    assert {result.student: result.score for result in summary.results} == pytest.approx(true_scores(settings))
    assert "#SBATCH -p teaching" in (tmp_path / "job.sh").read_text()
    assert set((tmp_path / "ended").read_text().split()) == set((tmp_path / "begun").read_text().split())


@pytest.mark.cluster
def test_where_no_scheduler_answers_the_address_is_named_before_and_after_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.scheduling.cluster.CONNECT_SECONDS", 1)
    told: list[str] = []

    async def connect() -> None:
        async with remote.remote_place(load_settings(tmp_path, cluster="tcp://127.0.0.1:9"), tier="none", said=told.append):
            pass

    with pytest.raises(ExecutionError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        asyncio.run(connect())
    assert told == ["Connecting to the Dask scheduler at tcp://127.0.0.1:9, for at most 60 s ..."]
