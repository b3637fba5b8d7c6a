"""`grader run`: grade submissions, write a result and a page for each as it arrives, then an index and a class report."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch

from grader.errors import GraderError, IntakeError, SettingsError
from grader.execution.answers import Session
from grader.execution.sandbox.tiers import TIERS, Tier
from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.intake.layouts import Found, find_submissions
from grader.intake.submission import read_submission
from grader.notebooks.cells import Cell
from grader.reports.filenames import report_name
from grader.reports.json_result import read_result, write_result
from grader.results import SubmissionResult, Verdict
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import find_assignments, load_bundle, open_session_for, pristine_cells
from grader.workflows.pages import Pages


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What to grade and how; `cold` starts every kernel anew, without a sandbox, instead of forking it."""

    paths: tuple[Path, ...]
    assignment: str | None = None
    student: str | None = None
    force: bool = False
    cold: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What a run tells while it works: how many submissions there are, which assignment is built, and each result."""

    total: Callable[[int], None]
    building: Callable[[str], None]
    graded: Callable[[SubmissionResult], None]


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """What came out: results without their cases (those are in the files), how many were kept from an earlier run, and where the index lies."""

    results: tuple[SubmissionResult, ...]
    kept: int
    index: Path


async def run(request: RunRequest, settings: Settings, progress: Progress) -> RunSummary:
    """Grade what changed since the last run into the same folder, or everything with `force`.

    Raises:
        SettingsError: a path, assignment or setting does not fit.
        AuthorError: an assignment cannot be built.
        ExecutionError: no kernel can be started.
    """
    folders = find_assignments(settings.solutions)
    pristine = {name: pristine_cells(folder) for name, folder in folders.items()}
    found = list(find_submissions(request.paths, pristine=pristine, student=request.student, assignment=request.assignment))
    progress.total(len(found))
    slots = LocalSlots(
        tier=None if request.cold else choose_tier(settings.sandbox), count=settings.slots or os.cpu_count() or 1, device=device(settings.device)
    )
    async with slots:
        bundles = {}
        for name in sorted({one.assignment for one in found if one.assignment in folders}):
            progress.building(name)
            bundles[name] = await load_bundle(folders[name], slots, settings.cache)
        return await _Run(request, settings, progress, slots=slots, bundles=bundles, pristine=pristine).over(found)


def choose_tier(name: str) -> Tier:
    """Return the sandbox tier of a name; "auto" is the strongest."""
    return next(iter(TIERS.values())) if name == "auto" else TIERS[name]


def device(name: str) -> str:
    """Return the device of a name; "auto" is a GPU where there is one.

    Raises:
        SettingsError: a GPU is asked for and there is none.
    """
    available = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if available else "cpu"
    if name.startswith("cuda") and not available:
        message = f"--device {name}: this machine has no GPU that torch can use; leave --device away, or say cpu."
        raise SettingsError(message)
    return name


class _Run:
    """One run over what was found."""

    def __init__(
        self,
        request: RunRequest,
        settings: Settings,
        progress: Progress,
        *,
        slots: LocalSlots,
        bundles: dict[str, Bundle],
        pristine: dict[str, tuple[Cell, ...]],
    ) -> None:
        self.request = request
        self.settings = settings
        self.progress = progress
        self.slots = slots
        self.bundles = bundles
        self.pristine = pristine
        self.pages = Pages(settings.out, lang=settings.lang, bundles=bundles.values())
        self.kept = 0
        self.entries = {name: {question.name: question.entry for question in bundle.questions} for name, bundle in bundles.items()}

    async def over(self, found: Sequence[Found]) -> RunSummary:
        try:
            async for _ in self.slots.map(self._one, iter(found)):
                pass
        finally:
            self.pages.finish()
        return RunSummary(results=tuple(row.result for row in self.pages.rows), kept=self.kept, index=self.pages.index)

    async def _one(self, found: Found) -> None:
        folder = report_name(found.student, found.assignment or "unknown")
        try:
            submission = read_submission(found, pristine=self.pristine, entries=self.entries)
        except IntakeError as error:
            # beside the file that counts, a student may have others that do not
            self._keep(self._unreadable(found, error), report_name(found.student, f"{found.assignment or 'unknown'} {found.path.name}"))
            return
        bundle = self.bundles[submission.assignment]
        earlier = self._earlier(folder, submission.digest, bundle)
        if earlier is not None:
            self.kept += 1
            self._tell(earlier, folder)
            return

        def open_session() -> AbstractAsyncContextManager[Session]:
            return open_session_for(self.slots, bundle.limits)

        self._keep(await grade(bundle, submission, open_session, clock=time.monotonic, now=datetime.now(UTC)), folder)

    def _earlier(self, folder: str, digest: str, bundle: Bundle) -> SubmissionResult | None:
        """Return the result of an earlier run where nothing has changed since, and the fault was not ours."""
        path = self.settings.out / folder / "result.json"
        if self.request.force or not path.is_file():
            return None
        try:
            result = read_result(path)
        except GraderError:
            return None
        same = (result.digest, result.bundle_version, result.environment.get("sandbox")) == (digest, bundle.version, self.slots.tier)
        return result if same and result.verdict is not Verdict.OURS else None

    def _unreadable(self, found: Found, error: IntakeError) -> SubmissionResult:
        bundle = self.bundles.get(found.assignment or "")
        return SubmissionResult(
            student=found.student,
            assignment=found.assignment or "unknown",
            title=bundle.title if bundle else "",
            path=str(found.path),
            digest="",
            bundle_version=bundle.version if bundle else "",
            verdict=Verdict.ERROR,
            message=error.reason,
            score=0.0,
            points=sum(question.points for question in bundle.questions) if bundle else 0.0,
            graded_at=_now(),
        )

    def _keep(self, result: SubmissionResult, folder: str) -> None:
        """Write a result as soon as it is there."""
        write_result(result, self.settings.out / folder / "result.json")
        self._tell(result, folder)

    def _tell(self, result: SubmissionResult, folder: str) -> None:
        self.pages.add(result, folder)
        self.progress.graded(result)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
