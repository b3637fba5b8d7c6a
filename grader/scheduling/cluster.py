"""Slots on other machines: a Dask cluster each of whose workers holds slots of its own. Needs the extra `cluster`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import numpy as np
import torch
from distributed import CancelledError, Client, KilledWorker, Worker, WorkerPlugin, get_worker

import grader
from grader.errors import ExecutionError, GraderError
from grader.execution.devices import GPU_MEMORY_BYTES
from grader.execution.sandbox.tiers import TIERS
from grader.scheduling.slots import LocalSlots

_LEAST_AT_ONCE = 256
CONNECT_SECONDS = 60


class WorkerSlots(WorkerPlugin):
    """What a worker process holds: as many slots as it has threads, over one warm process that serves every grader of the same make.

    On GPUs there are as many as it has `GPU` to give. `tier=None` starts every kernel cold.
    """

    idempotent = True  # who comes second finds them warm

    def __init__(self, *, tier: str | None, device: str, gpu_memory_bytes: int = GPU_MEMORY_BYTES) -> None:
        self.made_of = versions()
        self.name = f"grader slots: {tier} {device} {gpu_memory_bytes} {self.made_of}"
        self.problem = "its slots are not warm yet"
        self._tier = tier
        self._device = device
        self._gpu_memory_bytes = gpu_memory_bytes
        self._slots: LocalSlots | None = None

    @property
    def on_gpus(self) -> bool:
        """Whether only workers with a GPU to give are asked."""
        return self._device.startswith("cuda")

    @property
    def slots(self) -> LocalSlots:
        """The warm slots; raises ExecutionError where there are none."""
        if self._slots is None:
            raise ExecutionError(self.problem)
        return self._slots

    async def setup(self, worker: Worker) -> None:
        """Warm up; a worker on which that fails says why when it is asked to grade."""
        count = int(worker.state.total_resources.get("GPU", 0)) if self.on_gpus else worker.state.nthreads
        if count == 0:
            return  # never asked
        try:
            if self.made_of != versions():
                message = f"it has {versions()}, and who grades has {self.made_of}: install the same on both"
                raise ExecutionError(message)
            tier = TIERS[self._tier] if self._tier else None
            slots = LocalSlots(tier=tier, count=count, device=self._device, gpu_memory_bytes=self._gpu_memory_bytes)
            await slots.__aenter__()
        except GraderError as error:
            self.problem = f"The cluster's worker {worker.address} cannot grade: {error}"
            raise ExecutionError(self.problem) from error
        self._slots = slots

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - dask's own signature
        """End every kernel."""
        if self._slots is not None:
            await self._slots.__aexit__(None, None, None)


def versions() -> str:
    """Return what grades here; where that differs, marks may."""
    return f"grader {grader.__version__}, torch {torch.__version__.partition('+')[0]}, numpy {np.__version__}"


def slots_here(name: str) -> LocalSlots:
    """Return the slots of the worker that this code runs in; raises ExecutionError where it has none."""
    plugin = get_worker().plugins[name]
    assert isinstance(plugin, WorkerSlots)  # noqa: S101 - registered under this name
    return plugin.slots


class Cluster:
    """Workers that call functions of bytes, up to `at_once` at a time; see `open_cluster`."""

    def __init__(self, client: Client, slots: WorkerSlots, *, workers: int, threads: int) -> None:
        self.dashboard = str(client.dashboard_link)
        self.workers = workers
        # enough for the scheduler to see that more workers are wanted, few enough for memory
        self.at_once = max(_LEAST_AT_ONCE, 2 * threads)
        self._client = client
        self._slots = slots.name
        self._resources = {"GPU": 1} if slots.on_gpus else None
        self._shared: dict[str, Any] = {}

    async def call(self, function: Callable[[LocalSlots, bytes, bytes], Awaitable[bytes]], *, version: str, shared: bytes, own: bytes) -> bytes | None:
        """Return what a function of slots, shared and own data gives on some worker; one that dies costs a new call elsewhere, several that do give None.

        What is `shared` under a `version` is sent once to each worker. Raises ExecutionError when the scheduler is lost, or a worker cannot grade.
        """
        try:
            if version not in self._shared:
                # not scattered: what is scattered is lost with the worker that has it, a task is computed anew
                self._shared[version] = self._client.submit(bytes, shared, key=f"shared-{version}-{uuid4().hex}")
            key = f"grade-{uuid4().hex}"
            called = self._client.submit(_call, function, self._slots, self._shared[version], own, key=key, resources=self._resources, pure=False)
            returned: bytes = await called
        except KilledWorker:
            return None
        except (CancelledError, OSError) as error:
            message = "The cluster's scheduler is lost. What was graded is kept: when it is back, the next run goes on from there."
            raise ExecutionError(message) from error
        except (ImportError, RuntimeError) as error:
            message = f"The cluster cannot grade: {error}. Its scheduler and its workers need the same grader as this machine."
            raise ExecutionError(message) from error
        return returned


async def _call(function: Callable[[LocalSlots, bytes, bytes], Awaitable[bytes]], slots: str, shared: bytes, own: bytes) -> bytes:
    return await function(slots_here(slots), shared, own)


@asynccontextmanager
async def open_cluster(where: Any, slots: WorkerSlots, *, threads: int = 0) -> AsyncIterator[Cluster]:  # noqa: ANN401 - an address, or one of dask's cluster objects
    """Give the workers of a Dask cluster, each with its slots warm; those that join later get theirs then, and keep them for who grades next.

    `threads` is how many slots the cluster will grow to, where it is not at its full size yet.

    Raises:
        ExecutionError: there is no cluster at the address, or a worker cannot grade.
    """
    try:
        client = await Client(where, asynchronous=True, timeout=CONNECT_SECONDS, name="grader")
    except (OSError, TimeoutError, ValueError) as error:
        message = f"There is no Dask scheduler at {where}: {error}"
        raise ExecutionError(message) from error
    async with client:
        workers = list((await client.scheduler.identity())["workers"].values())
        if slots.on_gpus:
            _require_gpus(workers)
        await _warm_up(client, slots)
        yield Cluster(client, slots, workers=len(workers), threads=max(threads, sum(one["nthreads"] for one in workers)))


async def _warm_up(client: Client, slots: WorkerSlots) -> None:
    try:
        await client.register_plugin(slots)
    except ImportError as error:
        message = f"The cluster's workers cannot grade: {error}. Install grader in their environment."
        raise ExecutionError(message) from error
    except ExecutionError:
        with suppress(ExecutionError, OSError):
            await client.unregister_worker_plugin(slots.name)
        raise


def _require_gpus(workers: Sequence[Mapping[str, Any]]) -> None:
    if workers and not any(one["resources"].get("GPU") for one in workers):
        message = f"None of the cluster's {len(workers)} workers has a GPU to give: start them with `dask worker ... --resources GPU=1`, or say --device cpu."
        raise ExecutionError(message)


@asynccontextmanager
async def slurm_cluster(*, jobs: int, **of_each: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - see slurm_jobs
    """Give a cluster with as many jobs of Slurm as there is work for, up to `jobs`; see `slurm_jobs` for the rest."""
    async with slurm_jobs(**of_each) as cluster:
        cluster.adapt(minimum=1, maximum=jobs)
        yield cluster


def slurm_jobs(*, partition: str, gres: str, cores: int, memory: str, walltime: str, extra: list[str], prologue: list[str], python: str) -> Any:  # noqa: ANN401 - dask's own object
    """Return a cluster, not started yet, each of whose jobs is one worker with so many slots; `extra` are lines for `#SBATCH`."""
    from dask_jobqueue.slurm import SLURMCluster  # noqa: PLC0415 - only where there is Slurm

    return SLURMCluster(
        queue=partition or None,
        cores=cores,
        processes=1,
        memory=memory,
        walltime=walltime,
        job_extra_directives=[f"--gres={gres}", *extra] if gres else extra,
        job_script_prologue=prologue,
        worker_extra_args=["--resources", f"GPU={gpus}"] if (gpus := _gpus(gres)) else [],
        python=python or None,
        asynchronous=True,
    )


def _gpus(gres: str) -> int:
    """Return how many GPUs such words of Slurm's ask for: gpu, gpu:2, gpu:a100:2,shard:4."""
    asked = [one.split(":") for one in gres.split(",")]
    return sum(int(said[-1]) if said[-1].isdigit() else 1 for said in asked if said[0] == "gpu")
