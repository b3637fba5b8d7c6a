"""Every attack of the package in one kernel, then against a sandbox that lacks a layer."""

import asyncio
from collections.abc import Sequence

import pytest

from grader.execution.answers import Returned
from grader.execution.attacks import stealing
from grader.execution.attacks.run import Attack, attack, attacks
from grader.execution.kernels import WarmKernels, messaging_context
from grader.execution.sandbox.tiers import NONE
from grader.execution.session import KernelSession
from tests.attacks.weakened import WeakenedZygote
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


@pytest.mark.parametrize(
    ("without", "succeed"),
    [
        (
            ("filter_system_calls",),
            """reads_a_keyring hides_memory_in_files_without_names leaves_a_key leaves_shared_memory limits_the_keeper makes_namespaces
            makes_namespaces_by_clone3 reaches_for_the_kernel_s_rare_parts uses_up_the_user_s_watches opens_a_netlink_socket opens_a_vsock""",
        ),
        (("drop_capabilities", "be_killed_first"), "gets_capabilities_back sends_raw_packets"),
        (("drop_capabilities", "be_killed_first", "restrict_files"), "changes_kernel_settings"),
        (
            ("drop_capabilities", "be_killed_first", "filter_system_calls"),
            "idles_the_keeper pins_the_keeper renices_the_keeper mounts_a_folder opens_a_crypto_socket",
        ),
        (("seal_sockets", "restrict_files"), "changes_its_sockets_folder tells_the_oom_killer_whom_to_take writes_over_the_system"),
        (("set_resource_limits",), "raises_its_own_limits"),
        (("set_resource_limits", "filter_system_calls", "restrict_files"), "leaves_a_message_queue"),
        (
            ("drop_capabilities", "be_killed_first", "filter_system_calls", "restrict_files", "hide_from_students"),
            """looks_into_the_keeper reads_the_keeper_s_memory writes_the_keeper_s_memory traces_the_keeper takes_a_descriptor_of_the_keeper
            compares_itself_with_the_keeper enters_the_keeper_s_namespaces""",
        ),
    ],
    ids=lambda value: "without " + ", ".join(value) if isinstance(value, tuple) else "",
)
def test_without_a_layer_attacks_succeed(without: Sequence[str], succeed: str) -> None:
    chosen = [ALL[name] for name in succeed.split()]

    assert [name for name, got in against(WeakenedZygote(without), chosen).items() if not got] == []


def test_without_any_sandbox_the_host_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    names = ["reads_the_host_s_accounts", "reads_the_host_s_folders", "finds_solutions_and_gradebooks", "sees_processes_that_are_not_its_own"]

    got = against(WeakenedZygote((), NONE), [ALL[name] for name in names])

    assert [name for name in names if not got[name]] == []
    assert ALL[names[0]].module is stealing


def against(zygote: WeakenedZygote, chosen: Sequence[Attack]) -> dict[str, str]:
    """Run attacks, each in a kernel of its own."""

    async def work() -> dict[str, str]:
        async with zygote:
            context = messaging_context()
            kernels = WarmKernels(zygote, context)
            found = {}
            for one in chosen:
                async with KernelSession(kernels, limits=LIMITS, cell_seconds=10.0, total_seconds=60.0, output_bytes=10_000) as session:
                    found[one.name] = (await attack(session, [one]))[0].got
            context.destroy()
        return found

    return asyncio.run(work())
