"""What the command line says of many submissions: a table for terminals, aligned lines for logs."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from grader.reports import wording
from grader.reports.outline import Outcome
from grader.reports.safe_text import one_line
from grader.results import Verdict

_MOST_NAME = 40
_MOST_PROBLEM = 100
_STYLES: dict[wording.Tone, str] = {"good": "green", "part": "yellow", "bad": "red", "open": "dim", "ours": "magenta"}


def summary_table(results: Iterable[Outcome]) -> Table:
    """Return a rich table with a line for each submission and the counts below; names are never read as rich's markup."""
    ordered = sorted(results, key=wording.reading_order)
    table = Table(box=None, pad_edge=False, header_style="bold", caption=str(wording.count(ordered)), caption_justify="left")
    table.add_column("Student")
    table.add_column("Assignment")
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Questions", no_wrap=True)
    table.add_column("Problems")
    for result in ordered:
        marks = [wording.mark_question(question) for question in result.questions]
        table.add_row(
            Text(one_line(result.student, _MOST_NAME)),
            Text(one_line(result.assignment, _MOST_NAME)),
            Text(_score(result)),
            Text.assemble(*[(mark.symbol, _STYLES[mark.tone]) for mark in marks]),
            Text(_problems(result), style="red" if _is_urgent(result) else "dim"),
        )
    return table


def plain_summary(results: Iterable[Outcome]) -> Iterator[str]:
    """Yield one aligned line for each submission and a line of counts, without colours."""
    ordered = sorted(results, key=wording.reading_order)
    widths = [0] * len(_cells(ordered[0])) if ordered else []
    for result in ordered:
        widths = [max(width, cell_len(text)) for width, text in zip(widths, _cells(result), strict=True)]
    for result in ordered:
        yield "  ".join(_padded(_cells(result), widths)).rstrip()
    yield str(wording.count(ordered))


def _cells(result: Outcome) -> tuple[str, ...]:
    return (
        one_line(result.student, _MOST_NAME),
        one_line(result.assignment, _MOST_NAME),
        _score(result),
        "".join(wording.mark_question(question).symbol for question in result.questions),
        _problems(result),
    )


def _padded(line: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    for text, width in zip(line, widths, strict=True):
        yield text + " " * (width - cell_len(text))


def _score(result: Outcome) -> str:
    return f"{wording.points(result.score)}/{wording.points(result.points)}" if wording.is_graded(result) else "not graded"


def _problems(result: Outcome) -> str:
    return one_line("; ".join(wording.problems(result)), _MOST_PROBLEM)


def _is_urgent(result: Outcome) -> bool:
    return result.verdict in {Verdict.ERROR, Verdict.OURS} or wording.is_unsandboxed(result)
