"""Every attack of the package in one kernel, then against a sandbox without what stops it."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from grader.errors import ExecutionError
from grader.execution.answers import Answer, CellRun, Probe, Returned
from grader.execution.attacks.run import Attack, attack, attacks
from grader.execution.kernels import WarmKernels
from grader.execution.sandbox.cgroups import Cgroups
from grader.execution.sandbox.tiers import NAMESPACES
from grader.execution.session import KernelSession
from grader.notebooks.cells import Cell
from tests.attacks.weakened import WeakenedZygote, Weakening
from tests.attacks.weaknesses import NEVER_SEEN_TO_SUCCEED, WEAKNESSES
from tests.execution.lab import LIMITS, Lab

pytestmark = pytest.mark.kernel

ALL = {one.name: one for one in attacks()}


@pytest.fixture(scope="module")
def got(lab: Lab) -> dict[str, str]:
    async def work() -> dict[str, str]:
        async with lab.session() as session:
            return {outcome.attack.name: outcome.got for outcome in await attack(session, list(ALL.values()))}

    return lab.do(work())


@pytest.mark.parametrize("name", ALL)
def test_the_sandbox_withstands(name: str, got: dict[str, str]) -> None:
    assert got[name] == "", ALL[name].tries


@pytest.mark.usefixtures("got")
def test_honest_work_goes_on_after_all_attacks(lab: Lab) -> None:
    seen = lab.run("import torch", "def f(): return float(torch.ones(3).sum())", probes=["f"])

    assert seen.statuses == ["ok", "ok"]
    assert isinstance(seen.answers[0], Returned)
    assert seen.answers[0].value == 3.0


def test_files_are_copied_by_the_ways_that_are_left(lab: Lab) -> None:
    seen = lab.run(
        """
        import os, shutil, subprocess
        with open("a", "wb") as file:
            file.write(bytes(10**6))
            os.fsync(file.fileno())
        for copy in (shutil.copyfile, shutil.copy, shutil.copy2): copy("a", copy.__name__)
        subprocess.run("cp -a a b && cat a > c && tar -cf d a && tar -xf d && mv c e", shell=True, check=True)
        print([os.path.getsize(name) for name in ("copyfile", "copy", "copy2", "a", "b", "e")])
        """
    )

    assert seen.printed == f"{[10**6] * 6}\n"


@pytest.mark.slow
@pytest.mark.parametrize("weakness", WEAKNESSES)
def test_without_what_stops_them_attacks_succeed(weakness: str) -> None:
    weakening, names = WEAKNESSES[weakness]

    found = against(weakening, [ALL[name] for name in names])

    assert [name for name, got in found.items() if not got or _is_unclear(name, got)] == []


def test_each_attack_is_seen_to_succeed_against_one_weakness() -> None:
    assert sorted(name for _, names in WEAKNESSES.values() for name in names) == sorted(set(ALL) - set(NEVER_SEEN_TO_SUCCEED))


def test_where_there_is_no_sandbox_nothing_is_attacked() -> None:
    with pytest.raises(ExecutionError, match="in a sandbox only"):
        asyncio.run(attack(_Unsandboxed(), list(ALL.values())))


class _Unsandboxed:
    """A session that runs nothing: should the guard be gone, this machine is not what tells."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self.environment: Mapping[str, str] = {"sandbox": "none"}

    async def run(self, cells: Sequence[Cell]) -> list[CellRun]:
        raise AssertionError(cells)

    async def probe(self, probe: Probe, *, timeout_seconds: float) -> Answer:
        raise AssertionError(probe, timeout_seconds)

    async def probe_all(self, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
        raise AssertionError(probes, timeout_seconds)


def against(weakening: Weakening, chosen: Sequence[Attack]) -> dict[str, str]:
    """Run attacks in one kernel, with a neighbour beside it; one that lost its kernel is followed by a fresh one."""

    async def work() -> dict[str, str]:
        async with WeakenedZygote(NAMESPACES, weakening) as zygote:
            kernels = WarmKernels(zygote, Cgroups())
            async with _session(kernels) as attacker, _session(kernels):
                outcomes = await attack(attacker, chosen)
        return {outcome.attack.name: outcome.got for outcome in outcomes}

    return asyncio.run(work())


def _session(kernels: WarmKernels) -> KernelSession:
    return KernelSession(kernels, limits=LIMITS, cell_seconds=10.0, total_seconds=60.0, output_bytes=10_000)


def _is_unclear(name: str, got: str) -> bool:
    # who has lost its keeper can tell nobody
    return got.startswith("could not be judged") and not (name == "kills_the_keeper" and "Died" in got)
