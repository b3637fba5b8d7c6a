import asyncio
import math
from pathlib import Path

import pytest

from grader.execution import fork
from grader.execution.fork import Fork
from grader.execution.limits import KernelLimits
from grader.execution.requests import KernelRequest


async def waited(control: Path, *said: bytes) -> float | None:
    """Return how long a kernel is taken to have waited whose keeper says this to an interrupt, and then nothing more."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b'{"ready": {}}\n')
        await reader.readexactly(1)
        writer.writelines(said)
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(keep, control):
        kernel = Fork(control)
        await kernel.begin(KernelRequest(id="one", key="key", **KernelLimits().model_dump()), ())
        await kernel.interrupt()
        await kernel.end()
    return kernel.stages.get("waited")


def test_a_keeper_says_how_long_its_kernel_had_no_processor(tmp_path: Path) -> None:
    assert asyncio.run(waited(tmp_path / "control", b'{"waited": 0.25}\n')) == 0.25


def test_a_keeper_that_has_no_processor_to_say_anything_has_a_kernel_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "_TOLD_SECONDS", 0.01)

    assert asyncio.run(waited(tmp_path / "control")) == math.inf


def test_a_kernel_that_has_ended_has_not_waited(tmp_path: Path) -> None:
    assert asyncio.run(waited(tmp_path / "control", b'{"exit": -9, "reason": ""}\n')) is None
