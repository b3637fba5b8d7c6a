"""`grader run`: grade submissions, write a result and a page for each as it arrives, then an index and a class report."""

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import GraderError, IntakeError, SettingsError
from grader.execution.claimed_folder import ClaimedFolder
from grader.execution.kernels import describe_exit
from grader.execution.limits import GPU_MEMORY_USED_UP
from grader.execution.sandbox.choose import choose_tier
from grader.execution.zygote_process import ZygoteProcess
from grader.gradebook.book import Gradebook
from grader.gradebook.late import LatePolicy
from grader.gradebook.shown import shown
from grader.grading.bundle import Bundle
from grader.grading.grade import log_problem
from grader.intake.layouts import Found, find_submissions
from grader.intake.submission import read_submission
from grader.notebooks.cells import Cell
from grader.reports.filenames import report_name
from grader.reports.json_result import write_result
from grader.reports.stages import Stages
from grader.results import SubmissionResult, Verdict
from grader.scheduling.slots import LocalSlots
from grader.scheduling.streaming import stream
from grader.settings import Settings
from grader.workflows.course import find_assignments, load_bundle, pristine_cells
from grader.workflows.gradebook import login_name, open_gradebook
from grader.workflows.pages import Pages, writing_into
from grader.workflows.place import LocalPlace, Place, local_device
from grader.workflows.run_log import log_result, run_log
from grader.workflows.run_request import Progress, RunRequest, RunSummary


async def run(request: RunRequest, settings: Settings, progress: Progress, begun: ZygoteProcess | None = None) -> RunSummary:
    """Grade what the gradebook does not know yet, or everything with `force`; a warm process may be begun already.

    Raises:
        SettingsError: a path, assignment or setting does not fit.
        AuthorError: an assignment cannot be built.
        ExecutionError: no kernel can be started.
        GradebookError: results cannot be recorded.
        OutputError: reports cannot be written.
    """
    folders = find_assignments(settings.solutions)
    find_assignments(settings.solutions, settings.late)  # a due date of an assignment that does not exist is a slip
    pristine = {name: pristine_cells(folder) for name, folder in folders.items()}
    with ClaimedFolder("unpacked") as scratch:
        found = list(
            find_submissions(
                request.paths,
                pristine=pristine,
                scratch=scratch,
                student=request.student,
                assignment=request.assignment,
                reports=settings.out,
            )
        )
        progress.total(len(found))
        tier = begun.tier if begun else None if request.cold else choose_tier(settings.sandbox)
        device = local_device(settings, [pristine[name] for name in {one.assignment for one in found} if name in pristine])
        slots = LocalSlots(tier=tier, count=settings.slots, device=device, gpu_memory_bytes=settings.gpu_memory, begun=begun)
        async with AsyncExitStack() as stack:
            cluster = await _cluster(settings, progress, stack, tier=tier.name if tier else None) if settings.cluster else None
            await stack.enter_async_context(slots)
            place = cluster or LocalPlace(slots)
            bundles = {}
            # what is expected is what the CPU computes, so that one bundle serves every device
            async with nullcontext(slots) if slots.device == "cpu" else LocalSlots(tier=tier, count=1, begun=begun) as builders:
                for name in sorted({one.assignment for one in found if one.assignment in folders}):
                    progress.building(name)
                    bundles[name] = await load_bundle(folders[name], builders, settings.cache)
            with open_gradebook(settings) as gradebook, run_log(settings.out / "grader.log"):
                return await _Run(request, settings, progress, tier=slots.tier, place=place, bundles=bundles, pristine=pristine, gradebook=gradebook).over(
                    found
                )


async def _cluster(settings: Settings, progress: Progress, stack: AsyncExitStack, *, tier: str | None) -> Place:
    """Return the workers of the cluster that the settings name."""
    try:
        from grader.workflows.remote import remote_place  # noqa: PLC0415 - needs the extra `cluster`
    except ImportError as error:
        message = f"--cluster needs more of grader: pip install 'grader[cluster]' ({error.name} is missing)."
        raise SettingsError(message) from error
    place = await stack.enter_async_context(remote_place(settings, tier=tier, said=progress.said))
    progress.said(f"Cluster: {place.dashboard} ({place.workers or 'no'} worker{'s' * (place.workers != 1)} so far)")
    return place


