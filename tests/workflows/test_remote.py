"""A real cluster: a scheduler and two workers, each a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import ExecutionError
from grader.notebooks.cells import Cell, CellOptions
from grader.notebooks.submission import Submission
from grader.reports.json_result import read_result
from grader.results import SubmissionResult
from grader.settings import load_settings
from grader.workflows.demo import demo
from grader.workflows.new import new_assignment
from grader.workflows.run import Progress, RunRequest, run

distributed = pytest.importorskip("distributed", reason="needs the extra `cluster`")
remote = pytest.importorskip("grader.workflows.remote", reason="needs the extra `cluster`", exc_type=ImportError)

STUDENTS = 8


def test_a_submission_and_a_bundle_come_out_of_their_bytes_as_they_went_in() -> None:
    cells = (Cell(id="a", kind="code", source="x = '\ud800'", options=CellOptions(question="q")), Cell(id="b", kind="markdown", source="# B"))
    submission = Submission(student="ada", assignment="rnn", path="p", digest="d", cells=cells, answers={"q": "x"}, notes=("one", "two"), tampered=2)

    assert remote.unpack_submission(remote.pack_submission(submission)) == submission


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cluster")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}

    def start(kind: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *arguments]
        return subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603 - dask's own

    with start("scheduler", "--host", "127.0.0.1", "--port", "0") as serving:
        assert serving.stdout is not None
        address = next(line.split()[-1] for line in serving.stdout if "Scheduler at:" in line)
        with start("worker", address, "--nworkers", "2", "--nthreads", "1", "--local-directory", str(folder)) as working:
            yield address
            working.terminate()
        serving.terminate()


def pids_of_workers(scheduler: str) -> list[int]:
    with distributed.Client(scheduler) as client:
        client.wait_for_workers(2, timeout=120)
        return list(client.run(os.getpid).values())


@pytest.mark.kernel
@pytest.mark.cluster
def test_a_worker_that_is_killed_costs_nothing_but_time(scheduler: str, tmp_path: Path) -> None:
    new_assignment("affine", solutions=tmp_path / "solutions")
    truth = asyncio.run(demo([], load_settings(tmp_path), students=STUDENTS, seed=1, out=tmp_path / "class"))
    workers = pids_of_workers(scheduler)
    told: list[str] = []
    killed: list[int] = []
    graded: Counter[str] = Counter()

    def after_each(result: SubmissionResult) -> None:
        graded[result.student] += 1
        if not killed:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    progress = Progress(total=lambda _: None, building=lambda _: None, started=lambda _: None, said=told.append, graded=after_each)
    settings = load_settings(tmp_path, cluster=scheduler)
    summary = asyncio.run(run(RunRequest(paths=(tmp_path / "class",)), settings, progress))

    assert len(killed) == 1
    assert graded == Counter(marks.student for marks in truth)
    assert len(summary.results) == STUDENTS
    results = {result.student: result for result in map(read_result, settings.out.glob("*/result.json"))}
    assert {student: result.score for student, result in results.items()} == pytest.approx({marks.student: marks.score for marks in truth})
    assert told[0].startswith("Cluster: ")


@pytest.mark.cluster
def test_where_no_scheduler_answers_the_address_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.scheduling.cluster._CONNECT_SECONDS", 1)

    async def connect() -> None:
        async with remote.remote_place(load_settings(tmp_path, cluster="tcp://127.0.0.1:9"), tier="none", device="cpu"):
            pass

    with pytest.raises(ExecutionError, match=r"tcp://127\.0\.0\.1:9"):
        asyncio.run(connect())
