"""Dask's own processes, as a person starts them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
ANY_PORT = {"jobqueue.slurm.scheduler-options": {"dashboard_address": ":0"}}
"""Dask's settings where another scheduler may have the usual port for its page."""


@contextmanager
def scheduler(folder: Path, *options: str, environment: Mapping[str, str] = ENVIRONMENT) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Give a scheduler's address and process."""
    with _started("scheduler", "--host", "127.0.0.1", "--port", "0", *options, folder=folder, environment=environment) as process:
        assert process.stdout is not None
        yield next(line.split()[-1] for line in process.stdout if "Scheduler at:" in line), process


@contextmanager
def worker(address: str, folder: Path, *options: str, environment: Mapping[str, str] = ENVIRONMENT) -> Iterator[subprocess.Popen[str]]:
    """Give a worker's process, which has one thread and begins to connect."""
    with _started(
        "worker", address, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder), *options, folder=folder, environment=environment
    ) as process:
        yield process


@contextmanager
def _started(kind: str, *arguments: str, folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *arguments]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603 - dask's own
        try:
            yield process
        finally:
            process.terminate()