class _Run:
    """One run over what was found."""

    def __init__(
        self,
        request: RunRequest,
        settings: Settings,
        progress: Progress,
        *,
        tier: str,
        place: Place,
        bundles: dict[str, Bundle],
        pristine: dict[str, tuple[Cell, ...]],
        gradebook: Gradebook,
    ) -> None:
        self.request = request
        self.settings = settings
        self.progress = progress
        self.tier = tier
        self.place = place
        self.bundles = bundles
        self.pristine = pristine
        self.pages = Pages(settings.out, lang=settings.lang, bundles=bundles.values())
        self.gradebook = gradebook
        self.number = gradebook.begin_run(author=login_name())
        self.counting: frozenset[Found] = frozenset()
        self.kept = 0
        self.stages = Stages()
        self.again: list[Found] = []
        self.entries = {name: {question.name: question.entry for question in bundle.questions} for name, bundle in bundles.items()}

    async def over(self, found: Sequence[Found]) -> RunSummary:
        # of several files for one assignment the last counts
        self.counting = frozenset({(one.student, one.assignment): one for one in found}.values())
        try:
            async for _ in stream(self._one, iter(found), at_once=self.place.count):
                pass
            for one in self.again:
                await self._one(one, alone=True)
        finally:
            self.pages.finish(self.gradebook.earlier_shares())
        files = tuple((self.settings.out / row.href).with_name("result.json") for row in self.pages.rows)
        return RunSummary(results=tuple(row.result for row in self.pages.rows), files=files, kept=self.kept, index=self.pages.index, stages=self.stages)

    async def _one(self, found: Found, *, alone: bool = False) -> None:
        """Grade and keep one submission, or that it cannot be read, or that grader itself tripped over it."""
        try:
            await self._graded(found, alone=alone)
        except IntakeError as error:
            await self._keep(found, self._ungraded(found, Verdict.ERROR, error.reason))
        except GraderError:
            raise
        except Exception as problem:  # noqa: BLE001 - what we did not foresee in one submission must not cost all the others
            log_problem(problem)
            said = f"grader tripped over this submission ({type(problem).__name__}); the log says where"
            await self._keep(found, self._ungraded(found, Verdict.OURS, said))

    async def _graded(self, found: Found, *, alone: bool) -> None:
        """Grade one submission; one that may have lost its kernel to a neighbour, or to the machine, is put off until it is alone."""
        submission = read_submission(found, pristine=self.pristine, entries=self.entries)
        bundle = self.bundles[submission.assignment]
        earlier = None if self.request.force else await asyncio.to_thread(self._earlier, found, submission.digest, bundle)
        if earlier is not None:
            self.kept += 1
            await self._keep(found, earlier)
            return

        result = await self.place.grade(bundle, submission, lambda: self._in_slot(found.student))
        if not alone and _is_perhaps_a_neighbours_fault(result):
            self.again.append(found)
            return
        kept = await self._keep(found, result.model_copy(update={"lms_id": found.lms_id}))
        self.stages.add(kept.timings)

    @contextmanager
    def _in_slot(self, student: str) -> Iterator[None]:
        self.progress.started(student)
        try:
            yield
        finally:
            self.progress.stopped(student)

    def _earlier(self, found: Found, digest: str, bundle: Bundle) -> SubmissionResult | None:
        """Return an earlier result where nothing has changed since, and the fault was not ours."""
        return self.gradebook.finished(found.student, bundle.name, digest=digest, bundle_version=bundle.version, tier=self.tier, lms_id=found.lms_id)

    def _ungraded(self, found: Found, verdict: Verdict, message: str) -> SubmissionResult:
        bundle = self.bundles.get(found.assignment or "")
        return SubmissionResult(
            student=found.student,
            assignment=found.assignment or "unknown",
            title=bundle.title if bundle else "",
            path=found.place,
            digest="",
            bundle_version=bundle.version if bundle else "",
            verdict=verdict,
            message=message,
            score=0.0,
            points=sum(question.points for question in bundle.questions) if bundle else 0.0,
            graded_at=_now(),
            lms_id=found.lms_id,
        )

    async def _keep(self, found: Found, result: SubmissionResult) -> SubmissionResult:
        """Record a result, and write it with its page, as soon as it is there; return it as it is written."""
        # in a thread: a database or disk that is slow or busy must not hold up the clocks of running kernels
        result = await asyncio.to_thread(self._written, found, result)
        log_result(result)
        self.progress.graded(result)
        return result

    def _written(self, found: Found, result: SubmissionResult) -> SubmissionResult:
        started = time.monotonic()
        folder = folder_of(result)  # before a roster gives two students the same name
        if found in self.counting:
            result = self._recorded(found, result)
        with writing_into(self.settings.out):
            self.pages.add(result, folder)
            result = result.model_copy(update={"timings": result.timings | {"report": time.monotonic() - started}})
            write_result(result, self.settings.out / folder / "result.json")
        return result

    def _recorded(self, found: Found, result: SubmissionResult) -> SubmissionResult:
        """Return the result with the marks that count, once the gradebook has it."""
        handed_in = _handed_in(found, self.settings.late.get(result.assignment))
        return shown(self.gradebook.record(result, run=self.number, handed_in=handed_in, forced=self.request.force))


def _is_perhaps_a_neighbours_fault(result: SubmissionResult) -> bool:
    """Whether no kernel could be had, one was killed from outside or had no processor, or the GPU was full: another submission may have taken them.

    A GPU's memory is shared by good manners: who overrides the share that is set takes it from others. So who runs out of it gets another try alone.
    """
    ends = {cell.message for cell in result.cells} | {case.message for question in result.questions for case in question.cases}
    ours = result.verdict is Verdict.OURS or "starved" in result.timings
    return ours or describe_exit(-signal.SIGKILL) in ends or any(GPU_MEMORY_USED_UP in end for end in ends)


def folder_of(result: SubmissionResult) -> str:
    """Return the name of a result's folder; beside the file that counts, a student may have others that cannot be read."""
    return report_name(result.student, result.assignment if result.digest else f"{result.assignment} {Path(result.path).name}")


def _handed_in(found: Found, late: LatePolicy | None) -> datetime:
    """Return when a file was handed in, as the learning platform says, else by the file's own time.

    A platform that does not call it late is believed: the files of a download often have the time of the download.
    """
    try:
        at = found.at or datetime.fromtimestamp(found.path.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):  # it is gone, or of a year that no calendar has
        at = datetime.now(UTC)
    return min(at, late.due) if late is not None and found.late is False else at


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
