import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from grader.gradebook.book import Gradebook
from tests.gradebook.results import result

MOST_VALUES = 40
STUDENTS = 60


@pytest.fixture
def few_values() -> Iterator[None]:
    """Let a statement have few values, as databases do for courses of tens of thousands."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, MOST_VALUES)

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


@pytest.mark.usefixtures("few_values")
def test_a_course_may_have_more_students_than_a_statement_has_values(tmp_path: Path) -> None:
    with Gradebook(f"sqlite:///{tmp_path}/book.db") as gradebook:
        for number in range(STUDENTS):
            gradebook.record(result(f"student{number}", digest="first"))
        gradebook.record(result("student7", digest="second"))

        assert len(list(gradebook.current())) == STUDENTS
        assert [student for _, student in gradebook.earlier_shares()] == ["student7"]
