import asyncio

import pytest

from grader.settings import Slurm

cluster = pytest.importorskip("grader.scheduling.cluster", reason="needs the extra `cluster`", exc_type=ImportError)


def test_a_job_of_slurm_asks_for_what_the_settings_say() -> None:
    slurm = Slurm(partition="teaching", cores=8, walltime="00:30:00", extra=["--account=course"], prologue=["source venv/bin/activate"])

    async def script_of_a_job() -> str:
        async with cluster.slurm_jobs(**slurm.model_dump(exclude={"jobs"})) as jobs:
            return str(jobs.job_script())

    script = asyncio.run(script_of_a_job())

    lines = script.splitlines()
    assert "#SBATCH -p teaching" in lines
    assert "#SBATCH --cpus-per-task=8" in lines
    assert "#SBATCH -t 00:30:00" in lines
    assert "#SBATCH --account=course" in lines
    assert "source venv/bin/activate" in lines
    assert "--nthreads 8" in lines[-1]
