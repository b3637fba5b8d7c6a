"""Slots on other machines: a Dask cluster each of whose workers holds slots of its own. Needs the extra `cluster`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from distributed import Client, KilledWorker, Worker, WorkerPlugin, get_worker

from grader.errors import ExecutionError
from grader.execution.sandbox.tiers import TIERS
from grader.scheduling.slots import LocalSlots

AT_ONCE = 256
"""Submissions on their way at a time: enough for the scheduler to see that more workers are wanted, few enough for memory."""

_CONNECT_SECONDS = 60
_RETRIES = 2


class WorkerSlots(WorkerPlugin):
    """What a worker process holds: as many slots as it has threads, over one warm process, and what it has been given once."""

    name = "grader-slots"

    def __init__(self, *, tier: str, device: str) -> None:
        self._tier = tier
        self._device = device
        self.slots: LocalSlots | None = None
        self.kept: dict[str, object] = {}

    async def setup(self, worker: Worker) -> None:
        """Warm up; a worker on which that fails takes no work."""
        self.slots = LocalSlots(tier=TIERS[self._tier], count=worker.state.nthreads, device=self._device)
        await self.slots.__aenter__()

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - dask's own signature
        """End every kernel."""
        if self.slots is not None:
            await self.slots.__aexit__(None, None, None)


def plugin_here() -> WorkerSlots:
    """Return what the worker holds that this code runs in."""
    plugin = get_worker().plugins[WorkerSlots.name]
    assert isinstance(plugin, WorkerSlots)  # noqa: S101 - registered under this name
    return plugin


class Cluster:
    """Workers that call functions of bytes; see `open_cluster`."""

    def __init__(self, client: Client) -> None:
        self.dashboard = str(client.dashboard_link)
        self._client = client
        self._shared: dict[str, Any] = {}

    async def call(self, function: Callable[[str, bytes, bytes], Awaitable[bytes]], *, version: str, shared: bytes, own: bytes) -> bytes:
        """Return what `function(version, shared, own)` gives on some worker; one that dies costs a new call elsewhere.

        `shared` is sent once to each worker. Raises ExecutionError when several workers have died of the call.
        """
        if version not in self._shared:
            # not scattered: what is scattered is lost with the worker that has it, a task is computed anew
            self._shared[version] = self._client.submit(bytes, shared, key=f"shared-{version}-{uuid4().hex}")
        future = self._client.submit(function, version, self._shared[version], own, key=f"grade-{uuid4().hex}", retries=_RETRIES, pure=False)
        try:
            returned: bytes = await future
        except KilledWorker as error:
            message = f"Several workers of the cluster died: {error}"
            raise ExecutionError(message) from error
        return returned


@asynccontextmanager
async def open_cluster(where: Any, *, tier: str, device: str) -> AsyncIterator[Cluster]:  # noqa: ANN401 - an address, or one of dask's cluster objects
    """Give the workers of a Dask cluster, each with its slots warm; those that join later get theirs then.

    Raises:
        ExecutionError: there is no cluster at the address, or no kernel can be started on its workers.
    """
    try:
        client = await Client(where, asynchronous=True, timeout=_CONNECT_SECONDS, name="grader")
    except (OSError, TimeoutError, ValueError) as error:
        message = f"There is no Dask scheduler at {where}: {error}"
        raise ExecutionError(message) from error
    async with client:
        await client.register_plugin(WorkerSlots(tier=tier, device=device))
        try:
            yield Cluster(client)
        finally:
            await client.unregister_worker_plugin(WorkerSlots.name)


@asynccontextmanager
async def slurm_cluster(*, jobs: int, **of_each: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - see slurm_jobs
    """Give a cluster with as many jobs of Slurm as there is work for, up to `jobs`; see `slurm_jobs` for the rest."""
    async with slurm_jobs(**of_each) as cluster:
        cluster.adapt(minimum=1, maximum=jobs)
        yield cluster


def slurm_jobs(*, partition: str, cores: int, memory: str, walltime: str, extra: list[str], prologue: list[str]) -> Any:  # noqa: ANN401 - dask's own object
    """Return a cluster, not started yet, each of whose jobs is one worker with so many slots; `extra` are lines for `#SBATCH`."""
    from dask_jobqueue.slurm import SLURMCluster  # noqa: PLC0415 - only where there is Slurm

    return SLURMCluster(
        queue=partition or None,
        cores=cores,
        processes=1,
        memory=memory,
        walltime=walltime,
        job_extra_directives=extra,
        job_script_prologue=prologue,
        asynchronous=True,
    )
