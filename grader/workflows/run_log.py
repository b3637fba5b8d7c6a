"""The log file of a run: a line for each submission, and what went wrong with the machine."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.errors import OutputError
from grader.reports.safe_text import one_line
from grader.results import SubmissionResult
from grader.workflows.pages import writing_into

_LOG = logging.getLogger("grader")
_MOST_SAID = 300


class _LogFile(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Go on without a line that the disk has no room for."""


@contextmanager
def run_log(path: Path) -> Iterator[None]:
    """Append what grader says of itself to a file while the block runs; missing folders are made.

    Raises:
        OutputError: it cannot be opened, or is a link.
    """
    if path.is_symlink():
        message = f"{path} is a link, and the log is not written to where it leads: take the link away, or say another --out."
        raise OutputError(message)
    with writing_into(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
        with suppress(OSError):  # the disk is full: whoever writes results says so
            handler.close()


def log_result(result: SubmissionResult) -> None:
    """Write one line on a submission: whose it is, how it came out, and how long it took."""
    level = logging.WARNING if result.verdict in ("ours", "error") else logging.INFO
    said = f" ({one_line(result.message, _MOST_SAID)})" if result.message else ""
    _LOG.log(
        level,
        "%s %s: %s %g/%g in %.2f s%s",
        one_line(result.student, _MOST_SAID),
        result.assignment,
        result.verdict,
        result.score,
        result.points,
        result.timings.get("total", 0.0),
        said,
    )
