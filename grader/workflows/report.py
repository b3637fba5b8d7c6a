"""`grader report`: write the pages again from the gradebook, without running anything."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from grader.errors import MalformedValueError, SettingsError
from grader.gradebook.shown import shown
from grader.grading.bundle import Bundle
from grader.grading.store import bundle_path, load
from grader.reports.json_result import write_result
from grader.settings import Settings
from grader.workflows.gradebook import open_gradebook
from grader.workflows.pages import Pages, writing_into
from grader.workflows.run import folder_of


def report(settings: Settings, assignment: str | None) -> tuple[Path, int]:
    """Write results and pages of one assignment, or all, with the marks that count now; return the index and the number of marks.

    Raises:
        SettingsError: the gradebook has no result for the assignment, or none at all.
        GradebookError: it cannot be read.
        OutputError: the pages cannot be written.
    """
    count = 0
    with open_gradebook(settings) as gradebook:
        known = gradebook.assignments()
        if assignment not in {None, *known} or not known:
            what = "no result yet" if assignment is None else f"no result for {assignment!r}"
            message = f"The gradebook has {what}; there are results for {', '.join(known) or 'nothing'}."
            raise SettingsError(message)
        pages = Pages(settings.out, lang=settings.lang, bundles=_bundles(settings.cache, gradebook.newest_versions()))
        for marked in gradebook.current(assignment):
            result, folder = shown(marked), folder_of(marked.result)
            with writing_into(settings.out):
                write_result(result, settings.out / folder / "result.json")
                pages.add(result, folder)
            count += 1
        pages.finish(gradebook.earlier_shares())
    return pages.index, count


def _bundles(cache: Path, versions: Mapping[str, str]) -> list[Bundle]:
    """Return the bundles that are still in the cache: the class report leaves out of its likenesses the code that everybody was given."""
    bundles = []
    for name, version in versions.items():
        with suppress(OSError, MalformedValueError):
            bundles.append(load(bundle_path(cache / "bundles", name, version)))
    return bundles
