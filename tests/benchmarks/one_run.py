"""Grade a class once and print what it cost this process as JSON: `python -m tests.benchmarks.one_run COURSE CLASS OUT --slots 2`.

With `--made-up RESULTS` no kernel grades: each submission gets at once one of the results that lie in that folder, and all else is as in a run. Then
it is graded again, when nothing has changed, its pages are written again from the gradebook, and its marks are exported.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from unittest.mock import patch

from grader.__main__ import collect_garbage_seldom
from grader.grading.bundle import Bundle
from grader.notebooks.submission import Submission
from grader.reports.exports.formats import Format
from grader.reports.json_result import read_result
from grader.results import SubmissionResult
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings, load_settings
from grader.workflows.export import ExportRequest, export
from grader.workflows.place import InSlot
from grader.workflows.report import report
from grader.workflows.run import run
from grader.workflows.run_request import Progress, RunRequest, RunSummary


class MadeUpPlace:
    """Answers at once with the results of others, in turn."""

    count = 2

    def __init__(self, results: Sequence[SubmissionResult]) -> None:
        self._results = cycle(results)

    async def grade(self, bundle: Bundle, submission: Submission, in_slot: InSlot) -> SubmissionResult:  # noqa: ARG002 - a place's signature
        """Return the next result as if it were this student's."""
        own = {"student": submission.student, "path": submission.path, "digest": submission.digest}
        return next(self._results).model_copy(update=own)


def main() -> None:
    """Grade, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("course", type=Path)
    parser.add_argument("submissions", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--made-up", type=Path)
    options = parser.parse_args()
    collect_garbage_seldom()
    out = options.out.resolve()
    settings = load_settings(options.course, slots=options.slots, sandbox="none" if options.made_up else None)
    settings = settings.model_copy(update={"out": out, "gradebook": f"sqlite:///{out}/gradebook.db"})
    out.mkdir(parents=True)
    request = RunRequest(paths=(options.submissions,))
    steps: dict[str, Callable[[], object]] = {"run": lambda: _run(request, settings)}
    if options.made_up:
        place = MadeUpPlace([read_result(path) for path in sorted(options.made_up.glob("*/result.json"))])
        steps["run"] = lambda: _run_at(place, request, settings)
        steps |= {
            "run again": steps["run"],
            "report": lambda: report(settings, None),
            "export": lambda: export(ExportRequest(format=Format.CSV, out=out / "marks.csv"), settings),
        }
    print(json.dumps({name: _cost(step) for name, step in steps.items()}))


def _run(request: RunRequest, settings: Settings) -> RunSummary:
    progress = Progress(
        total=lambda _: None, building=lambda _: None, started=lambda _: None, stopped=lambda _: None, said=lambda _: None, graded=lambda _: None
    )
    return asyncio.run(run(request, settings, progress))


def _run_at(place: MadeUpPlace, request: RunRequest, settings: Settings) -> RunSummary:
    def instead(slots: LocalSlots) -> MadeUpPlace:  # noqa: ARG001 - a local place's signature
        return place

    with patch("grader.workflows.run.LocalPlace", instead):
        return _run(request, settings)


def _cost(step: Callable[[], object]) -> dict[str, float]:
    """Return seconds, processor seconds of this process, and the most memory that it has had so far."""
    started, busy = time.perf_counter(), time.process_time()
    step()
    return {
        "wall": time.perf_counter() - started,
        "cpu": time.process_time() - busy,
        "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


if __name__ == "__main__":
    main()
