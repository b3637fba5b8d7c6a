"""Print the grader's own CPU milliseconds a submission, by part: `python -m tests.benchmarks.own_work --students 60`.

A demo class of six questions is graded once in kernels, and what they answered is kept; then it is graded from these answers, in one thread and
without a kernel, and the CPU time of each part is taken. What is left out is the messages and the waiting for them: `the whole process` is what
the grading with kernels, in one slot, cost the grader's process altogether.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from grader.__main__ import collect_garbage_seldom
from grader.execution.answers import Answer, CellRun, Probe, Returned, Session
from grader.execution.sandbox.choose import choose_tier
from grader.gradebook.book import Gradebook
from grader.gradebook.shown import shown
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.intake.layouts import Found, find_submissions
from grader.intake.submission import read_submission
from grader.notebooks.cells import Cell
from grader.reports.json_result import write_result
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings, load_settings
from grader.values.codec import Wire, decode, encode
from grader.values.threads import one_thread
from grader.workflows.course import load_bundle, open_session_for, pristine_cells
from grader.workflows.demo import demo
from grader.workflows.pages import Pages
from grader.workflows.run import folder_of
from tests.benchmarks.course import NAME, write_course
from tests.fakes import one_by_one

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_JUDGING = "judging, diagnosing, telling"


@dataclass(kw_only=True)
class Tape:
    """What one kernel answered: its cells' runs, and each answer with its value as it came."""

    environment: Mapping[str, str]
    runs: list[CellRun] = field(default_factory=list)
    answers: list[tuple[Answer, Wire | None]] = field(default_factory=list)


