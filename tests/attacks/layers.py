"""For each layer of each tier, what goes wrong without it: an attack succeeds, a limit is not kept, honest code stops working, no kernel starts."""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from grader.errors import ExecutionError
from grader.execution.attacks.run import attack, attacks
from grader.execution.kernels import WarmKernels
from grader.execution.sandbox.cgroups import Cgroups
from grader.execution.sandbox.processes import descendants
from grader.execution.sandbox.tiers import Tier
from grader.execution.session import KernelSession
from tests.attacks.test_containers import BOMBS, EVERYDAY
from tests.attacks.test_using_up import MEMORY_BOMBS
from tests.attacks.weakened import WeakenedZygote, Weakening
from tests.execution.lab import LIMITS, cells

_KEEPER = ("looks_into_the_keeper", "reads_the_keeper_s_memory", "writes_the_keeper_s_memory")
_HOST = ("reads_the_host_s_accounts", "reads_the_host_s_folders", "finds_solutions_and_gradebooks", "sees_processes_that_are_not_its_own")
_CALLS = (
    *("leaves_shared_memory", "hides_memory_in_files_without_names", "uses_up_the_user_s_watches", "reads_files_by_handle"),
    *("reaches_for_the_kernel_s_rare_parts", "opens_a_netlink_socket"),
)
# a fork of the keeper may not be looked into, nor write its own files in /proc, before it has dropped its capabilities
_BLINDED = ("be_killed_first", "deleted_files_crossed")

LAYERS: Mapping[str, Mapping[tuple[str, ...], Sequence[str]]] = {
    "namespaces": {
        ("keep_own_user",): ["no kernel"],
        ("hide_from_students",): ["looks_into_the_keeper"],
        ("be_killed_first", "drop_capabilities"): ["gets_capabilities_back"],
        ("be_killed_first",): ["tells_the_oom_killer_whom_to_take"],
        ("set_resource_limits",): ["raises_its_own_limits"],
        ("be_killed_first", "drop_capabilities", "restrict_files"): ["changes_kernel_settings"],
        ("restrict_files", "seal_sockets"): ["changes_its_sockets_folder"],
        ("filter_system_calls",): [*_CALLS, "leaves_a_key", "makes_namespaces", "opens_a_vsock"],
        ("mappings_crossed",): ["records of mappings"],
    },
    "single-use": {
        ("use_scratch_of_sandbox",): ["writes_over_the_system"],
        ("restrict_to_own_sandbox", "hide_from_students"): ["looks_into_the_keeper"],
        ("drop_capabilities",): ["no kernel"],
        ("be_killed_first",): ["tells_the_oom_killer_whom_to_take"],
        ("set_resource_limits",): ["raises_its_own_limits"],
        ("restrict_to_own_sandbox",): ["writes_over_the_system"],
        ("filter_system_calls",): ["leaves_a_key", "makes_namespaces", "opens_a_vsock"],
        ("files_of_sandbox_crossed",): ["files"],
        ("mappings_crossed",): ["records of mappings"],
    },
    "uid": {
        ("adopt_orphans",): ["an orphan"],
        ("choose_user",): ["no kernel"],
        ("become_user",): ["no kernel"],
        ("remove_scratch", "make_scratch"): ["no kernel"],
        (
            *_BLINDED,
            "choose_user",
            "end_user",
            "become_user",
            "restrict_to_python",
            "filter_system_calls_and_network",
            "drop_capabilities",
            "hide_from_students",
        ): ["reads_the_keeper_s_memory"],
        ("drop_capabilities",): ["no kernel"],
        ("be_killed_first",): ["tells_the_oom_killer_whom_to_take"],
        ("set_resource_limits",): ["raises_its_own_limits"],
        ("restrict_to_python",): _HOST,
        ("choose_user", "end_user", "become_user", "restrict_to_python"): ["writes_over_the_system"],
        ("filter_system_calls_and_network",): [*_CALLS, "renices_the_keeper"],
        ("files_crossed",): ["files"],
        ("deleted_files_crossed",): ["deleted files"],
        ("mappings_crossed",): ["records of mappings"],
        ("end_descendants", "end_user"): ["leaves processes"],
        ("end_user", "end_descendants"): ["leaves processes"],
        ("remove_scratch",): ["leaves a folder"],
        ("remove_shared_memory",): ["leaves shared memory"],
    },
    "landlock": {
        ("end_scope", "restrict_to_scratch", "enter_scope"): ["signals the warm process"],
        ("adopt_orphans",): ["an orphan"],
        ("remove_scratch", "make_scratch"): ["finds the folder of all"],
        ("restrict_to_scratch", "filter_system_calls_of_owners", "hide_from_students"): _KEEPER,
        ("drop_capabilities",): ["no kernel"],
        ("be_killed_first",): ["tells_the_oom_killer_whom_to_take"],
        ("set_limits_of_owners",): ["raises_its_own_limits"],
        ("restrict_to_scratch",): [*_HOST, "kills_the_keeper"],
        ("filter_system_calls_of_owners",): [*_CALLS, "renices_the_keeper", "idles_the_keeper"],
        ("load_data_without_workers",): ["honest work"],
        ("run_commands_without_terminals",): ["honest work"],
        ("processes_crossed",): ["threads"],
        ("files_crossed",): ["files"],
        ("deleted_files_crossed",): ["deleted files"],
        ("mappings_crossed",): ["records of mappings"],
        ("end_descendants", "end_scope"): ["leaves processes"],
        ("end_scope", "end_descendants"): ["leaves processes"],
        ("remove_scratch",): ["leaves a folder"],
    },
}
"""By tier, what is left out, and what goes wrong then and does not where the last of what is left out is there."""

