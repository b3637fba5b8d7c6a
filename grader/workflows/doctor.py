"""`grader doctor`: what this machine can do, and whether its sandbox withstands the attacks."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.authoring.limits import Limits
from grader.execution.attacks.run import Outcome, attack, attacks
from grader.execution.gpus import choose_gpus
from grader.execution.sandbox.choose import choose_tier
from grader.execution.sandbox.tiers import NONE
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import open_session_for


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What was found: the tier, devices, limits and versions as lines of text; how many attacks were tried, and the first that succeeded."""

    lines: Mapping[str, str]
    tried: int
    succeeded: Outcome | None


async def examine(settings: Settings, tell: Callable[[str, str], None]) -> Examination:
    """Choose the tier, run every attack in it and say what came of it; `tell` gets each line as soon as it is known.

    Raises:
        ExecutionError: no tier holds, or CUDA does not start in it; says what is missing.
        SettingsError: a GPU is asked for that is not there.
    """
    lines: dict[str, str] = {}

    def say(name: str, what: str) -> None:
        lines[name] = what
        tell(name, what)

    tier = choose_tier(settings.sandbox)
    say("sandbox", f"{tier.name}: {tier.description}")
    gpus = await asyncio.to_thread(choose_gpus, settings.device)
    say("devices", "; ".join([f"{os.cpu_count()} processor cores", *map(str, gpus)]))
    say("limits", _limits())
    if gpus:
        async with LocalSlots(tier=tier, count=0, device=settings.device, gpu_memory_bytes=settings.gpu_memory) as slots:
            say("cuda", f"starts in this sandbox; {slots.count} slots of {settings.gpu_memory.human_readable()}")
    chosen = () if tier is NONE else tuple(attacks())
    async with LocalSlots(tier=tier, count=1) as slots, open_session_for(slots, Limits()) as session:
        for name, what in session.environment.items():
            if name not in ("sandbox", "device"):
                say(name, what)
        started = time.monotonic()
        succeeded = next((outcome for outcome in await attack(session, chosen) if outcome.got), None)
    say("attacks", f"{len(chosen)} tried in {time.monotonic() - started:.1f} s" if chosen else "none tried: there is no sandbox to attack")
    return Examination(lines=lines, tried=len(chosen), succeeded=succeeded)


def _limits() -> str:
    limits = Limits()
    return (
        f"{limits.total_seconds:g} s in all, {limits.cell_seconds:g} s a cell, {limits.call_seconds:g} s a call, "
        f"{limits.memory_bytes / 1024**3:g} GiB of memory, {limits.scratch_bytes / 1024**2:g} MiB in {limits.scratch_files} files, "
        f"{limits.processes} processes, {limits.open_files} open files, {limits.output_bytes / 1024**2:g} MiB of output"
    )
