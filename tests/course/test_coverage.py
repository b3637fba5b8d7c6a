"""The table of what the course covers names questions and cases that exist."""

from grader.authoring.load import draw_cases
from tests.course.assignments import NAMES, ROOT, questions_of

README = (ROOT / "solutions" / "README.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    """Return the cells of every row of the tables."""
    lines = [line for line in README.splitlines() if line.startswith("| ") and not line.startswith("| what it teaches")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_row_says_where_something_is_graded() -> None:
    assert len(rows()) > 90
    assert [row for row in rows() if len(row) != 4 or not all(row)] == []


def test_every_question_and_case_of_the_table_exists() -> None:
    cases = {(name, question.name): {case.name for case in draw_cases(name, question)} for name in NAMES for question in questions_of(name).questions}

    unknown = [(name, question, case) for _, name, question, named in rows() for case in named.split("; ") if case not in cases.get((name, question), set())]

    assert unknown == []


def test_every_question_is_in_the_table() -> None:
    assert {(name, question.name) for name in NAMES for question in questions_of(name).questions} == {(name, question) for _, name, question, _ in rows()}