SHOWN_ELSEWHERE: Mapping[str, str] = {
    "enter_cgroup": "it does something where a cgroup is delegated: test_cgroups.py",
    "memory_files_crossed": "it looks where there is a GPU: tests/execution/test_devices.py",
    "mount_private_view": "nothing of the tier works without it: what does not go wrong with it stands in weaknesses.py under bubblewrap alone",
}

_SMALL = LIMITS.model_copy(update={"memory_bytes": 2**30, "scratch_bytes": 64 * 2**20, "scratch_files": 2000})
_PACKAGED = {one.name: one for one in attacks()}
_ENDED = {
    **{name: MEMORY_BOMBS[name] for name in ("an orphan", "records of mappings")},
    **{name: BOMBS[name] for name in ("files", "deleted files", "threads")},
}
_SIGNALS = """
import os
keeper = open(f"/proc/{os.getppid()}/stat").read()
try: os.kill(int(keeper.rsplit(") ", 1)[1].split()[1]), 0)
except PermissionError: pass
else: raise RuntimeError("signalled")
"""
_WORK = {
    "no kernel": ["1"],
    "honest work": EVERYDAY,
    "finds the folder of all": ["import os\nassert 'control' not in os.listdir()"],
    "signals the warm process": [_SIGNALS],
}
_LEFT = {"leaves processes": "/proc/*", "leaves a folder": "grader-scratch-*", "leaves shared memory": "/dev/shm/*"}  # noqa: S108 - the same
_LOOK_SECONDS = 0.05
_SHARED = "left-by-a-student"
_LEAVES = f"""
import os
try: open("/dev/shm/{_SHARED}", "w").close()
except OSError: pass
closed_by_exec, end = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execlp("sleep", "sleep", "4711")
        os._exit(0)
os.close(end)
os.read(closed_by_exec, 1)
"""


def layers_of(tier: Tier) -> set[str]:
    """Return the names of a tier's layers."""
    return {layer.__name__ for phase in (tier.enter, tier.prepare, tier.confine, tier.seal, tier.lock, tier.watch, tier.clean_up) for layer in phase}


def surprises(tier: Tier) -> list[str]:
    """Return, of all that `LAYERS` says of a tier, what is not so."""
    entries = LAYERS[tier.name]
    expected = {(lacks, name): True for lacks, names in entries.items() for name in names}
    # without the last one's neighbours alone; in the order of the table an entry that goes wrong would leave something to the next
    expected = {(lacks[:-1], name): False for lacks, name in expected} | expected
    return asyncio.run(_surprises(tier, expected))


async def _surprises(tier: Tier, expected: Mapping[tuple[tuple[str, ...], str], bool]) -> list[str]:
    found = []
    async with AsyncExitStack() as zygotes:
        zygote = await zygotes.enter_async_context(WeakenedZygote(tier, Weakening()))
        for (lacks, name), wrong in expected.items():
            zygote.lack(Weakening(without=lacks))
            got = await _got(name, _session(WarmKernels(zygote, Cgroups())))
            if bool(got) is not wrong or (wrong and _is_unclear(name, got)):
                found.append(f"without {lacks}: {name}: {got!r}")
            if tier.single_use:
                zygote = await zygotes.enter_async_context(WeakenedZygote(tier, Weakening()))
    return found


async def _got(name: str, session: KernelSession) -> str:
    """Return how something goes wrong, "" where it does not."""
    before = set(_traces())
    try:
        async with session:
            if name in _PACKAGED:
                return (await attack(session, [_PACKAGED[name]]))[0].got
            if name in _ENDED:
                (run,) = await session.run(cells(_ENDED[name]))
                return "" if run.status == "died" else str(run)
            runs = await session.run(cells(*_WORK.get(name, [_LEAVES])))
    except ExecutionError as error:
        if name != "no kernel":
            raise
        return str(error)
    if name not in _LEFT:
        return " ".join(str(run) for run in runs if run.status != "ok")
    zygote = descendants(os.getpid())[0]
    while descendants(zygote):  # noqa: ASYNC110 - the keeper, which cleans up after the session
        await asyncio.sleep(_LOOK_SECONDS)
    return " ".join(str(trace) for trace in set(_traces()) - before if trace.match(_LEFT[name]))


def _is_unclear(name: str, got: str) -> bool:
    # who has lost its keeper can tell nobody
    return got.startswith("could not be judged") and name != "kills_the_keeper"


def _session(kernels: WarmKernels) -> KernelSession:
    return KernelSession(kernels, limits=_SMALL, cell_seconds=8.0, total_seconds=60.0, output_bytes=10_000)


def _traces() -> Iterator[Path]:
    """Yield what is there of students: processes, folders, shared memory."""
    yield from (path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if b"4711" in path.read_bytes())
    yield from Path(tempfile.gettempdir()).glob("grader-scratch-*")
    yield from Path("/dev/shm").glob(_SHARED)  # noqa: S108 - the same
