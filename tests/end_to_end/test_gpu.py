"""What needs a GPU: the same marks as on the CPU, one GPU a kernel, and its share of the memory."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.execution.answers import Answer, CellRun, Died, Probe, Returned
from grader.execution.gpus import find_gpus
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.choose import choose_tier
from grader.results import SubmissionResult
from grader.scheduling.slots import LocalSlots
from tests.benchmarks.gpu import grade, make_class
from tests.end_to_end.command import SUBMISSIONS, Course, make_course
from tests.execution.lab import cells

GPUS = find_gpus()
pytestmark = [pytest.mark.gpu, pytest.mark.kernel, pytest.mark.slow, pytest.mark.skipif(not GPUS, reason="needs a GPU that torch can use")]


def asked(*sources: str, probes: Sequence[Probe] = (), together: bool = False) -> tuple[list[CellRun], list[Answer]]:
    """Return what came of cells and calls in a kernel with a GPU; `together` with a second kernel on the same GPU."""

    async def one(slots: LocalSlots) -> tuple[list[CellRun], list[Answer]]:
        async with slots.session(limits=KernelLimits(), cell_seconds=60.0, total_seconds=120.0, output_bytes=10_000) as session:
            runs = await session.run(cells("import glob, torch", *sources))
            return runs[1:], [await session.probe(probe, timeout_seconds=30.0) for probe in probes]

    async def work() -> tuple[list[CellRun], list[Answer]]:
        async with LocalSlots(tier=choose_tier("auto"), count=2, device=f"cuda:{GPUS[0].index}") as slots:
            return (await asyncio.gather(*(one(slots) for _ in range(2 if together else 1))))[0]

    return asyncio.run(work())


def printed(run: CellRun) -> str:
    return "".join(str(output.get("text", "")) for output in run.outputs)


def test_a_kernel_sees_one_gpu_and_computes_there() -> None:
    (run,), _ = asked("print(torch.cuda.device_count(), torch.cuda.get_device_name(0), (torch.ones(2, device='cuda') * 2).tolist())")

    assert (run.status, run.message) == ("ok", "")
    assert printed(run) == f"1 {GPUS[0].name} [2.0, 2.0]\n"


@pytest.mark.skipif(len(GPUS) < 2, reason="needs two GPUs")
def test_the_sandbox_has_one_gpu_s_node_only() -> None:
    (run,), _ = asked("print(len(glob.glob('/dev/nvidia[0-9]*')))")

    assert printed(run) == "1\n"


def test_who_takes_more_than_the_share_is_told_so_and_a_neighbour_is_not_hurt() -> None:
    greedy = "torch.empty(4 * 1024**3, dtype=torch.uint8, device='cuda')"

    (greed, after), _ = asked(greedy, "print(torch.ones(1, device='cuda').item())", together=True)

    assert greed.message.endswith("(your code used more GPU memory than its share of 4 GiB)")
    assert printed(after) == "1.0\n"


def test_a_mistake_that_spoils_the_gpu_costs_its_own_call_only() -> None:
    spoils = """
    torch.set_default_device("cuda")
    def f(): return torch.nn.functional.embedding(torch.tensor([7]), torch.ones(3, 2)).sum()
    def g(): return torch.ones(2).sum()
    """

    _, (spoiled, after) = asked(spoils, probes=[Probe(entry="f"), Probe(entry="g")])

    assert isinstance(spoiled, Died)
    assert "mistake on the GPU" in spoiled.reason
    assert isinstance(after, Returned)


def test_float32_on_the_gpu_has_all_its_bits() -> None:
    source = """
    a, b = torch.rand(512, 512), torch.rand(512, 512)
    exact = a.double() @ b.double()
    print(float(((a.cuda() @ b.cuda()).cpu() - exact).abs().max() / exact.max()) < 1e-5)
    convolution = torch.nn.functional.conv1d
    exact = convolution(a[None].double(), b[:, :, None].double())
    print(float((convolution(a[None].cuda(), b[:, :, None].cuda()).cpu() - exact).abs().max() / exact.max()) < 1e-5)
    """

    (run,), _ = asked(source)

    assert printed(run) == "True\nTrue\n"


def test_a_class_that_computes_on_the_gpu_gets_the_marks_it_was_made_for(tmp_path: Path) -> None:
    assert make_class(tmp_path, 48) > 30

    assert grade(tmp_path, "cuda") == []


def test_the_samples_get_the_same_marks_on_the_cpu_and_on_the_gpu(tmp_path: Path) -> None:
    marks = {device: _marks(_graded(tmp_path / device, device)) for device in ("cpu", "cuda")}

    assert marks["cuda"] == marks["cpu"]
    assert len(marks["cuda"]) > 10


def _graded(folder: Path, device: str) -> Course:
    folder.mkdir()
    course = make_course(folder)
    ran = course.grader("run", SUBMISSIONS, "--device", device)
    assert ran.returncode == 0, ran.stderr
    assert {result.environment["device"] for result in course.results().values() if result.environment} == {device}
    return course


def _marks(course: Course) -> dict[tuple[str, str], dict[str, tuple[float, str]]]:
    return {key: _of_questions(result) for key, result in course.results().items()}


def _of_questions(result: SubmissionResult) -> dict[str, tuple[float, str]]:
    return {question.name: (question.score, question.verdict) for question in result.questions}
