import weakref
from collections.abc import Callable, Iterable, Iterator

import pytest

from grader.reports.exports.csv_table import csv_table
from grader.reports.exports.github import annotations, step_summary
from grader.reports.exports.json_lines import json_lines
from grader.reports.exports.junit import junit_xml
from grader.reports.exports.marks import Mark
from grader.reports.exports.nbgrader import nbgrader_csv
from tests.reports import samples
from tests.reports.exports.given import mark

FORMATS: dict[str, Callable[[Iterable[Mark]], Iterable[str]]] = {
    "csv": csv_table,
    "nbgrader": nbgrader_csv,
    "jsonl": json_lines,
    "junit": lambda marks: junit_xml(marks, hostname="ci"),
    "github": annotations,
    "github-summary": step_summary,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_mark_is_let_go_when_it_is_written(name: str) -> None:
    given: list[weakref.ref[Mark]] = []
    most = 0

    def marks() -> Iterator[Mark]:
        nonlocal most
        for number in range(12):
            one = mark(samples.halfway(), student=f"student {number}")
            given.append(weakref.ref(one))
            yield one
            most = max(most, sum(ref() is not None for ref in given))

    assert "student 1" in "".join(FORMATS[name](marks()))

    assert most <= 2
