"""Grading on the workers of a cluster: bundles and submissions go there as bytes, results come back as JSON. Needs the extra `cluster`."""

import json
import math
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from grader.execution.answers import Session
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.grading.store import load, save
from grader.notebooks.cells import Cell, CellOptions
from grader.notebooks.submission import Submission
from grader.reports.json_result import read_result, write_result
from grader.results import SubmissionResult, Verdict
from grader.scheduling.cluster import CONNECT_SECONDS, Cluster, WorkerSlots, open_cluster, slurm_cluster
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import open_session_for
from grader.workflows.place import InSlot


class RemotePlace:
    """The workers of a cluster; `dashboard` is the address of Dask's own page, `workers` how many there are at the start."""

    def __init__(self, cluster: Cluster) -> None:
        self.count = cluster.at_once
        self.dashboard = cluster.dashboard
        self.workers = cluster.workers
        self._cluster = cluster
        self._packed: dict[str, bytes] = {}

    async def grade(self, bundle: Bundle, submission: Submission, in_slot: InSlot) -> SubmissionResult:
        """Return the submission graded on some worker; raises ExecutionError when the cluster is lost."""
        with in_slot():  # or on its way to one: only the cluster knows
            return await self._graded(bundle, submission)

    async def _graded(self, bundle: Bundle, submission: Submission) -> SubmissionResult:
        if bundle.version not in self._packed:
            self._packed[bundle.version] = pack_bundle(bundle)
        data = await self._cluster.call(grade_packed, version=bundle.version, shared=self._packed[bundle.version], own=pack_submission(submission))
        return _ours(bundle, submission, "Several workers of the cluster died while they graded this.") if data is None else unpack_result(data)


@asynccontextmanager
async def remote_place(settings: Settings, *, tier: str | None, said: Callable[[str], None]) -> AsyncIterator[RemotePlace]:
    """Give the workers that the settings name: those of a scheduler's address, or jobs of Slurm; "auto" is their processors, whatever this machine has.

    `said` is told what may take a while.

    Raises:
        ExecutionError: there are none, or they cannot start kernels.
    """
    async with AsyncExitStack() as stack:
        slurm = settings.slurm if settings.cluster == "slurm" else None
        where = await stack.enter_async_context(slurm_cluster(**slurm.model_dump())) if slurm else settings.cluster
        threads = slurm.jobs * slurm.cores if slurm else 0
        device = "cpu" if settings.device == "auto" else settings.device
        if not slurm:
            said(f"Connecting to the Dask scheduler at {where}, for at most {CONNECT_SECONDS} s ...")
        slots = WorkerSlots(tier=tier, device=device, gpu_memory_bytes=settings.gpu_memory)
        yield RemotePlace(await stack.enter_async_context(open_cluster(where, slots, threads=threads)))


async def grade_packed(slots: LocalSlots, bundle: bytes, submission: bytes) -> bytes:
    """Grade on the worker that this runs on."""
    unpacked = unpack_bundle(bundle)

    def open_session() -> AbstractAsyncContextManager[Session]:
        return open_session_for(slots, unpacked.limits)

    return pack_result(await grade(unpacked, unpack_submission(submission), open_session, clock=time.monotonic, now=datetime.now(UTC)))


def pack_bundle(bundle: Bundle) -> bytes:
    """Return a bundle in the format of its file."""
    with tempfile.TemporaryDirectory() as folder:
        save(bundle, Path(folder) / "bundle")
        return (Path(folder) / "bundle").read_bytes()


@lru_cache(maxsize=8)
def unpack_bundle(data: bytes) -> Bundle:
    """Return the bundle that `pack_bundle` packed; a worker keeps the last few."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bundle").write_bytes(data)
        return load(Path(folder) / "bundle")


def pack_submission(submission: Submission) -> bytes:
    """Return a submission as JSON."""
    return json.dumps(asdict(submission)).encode()


def unpack_submission(data: bytes) -> Submission:
    """Return the submission that `pack_submission` packed."""
    said = json.loads(data)
    cells = tuple(Cell(**{**cell, "options": CellOptions(**cell["options"])}) for cell in said["cells"])
    return Submission(**{**said, "cells": cells, "notes": tuple(said["notes"])})


def pack_result(result: SubmissionResult) -> bytes:
    """Return a result in the format of its file."""
    with tempfile.TemporaryDirectory() as folder:
        write_result(result, Path(folder) / "result.json")
        return (Path(folder) / "result.json").read_bytes()


def unpack_result(data: bytes) -> SubmissionResult:
    """Return the result that `pack_result` packed."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "result.json").write_bytes(data)
        return read_result(Path(folder) / "result.json")


def _ours(bundle: Bundle, submission: Submission, message: str) -> SubmissionResult:
    return SubmissionResult(
        student=submission.student,
        assignment=bundle.name,
        title=bundle.title,
        path=submission.path,
        digest=submission.digest,
        bundle_version=bundle.version,
        verdict=Verdict.OURS,
        message=message,
        score=0.0,
        points=math.fsum(question.points for question in bundle.questions),
        graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
