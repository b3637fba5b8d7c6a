"""Marks to export, and tables as they are read again."""

import csv
import io
from dataclasses import replace
from typing import Any

from grader.reports.exports.marks import Mark, mark_of
from grader.results import SubmissionResult
from tests.reports import samples


def mark(result: SubmissionResult | None = None, **fields: Any) -> Mark:  # noqa: ANN401 - any field of a mark
    """Return a mark; a name may be given that the result does not have."""
    return replace(mark_of(result or samples.perfect()), **fields)


def rows_of(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True))


MARKS = (mark(samples.halfway()), mark(), mark(samples.unreadable()), mark(samples.ours()))

HOSTILE = {
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "full-width": "\uff1d1+1",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "quotes": '"=1+1","x',
    "image": "<img src=x onerror=alert(1)>",
    "path": "../../etc/passwd",
    "chinese": "王小明",
    "emoji": "Ada 🎓👩‍💻",
    "newlines": "Ada\nLovelace\r\n::error::x\r",
    "commands": "::stop-commands::x\n::set-output name=x::y%0A::error::",
    "markdown": "| [x](javascript:alert(1)) ![x](https://evil.example/x.png) `a` **b** www.evil.example @octocat #1 \\| ~~x~~ |",
    "entities": "&lt;b&gt; &amp; ]]> <!-- <![CDATA[",
    "control": "a\x00b\x07\x1b[31mred\x1b[0m \x0b\x0c\x1f\x7f\x9b2J",
    "bidi": "\u202egnp.exe\u2066 \u200b\ufeff \ud800 \ufffe \u2028 end",
}
