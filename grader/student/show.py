"""How attempts look: HTML in a notebook, light or dark, and text elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape

from grader.student.attempt import Attempt, CaseAttempt
from grader.student.table import Table, difference_table
from grader.values.tree import TensorLeaf, Value
from grader.values.wording import describe, short

_GREEN, _RED, _GREY = "#2a8a45", "#d64545", "#767676"
_CELL = "padding:1px 6px;text-align:right;font-family:monospace;border:1px solid rgba(128,128,128,.3)"
_STRUCK = ";background:rgba(214,69,69,.25);font-weight:bold"


class Report:
    """What `check` shows: `str()` gives the text, notebooks take the HTML."""

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        self._attempts = attempts

    def __str__(self) -> str:
        return "\n".join(line for tried in self._attempts for line in _text(tried))

    @property
    def passed(self) -> bool:
        """Whether every public case of every question passed."""
        return all(tried.cases and all(case.passed for case in tried.cases) for tried in self._attempts)

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return both forms, whichever IPython wants."""
        return {"text/plain": str(self), "text/html": "".join(_html(tried) for tried in self._attempts)}


def _summary(tried: Attempt) -> str:
    if tried.missing:
        return tried.missing
    passed = sum(case.passed for case in tried.cases)
    if passed == len(tried.cases):
        return "public cases passed; hidden cases are run when it is graded"
    return f"{passed} of {len(tried.cases)} public cases passed; hidden cases are run when it is graded"


def _text(tried: Attempt) -> Iterator[str]:
    yield f"{tried.question.name}: {_summary(tried)}"
    for case in tried.cases:
        yield f"  [{'passed' if case.passed else 'failed'}] {case.case.name}" + (f": {case.message}" if case.message else "")
        yield from (f"      {line}" for line in [case.line, *case.notes] if line)
        table = difference_table(case)
        if table is not None:
            yield from (f"      {line}" for line in _text_table(table))


def _text_table(table: Table) -> Iterator[str]:
    for title, rows in (("expected", table.expected), ("yours", table.got)):
        yield f"{title} {table.label}".rstrip()
        width = max(len(number) for row in rows for number in row) + 1
        for row, marks in zip(rows, table.differs, strict=True):
            yield "  " + " ".join(f"{'*' if mark and title == 'yours' else ''}{number}".rjust(width) for number, mark in zip(row, marks, strict=True))


def _html(tried: Attempt) -> str:
    done = bool(tried.cases) and all(case.passed for case in tried.cases)
    colour = _GREY if tried.missing else _GREEN if done else _RED
    head = f"<b>{escape(tried.question.name)}</b> &ndash; {escape(tried.question.title)}<div style='color:{colour}'>{escape(_summary(tried))}</div>"
    return f"<div style='border-left:4px solid {colour};padding:4px 12px;margin:6px 0'>{head}{''.join(_html_case(case) for case in tried.cases)}</div>"


def _html_case(tried: CaseAttempt) -> str:
    mark, colour = ("&#10003;", _GREEN) if tried.passed else ("&#10007;", _RED)
    parts = [f"<span style='color:{colour}'>{mark}</span> {escape(tried.case.name)}"]
    if tried.message:
        parts.append(f": {escape(tried.message)}")
    if tried.line:
        parts.append(f"<br><code>{escape(tried.line)}</code>")
    parts += [f"<br><small>{escape(note)}</small>" for note in tried.notes]
    if not tried.passed:
        table = difference_table(tried)
        parts.append(_html_tables(table) if table is not None else "")
        parts.append(_html_inputs(tried))
    return f"<div style='margin-top:4px'>{''.join(parts)}</div>"


def _html_tables(table: Table) -> str:
    unmarked = tuple(tuple(False for _ in row) for row in table.differs)
    both = (("expected", table.expected, unmarked), ("yours", table.got, table.differs))
    cells = "".join(
        f"<div><small>{title} {escape(table.label)}</small><table style='border-collapse:collapse;margin:0;color:inherit'>{_html_rows(rows, marks)}</table></div>"
        for title, rows, marks in both
    )
    return f"<div style='display:flex;flex-wrap:wrap;gap:16px;margin:4px 0'>{cells}</div>"


def _html_rows(rows: Sequence[Sequence[str]], marks: Sequence[Sequence[bool]]) -> str:
    return "".join(
        "<tr>" + "".join(f"<td style='{_CELL}{_STRUCK if mark else ''}'>{escape(number)}</td>" for number, mark in zip(row, marked, strict=True)) + "</tr>"
        for row, marked in zip(rows, marks, strict=True)
    )


def _html_inputs(tried: CaseAttempt) -> str:
    rows = "".join(f"<div><code>{escape(name)}</code>: {escape(_brief(value))}</div>" for name, value in tried.case.inputs.items())
    return f"<details><summary><small>inputs</small></summary><small>{rows}</small></details>" if rows else ""


def _brief(value: Value) -> str:
    match value:
        case TensorLeaf():
            return f"{describe(value)} of shape {tuple(value.data.shape)}, {str(value.data.dtype).removeprefix('torch.')}"
        case list() | tuple() | dict():
            return f"{describe(value)} of length {len(value)}"
        case _:
            return short(value)
