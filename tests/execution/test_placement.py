"""Where the inputs of a call lie; the meta device, which every machine has, stands for a GPU where values do not matter."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch

from grader.execution.answers import Answer, Died, Probe, Raised, Returned
from grader.execution.probe import call
from grader.execution.session import KernelSession
from grader.values.snapshot import snapshot
from grader.values.tree import TensorLeaf, Value
from tests.execution.lab import LIMITS, Lab, cells

X = snapshot(torch.ones(2, 3))


@pytest.fixture
def on_meta() -> Iterator[None]:
    """Make meta the default device, as a notebook's cell does."""
    torch.set_default_device("meta")
    yield
    torch.set_default_device(None)


def called(entry: object, *, device: str, **inputs: object) -> Returned:
    probe = Probe(entry="f", inputs={name: snapshot(value) for name, value in inputs.items()})
    answer = call(entry, probe, device=device)
    assert isinstance(answer, Returned)
    return answer


def device_of(value: Value) -> str:
    assert isinstance(value, TensorLeaf)
    return value.device


def places(**inputs: object) -> list[str]:
    return [type(value).__name__ if not isinstance(value, torch.Tensor) else value.device.type for value in _parts(inputs)]


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _parts(item)
    else:
        yield value


INPUTS = {
    "X": torch.ones(2),
    "nested": {"state": (torch.ones(1), [torch.zeros(2, dtype=torch.int64)]), "rate": 0.5},
    "array": np.ones(2),
    "scalar": np.float32(1),
    "n": 3,
    "word": "a",
}


def test_every_tensor_lies_on_the_notebook_s_default_device_and_nothing_else_does(on_meta: None) -> None:  # noqa: ARG001 - the fixture's effect is what matters
    answer = called(places, device="meta", **{name: value.cpu() if isinstance(value, torch.Tensor) else value for name, value in INPUTS.items()})

    assert answer.value == ["meta", "meta", "meta", "float", "ndarray", "float32", "int", "str"]


@pytest.mark.parametrize("device", ["cpu", "cuda", "meta"])
def test_tensors_lie_on_the_cpu_where_the_notebook_says_nothing(device: str) -> None:
    assert called(places, device=device, X=torch.ones(2)).value == ["cpu"]


def test_another_default_device_than_the_kernel_s_is_not_followed(on_meta: None) -> None:  # noqa: ARG001 - as above
    assert called(places, device="cpu", X=torch.ones(2, device="cpu")).value == ["cpu"]


def test_what_an_entry_makes_lies_where_its_inputs_do(on_meta: None) -> None:  # noqa: ARG001 - as above
    answer = called(lambda x: (torch.zeros(3), torch.nn.Linear(3, 2)(x), x.new_ones(1)), device="meta", x=torch.ones(2, 3, device="cpu"))

    assert isinstance(answer.value, tuple)
    assert [device_of(part) for part in answer.value] == ["meta", "meta", "meta"]


def test_an_input_that_grows_is_seen_to_be_changed_on_any_device(on_meta: None) -> None:  # noqa: ARG001 - as above
    answer = called(lambda state, x: state.append(x), device="meta", state=[torch.ones(1, device="cpu")], x=torch.ones(2, device="cpu"))

    assert answer.mutated.keys() == {"state"}


def test_gradients_are_asked_for_on_any_device(on_meta: None) -> None:  # noqa: ARG001 - as above
    answer = called(lambda x: x * 2, device="meta", x=torch.ones(2, device="cpu", requires_grad=True))

    assert isinstance(answer.value, TensorLeaf)
    assert answer.value.requires_grad


def test_chance_is_seeded_also_where_no_gpu_has_been_started() -> None:
    first, second = (called(lambda: torch.rand(3), device="cuda").value for _ in range(2))

    assert isinstance(first, TensorLeaf)
    assert isinstance(second, TensorLeaf)
    assert torch.equal(first.data, second.data)


def asked(lab: Lab, device: str, sources: Sequence[str], probes: Sequence[Probe]) -> list[Answer]:
    """Return what entries answer in a kernel on a device."""

    async def work() -> list[Answer]:
        (kernels,) = lab.slots._kernels  # noqa: SLF001 - of this machine's CPU, whatever the session says
        async with KernelSession(kernels, limits=LIMITS, cell_seconds=20.0, total_seconds=60.0, output_bytes=10_000, device=device) as session:
            await session.run(cells(*sources))
            return [await session.probe(probe, timeout_seconds=10.0) for probe in probes]

    return lab.do(work())


@pytest.mark.kernel
def test_a_cell_that_sets_the_default_device_decides_for_the_calls_after_it(lab: Lab) -> None:
    sources = ("import torch\ntorch.set_default_device('meta')", "def f(X): return [X.device.type, torch.ones(1).device.type]")

    (answer,) = asked(lab, "meta", sources, [Probe(entry="f", inputs={"X": X})])

    assert isinstance(answer, Returned)
    assert answer.value == ["meta", "meta"]


@pytest.mark.kernel
def test_who_asks_for_a_gpu_on_a_machine_without_one_gets_inputs_on_the_cpu(lab: Lab) -> None:
    sources = ("import torch\ntorch.set_default_device('cuda')", "def f(X): return (X * 2).device.type")

    (answer,) = asked(lab, "cpu", sources, [Probe(entry="f", inputs={"X": X})])

    assert isinstance(answer, Returned)
    assert answer.value == "cpu"


@pytest.mark.kernel
@pytest.mark.parametrize(
    "body", ["X + torch.ones(2, 3, device='cpu')", "torch.cat([X, torch.ones(2, 3, device='cpu')])", "torch.nn.LSTM(3, 1, device='cpu')(X)"]
)
def test_who_insists_on_the_cpu_is_told_to_follow_the_inputs(lab: Lab, body: str) -> None:
    sources = ("import torch\ntorch.set_default_device('meta')", f"def f(X): return {body}")

    (answer,) = asked(lab, "meta", sources, [Probe(entry="f", inputs={"X": X})])

    assert isinstance(answer, Raised)
    assert answer.message.endswith("(make new tensors where the inputs lie: device=X.device)")


SPOILS = """
import torch
torch.cuda.is_initialized = lambda: True
torch.cuda.synchronize = lambda: None
torch.cuda.manual_seed = lambda seed: None
def f(): raise RuntimeError("CUDA error: device-side assert triggered")
"""


@pytest.mark.kernel
def test_a_mistake_that_spoils_the_gpu_costs_its_own_call_only(lab: Lab) -> None:
    probes = [Probe(entry="g"), Probe(entry="f"), Probe(entry="g")]

    before, spoiled, after = asked(lab, "cuda", (SPOILS, "def g(): return 1"), probes)

    assert isinstance(spoiled, Died)
    assert spoiled.reason.startswith("your code made a mistake on the GPU after which nothing works there any more")
    assert [answer.value for answer in (before, after) if isinstance(answer, Returned)] == [1, 1]
