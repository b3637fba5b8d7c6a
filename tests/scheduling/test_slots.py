import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest
import torch

from grader.errors import ExecutionError, SettingsError
from grader.execution.devices import GIB, Gpu
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.tiers import NONE
from grader.scheduling import slots as local
from grader.scheduling.slots import LocalSlots, count_slots
from tests.execution.gpus import pretended_gpu
from tests.execution.lab import cells

CORES = os.cpu_count() or 1
SHOWS_ITS_GPU = "import os\nprint(os.environ['CUDA_VISIBLE_DEVICES'])"


def test_on_the_cpu_there_are_as_many_slots_as_are_asked_for_or_one_a_core() -> None:
    assert count_slots(0, [], 4 * GIB) == CORES
    assert count_slots(CORES + 5, [], 4 * GIB) == CORES + 5


def test_on_gpus_there_are_no_more_slots_than_their_free_memory_has_room_for() -> None:
    gpus = [pretended_gpu(0, free_gib=11.0), pretended_gpu(1, free_gib=5.0)]

    assert count_slots(64, gpus, 4 * GIB) == 3
    assert count_slots(2, gpus, 4 * GIB) == 2
    assert count_slots(0, gpus, 4 * GIB) == min(3, max(CORES, 2))


def test_every_gpu_has_a_slot_also_where_there_are_fewer_cores() -> None:
    gpus = [pretended_gpu(index) for index in range(CORES + 3)]

    assert count_slots(0, gpus, 4 * GIB) == CORES + 3


def test_gpus_that_are_full_are_refused_with_what_to_do() -> None:
    with pytest.raises(SettingsError, match=r"No GPU has room for a slot of 4 GiB \(GPU 0: Pretended, 1\.0 of 80\.0 GiB free\)\. Lower gpu_memory"):
        count_slots(0, [pretended_gpu(free_gib=1.0)], 4 * GIB)


@pytest.mark.kernel
@pytest.mark.slow
def test_submissions_are_spread_over_the_gpus_by_room_and_each_sees_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = asyncio.run(_gpus_seen([pretended_gpu(0, free_gib=9.0), pretended_gpu(1, free_gib=5.0)], monkeypatch, at_a_time=3))

    assert sorted(seen) == ["GPU-0", "GPU-0", "GPU-1"]


async def _gpus_seen(gpus: Sequence[Gpu], monkeypatch: pytest.MonkeyPatch, *, at_a_time: int) -> list[str]:
    async def starts(_: object) -> None:
        """No CUDA starts on a GPU that is not there."""

    monkeypatch.setattr(local, "choose_gpus", lambda _: tuple(gpus))
    monkeypatch.setattr(local, "_require_cuda", starts)
    async with LocalSlots(tier=NONE, count=0, device="cuda") as slots, AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(slots.session(limits=KernelLimits(), cell_seconds=10.0, total_seconds=60.0, output_bytes=10_000))
            for _ in range(at_a_time)
        ]
        assert {session.environment["gpu"] for session in sessions} == {"Pretended"}
        assert {(session.environment["device"], session.environment["tf32"], session.environment["driver"]) for session in sessions} == {
            ("cuda", "off", "570.1")
        }
        return [str((await session.run(cells(SHOWS_ITS_GPU)))[0].outputs[0]["text"]).strip() for session in sessions]


@pytest.mark.kernel
def test_a_gpu_on_which_cuda_does_not_start_is_our_problem_and_no_student_s(monkeypatch: pytest.MonkeyPatch) -> None:
    async def enter() -> None:
        async with LocalSlots(tier=NONE, count=1, device="cuda"):
            """Never entered."""

    monkeypatch.setattr(local, "choose_gpus", lambda _: (pretended_gpu(),))

    with pytest.raises(ExecutionError, match=r"CUDA does not start in the sandbox none on Pretended: .+ `--device cpu` grades without it\."):
        asyncio.run(enter())


def test_kernels_that_are_started_cold_have_no_gpu_and_say_so() -> None:
    async def enter() -> None:
        async with LocalSlots(tier=None, count=1, device="cuda:0"):
            """Never entered."""

    with pytest.raises(SettingsError, match="leave --cold away"):
        asyncio.run(enter())


def test_as_long_as_there_are_slots_the_grader_computes_with_one_thread() -> None:
    async def threads_while_entered() -> int:
        async with LocalSlots(tier=None, count=1):
            return torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert asyncio.run(threads_while_entered()) == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
