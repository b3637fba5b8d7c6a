import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from grader.errors import ExecutionError
from grader.scheduling.slots import LocalSlots
from grader.settings import Slurm
from tests.scheduling.dask import ANY_PORT, ENVIRONMENT, scheduler, worker

cluster = pytest.importorskip("grader.scheduling.cluster", reason="needs the extra `cluster`", exc_type=ImportError)
dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
pytest.importorskip("dask_jobqueue")  # its defaults come first, so that they outlive a test's settings

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def script_of_a_job(slurm: Slurm) -> list[str]:
    async def script() -> str:
        async with cluster.slurm_jobs(**slurm.model_dump(exclude={"jobs"})) as jobs:
            return str(jobs.job_script())

    with dask.config.set(ANY_PORT):
        return asyncio.run(script()).splitlines()


def test_a_job_of_slurm_asks_for_what_the_settings_say() -> None:
    slurm = Slurm(
        partition="teaching",
        gres="gpu:a100:2",
        cores=8,
        memory="64GB",
        walltime="00:30:00",
        extra=["--account=course"],
        prologue=["source venv/bin/activate"],
        python="python3",
    )

    *lines, command = script_of_a_job(slurm)

    assert "#SBATCH -p teaching" in lines
    assert "#SBATCH --gres=gpu:a100:2" in lines
    assert "#SBATCH --cpus-per-task=8" in lines
    assert "#SBATCH --mem=60G" in lines
    assert "#SBATCH -t 00:30:00" in lines
    assert "#SBATCH --account=course" in lines
    assert "source venv/bin/activate" in lines
    assert command.startswith("python3 -m distributed.cli.dask_worker tcp://")
    assert "--nthreads 8" in command
    assert "--resources GPU=2" in command


def test_a_job_without_gpus_gives_none() -> None:
    assert not any("GPU" in line or "gres" in line for line in script_of_a_job(Slurm()))


async def which(_: LocalSlots, shared: bytes, own: bytes) -> bytes:
    """Return the process that this runs in, and where in its memory the shared bytes lie."""
    return f"{os.getpid()} {id(shared)} {len(shared)} {own.decode()}".encode()


class PretendedGpuSlots(cluster.WorkerSlots):  # type: ignore[misc,name-defined]  # of the extra
    """Slots for workers with a GPU, which are nevertheless started on the processor: this machine may have none."""

    on_gpus = True


async def asked(where: str, slots: Any = None, *, times: int = 1) -> list[list[str]]:  # noqa: ANN401 - of the extra
    """Open a cluster and call `which` on it."""
    async with cluster.open_cluster(where, slots or cluster.WorkerSlots(tier=None, device="cpu")) as workers:
        calls = [workers.call(which, version="v1", shared=b"bundle", own=str(number).encode()) for number in range(times)]
        return [returned.decode().split() for returned in await asyncio.gather(*calls)]


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a cluster of two workers, of which one has a GPU to give, or says so."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(folder))
        stack.enter_context(worker(address, folder, "--name", "plain"))
        stack.enter_context(worker(address, folder, "--name", "gpu", "--resources", "GPU=1"))
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=120)
        yield address


def test_what_is_shared_is_sent_once_to_each_worker(two_workers: str) -> None:
    answers = asyncio.run(asked(two_workers, times=20))

    assert sorted(int(own) for _, _, _, own in answers) == list(range(20))
    processes = {process for process, _, _, _ in answers}
    assert len(processes) == 2
    assert len({(process, place) for process, place, _, _ in answers}) == len(processes)


def test_on_a_gpu_only_workers_that_have_one_are_asked(two_workers: str) -> None:
    answers = asyncio.run(asked(two_workers, PretendedGpuSlots(tier=None, device="cpu", gpu_memory_bytes=1), times=8))

    with distributed.Client(two_workers) as client:
        (of_gpu,) = [address for address, said in client.scheduler_info()["workers"].items() if said["resources"]]
        process = client.run(os.getpid, workers=[of_gpu])[of_gpu]
    assert {answer[0] for answer in answers} == {str(process)}


def test_where_no_worker_has_a_gpu_the_way_to_give_one_is_told(tmp_path: Path) -> None:
    with scheduler(tmp_path) as (address, _), worker(address, tmp_path):
        with distributed.Client(address) as client:
            client.wait_for_workers(1, timeout=120)

        with pytest.raises(ExecutionError, match=r"--resources GPU=1"):
            asyncio.run(asked(address, cluster.WorkerSlots(tier=None, device="cuda")))


def test_a_worker_with_another_grader_is_refused_also_when_it_comes_late(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text('import grader\n\ngrader.__version__ = "0.0.1"\n')

    with scheduler(tmp_path) as (address, _):

        async def call_before_it_comes() -> None:
            async with cluster.open_cluster(address, cluster.WorkerSlots(tier=None, device="cpu")) as workers:
                with worker(address, tmp_path, "--preload", str(tmp_path / "old.py")):
                    await workers.call(which, version="v1", shared=b"", own=b"")

        with pytest.raises(ExecutionError, match=r"it has grader 0\.0\.1, .* install the same on both"):
            asyncio.run(call_before_it_comes())


def test_a_scheduler_that_speaks_tls_needs_only_dask_s_own_settings(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=grader", "-days", "2"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)  # noqa: S603 - our own command
    tls = {"distributed.comm.tls.ca-file": str(certificate)}
    for role in ("scheduler", "worker", "client"):
        tls |= {f"distributed.comm.tls.{role}.key": str(key), f"distributed.comm.tls.{role}.cert": str(certificate)}
    environment = ENVIRONMENT | {f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": value for name, value in tls.items()}

    with (
        dask.config.set(tls),
        scheduler(tmp_path, "--protocol", "tls", environment=environment) as (address, _),
        worker(address, tmp_path, environment=environment),
    ):
        answers = asyncio.run(asked(address, times=1))

    assert address.startswith("tls://")
    assert len(answers) == 1
