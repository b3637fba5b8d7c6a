"""The warm process begun at once, so that it has its imports while the grader has its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from grader.execution.sandbox.choose import choose_tier
from grader.execution.zygote_process import ZygoteProcess
from grader.settings import Settings


@asynccontextmanager
async def warming_up(settings: Settings, *, cold: bool) -> AsyncIterator[ZygoteProcess | None]:
    """Give a process that gets warm by itself, None where kernels are not forked from one for all; raises ExecutionError."""
    tier = None if cold else choose_tier(settings.sandbox)
    if tier is None or tier.single_use:
        yield None
        return
    process = ZygoteProcess(tier)
    try:
        await process.begin()
        yield process
    finally:
        await process.end()