class Recorder:
    """A session that keeps what another one answers."""

    def __init__(self, session: Session, tape: Tape) -> None:
        self.timings, self.environment = session.timings, session.environment
        self._session, self._tape = session, tape

    async def run(self, cells: Sequence[Cell]) -> list[CellRun]:
        """Run the cells, and keep how they ran."""
        self._tape.runs = await self._session.run(cells)
        return self._tape.runs

    async def probe(self, probe: Probe, *, timeout_seconds: float) -> Answer:
        """Call an entry, and keep what came back."""
        return self._kept(await self._session.probe(probe, timeout_seconds=timeout_seconds))

    async def probe_all(self, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
        """Call entries, and keep what came back."""
        return [self._kept(answer) for answer in await self._session.probe_all(probes, timeout_seconds=timeout_seconds)]

    def _kept(self, answer: Answer) -> Answer:
        wire = encode(answer.value) if isinstance(answer, Returned) else None
        self._tape.answers.append((answer, wire))
        return answer


class Player:
    """A session that answers from a tape; its timings are the CPU seconds that reading values takes."""

    def __init__(self, tape: Tape) -> None:
        self.timings, self.environment = {"probes": 0.0}, tape.environment
        self._runs, self._answers = tape.runs, iter(tape.answers)

    async def run(self, cells: Sequence[Cell]) -> list[CellRun]:  # noqa: ARG002 - a session's signature
        """Return how the cells ran."""
        return self._runs

    async def probe(self, probe: Probe, *, timeout_seconds: float) -> Answer:  # noqa: ARG002 - a session's signature
        """Return what came back."""
        started = time.process_time()
        answer, wire = next(self._answers)
        if isinstance(answer, Returned) and wire is not None:
            answer = replace(answer, value=decode(wire))
        self.timings["probes"] += time.process_time() - started
        return answer

    async def probe_all(self, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
        """Return what came back, up to the first call that did not end."""
        return await one_by_one(self, probes, timeout_seconds=timeout_seconds)


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class that was graded once: its notebooks, and the tapes of each one's kernels."""

    settings: Settings
    bundle: Bundle
    found: tuple[Found, ...]
    pristine: Mapping[str, tuple[Cell, ...]]
    entries: Mapping[str, Mapping[str, str]]
    tapes: Mapping[str, list[Tape]]
    process_seconds: float


def main() -> None:
    """Make and record the class, grade it from the tapes, print what each part took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=60, help="size of the class")
    parser.add_argument("--rounds", type=int, default=5, help="how often it is graded from the tapes")
    options = parser.parse_args()
    collect_garbage_seldom()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, one_thread():
        recorded = asyncio.run(record(Path(folder), options.students))
        rounds = [asyncio.run(replay(recorded, Path(tempfile.mkdtemp(dir=folder)))) for _ in range(options.rounds)]
    parts = {part: statistics.median(1000 * one[part] / options.students for one in rounds) for part in rounds[0]}
    for part, milliseconds in parts.items():
        print(f"{part:36} {milliseconds:7.2f} ms CPU a submission")
    print(f"{'own work altogether':36} {sum(parts.values()):7.2f}")
    print(f"{'the whole process, with its messages':36} {1000 * recorded.process_seconds / options.students:7.2f}")


async def record(folder: Path, students: int) -> Class:
    """Make a course and a class, and grade it in kernels, one at a time."""
    write_course(folder)
    settings = load_settings(folder)
    await demo([NAME], settings, students=students, seed=0, out=folder / "class")
    pristine = {NAME: pristine_cells(settings.solutions / NAME)}
    found = tuple(find_submissions([folder / "class"], pristine=pristine, scratch=folder))
    tapes: dict[str, list[Tape]] = {}
    async with LocalSlots(tier=choose_tier(settings.sandbox), count=1) as slots:
        bundle = await load_bundle(settings.solutions / NAME, slots, settings.cache)
        entries = {NAME: {question.name: question.entry for question in bundle.questions}}
        started = time.process_time()
        for one in found:
            submission = read_submission(one, pristine=pristine, entries=entries)
            its_tapes = tapes[one.student] = []
            await grade(bundle, submission, _recording(slots, bundle, its_tapes), clock=time.monotonic, now=_NOW)
        seconds = time.process_time() - started
    return Class(settings=settings, bundle=bundle, found=found, pristine=pristine, entries=entries, tapes=tapes, process_seconds=seconds)


async def replay(recorded: Class, out: Path) -> dict[str, float]:
    """Grade the class from its tapes into a fresh gradebook and fresh pages; return the CPU seconds of each part."""
    bundle, parts = recorded.bundle, _Parts()
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        run = gradebook.begin_run()
        pages = Pages(out, lang="en", bundles=[bundle])
        for one in recorded.found:
            with parts.taking("reading the notebook"):
                submission = read_submission(one, pristine=recorded.pristine, entries=recorded.entries)
            with parts.taking(_JUDGING):
                result = await grade(bundle, submission, _playing(recorded.tapes[one.student]), clock=time.process_time, now=_NOW)
            parts.move(result.timings, {"probes": "reading values", "again": "carrying errors forward"})
            with parts.taking("gradebook"):
                kept = shown(gradebook.record(result, run=run, handed_in=_NOW, forced=True))
            with parts.taking("page"):
                pages.add(kept, folder_of(kept))
            with parts.taking("result.json"):
                write_result(kept, out / folder_of(kept) / "result.json")
        with parts.taking("index and class report"):
            pages.finish(gradebook.earlier_shares())
    return parts.seconds


class _Parts:
    """CPU seconds by part; in the order in which the parts come first."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def taking(self, part: str) -> Iterator[None]:
        started = time.process_time()
        yield
        self.seconds[part] += time.process_time() - started

    def move(self, timings: Mapping[str, float], parts: Mapping[str, str]) -> None:
        """Take stages that were timed inside of judging out of it."""
        for stage, part in parts.items():
            self.seconds[part] += timings.get(stage, 0.0)
            self.seconds[_JUDGING] -= timings.get(stage, 0.0)


def _recording(slots: LocalSlots, bundle: Bundle, tapes: list[Tape]) -> Callable[[], AbstractAsyncContextManager[Session]]:
    @asynccontextmanager
    async def open_session() -> AsyncIterator[Session]:
        async with open_session_for(slots, bundle.limits) as session:
            tapes.append(Tape(environment=session.environment))
            yield Recorder(session, tapes[-1])

    return open_session


def _playing(tapes: Sequence[Tape]) -> Callable[[], AbstractAsyncContextManager[Session]]:
    waiting = iter(tapes)

    @asynccontextmanager
    async def open_session() -> AsyncIterator[Session]:
        yield Player(next(waiting))

    return open_session


if __name__ == "__main__":
    main()
