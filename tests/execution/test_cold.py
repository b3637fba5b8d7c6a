from collections.abc import Iterator

import pytest
import torch

from grader.execution.answers import Probe, Raised, Returned
from grader.values.snapshot import snapshot
from tests.execution.lab import Lab

pytestmark = pytest.mark.kernel

CELLS = ("import torch", "1 / 0", "def f(X): return [X @ X.T, {'seed': float(torch.rand(()))}]", "def g(): raise ValueError('no')")


@pytest.fixture(scope="module")
def cold() -> Iterator[Lab]:
    with Lab(None) as lab:
        yield lab


def test_cold_kernels_give_the_answers_that_warm_ones_give(lab: Lab, cold: Lab) -> None:
    probes = [Probe(entry="f", inputs={"X": snapshot(torch.ones(2, 3))}, seed=5), Probe(entry="g")]

    warm_seen, cold_seen = lab.run(*CELLS, probes=probes), cold.run(*CELLS, probes=probes)

    assert warm_seen.statuses == cold_seen.statuses == ["ok", "error", "ok", "ok"]
    for seen in (warm_seen, cold_seen):
        assert isinstance(seen.answers[0], Returned)
        assert isinstance(seen.answers[1], Raised)
    assert _plain(warm_seen.answers[0]) == _plain(cold_seen.answers[0])
    assert _plain(warm_seen.answers[1]) == _plain(cold_seen.answers[1])


def test_answers_of_a_cold_kernel_come_one_after_the_other_too(cold: Lab) -> None:
    seen = cold.run("import time\ndef f(n):\n    time.sleep(0.4)\n    return n", together=[Probe(entry="f", inputs={"n": n}) for n in range(6)], call=1.5)

    assert [getattr(answer, "value", answer) for answer in seen.answers] == list(range(6))


def _plain(answer: object) -> object:
    if isinstance(answer, Returned) and isinstance(answer.value, list):
        product, said = answer.value
        return repr(product), said
    assert isinstance(answer, Raised)
    return answer.types, answer.message, answer.frames
