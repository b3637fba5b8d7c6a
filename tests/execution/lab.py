"""Notebooks of a few lines, run in real kernels: what a test says is what a student could have handed in."""

import asyncio
import textwrap
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from grader.execution.answers import Answer, CellRun, Probe, Session
from grader.execution.kernels import WarmKernels
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.tiers import Tier
from grader.execution.zygote_process import ZygoteProcess
from grader.notebooks.cells import Cell, read_options
from grader.scheduling.slots import LocalSlots

_T = TypeVar("_T")
LIMITS = KernelLimits()


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What came of a notebook: its cells' runs, the probes' answers, the seconds by stage."""

    runs: list[CellRun]
    answers: list[Answer]
    timings: dict[str, float]

    @property
    def statuses(self) -> list[str]:
        return [run.status for run in self.runs]

    @property
    def printed(self) -> str:
        return "".join(str(output.get("text", "")) for run in self.runs for output in run.outputs)


class Lab:
    """Two slots over one warm process, entered on an event loop of its own: `with Lab(tier) as lab`."""

    def __init__(self, tier: Tier | None) -> None:
        self._runner = asyncio.Runner()
        self.slots = LocalSlots(tier=tier, count=2)

    def __enter__(self) -> Self:
        self.do(self.slots.__aenter__())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.do(self.slots.__aexit__(kind, error, trace))
        self._runner.close()

    @property
    def zygote(self) -> ZygoteProcess:
        """The warm process: where one was lost, the one that came in its place."""
        kernels = self.slots._kernels[0]._kernels  # noqa: SLF001 - nobody but tests shares one
        assert isinstance(kernels, WarmKernels)
        return kernels._zygote  # noqa: SLF001 - the same

    def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the loop of the slots."""
        return self._runner.run(work)

    def session(self, *, limits: KernelLimits = LIMITS, cell: float = 10.0, total: float = 60.0, output: int = 100_000) -> AbstractAsyncContextManager[Session]:
        """Return a session that is not yet entered."""
        return self.slots.session(limits=limits, cell_seconds=cell, total_seconds=total, output_bytes=output)

    def run(
        self,
        *sources: str,
        probes: Sequence[str | Probe] = (),
        together: Sequence[Probe] = (),
        limits: KernelLimits = LIMITS,
        cell: float = 10.0,
        call: float = 5.0,
        total: float = 60.0,
        output: int = 100_000,
    ) -> Seen:
        """Run cells, then call entries, first those that are asked together."""

        async def work() -> Seen:
            async with self.session(limits=limits, cell=cell, total=total, output=output) as session:
                runs = await session.run(cells(*sources))
                asked = [probe if isinstance(probe, Probe) else Probe(entry=probe) for probe in probes]
                answers = await session.probe_all(together, timeout_seconds=call)
                answers += [await session.probe(probe, timeout_seconds=call) for probe in asked]
            return Seen(runs=runs, answers=answers, timings=session.timings)

        return self.do(work())


def cells(*sources: str) -> list[Cell]:
    """Return code cells; their sources may be indented."""
    dedented = [textwrap.dedent(source).strip() for source in sources]
    return [Cell(id=f"c{number}", kind="code", source=source, options=read_options(source)) for number, source in enumerate(dedented)]
