"""`grader diff`: whose mark moved between two runs, and why."""

from collections.abc import Iterator

from grader.gradebook.records import Difference, Moved, Reason, Run
from grader.reports.safe_text import one_line


def tell(difference: Difference) -> str:
    """Return the difference in words, a line for each mark with its reasons below."""
    count = len(difference.moved)
    head = f"From {_run(difference.before)} to {_run(difference.after)}: {count or 'no'} mark{'s' * (count != 1)} moved."
    return "\n".join([head, *(line for moved in difference.moved for line in _mark(moved))])


def _run(run: Run) -> str:
    return f"run {run.id} ({run.at.astimezone():%Y-%m-%d %H:%M}{', ' + one_line(run.author) if run.author else ''})"


def _mark(moved: Moved) -> Iterator[str]:
    before = "-" if moved.before is None else f"{moved.before:g}"
    yield f"{one_line(moved.student.name)}  {one_line(moved.assignment)}  {before} → {moved.after:g} of {moved.points:g}"
    yield from (f"    {_reason(reason)}" for reason in moved.reasons)


def _reason(reason: Reason) -> str:
    what = reason.what
    if reason.case is not None:
        what = f"{reason.question}, case {reason.case!r}"
    elif reason.question is not None:
        what = f"{reason.question}: {reason.what}"
    change = f": {reason.before or '-'} → {reason.after or '-'}" if reason.before or reason.after else ""
    return one_line(what, 200) + change
