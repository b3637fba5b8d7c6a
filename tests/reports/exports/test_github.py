"""What GitHub Actions reads: annotations and the step's summary."""

import json
import re
from dataclasses import dataclass

import pytest
from markdown_it import MarkdownIt

from grader.reports.exports.github import annotations, step_summary
from grader.reports.exports.marks import Mark
from grader.results import QuestionResult, Verdict
from tests.reports import samples
from tests.reports.exports.given import HOSTILE, MARKS, mark


@dataclass(frozen=True, kw_only=True)
class Command:
    """A workflow command as the runner understands it."""

    kind: str
    properties: dict[str, str]
    message: str


def commands(*marks: Mark) -> list[Command]:
    text = "".join(annotations(marks))
    assert text.count("\n") == len(text.splitlines())
    return [_command(line) for line in text.splitlines()]


def _command(line: str) -> Command:
    found = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert found is not None
    properties = dict(one.split("=", 1) for one in found[2].split(","))
    return Command(kind=found[1], properties={name: _plain(value) for name, value in properties.items()}, message=_plain(found[3]))


def _plain(text: str) -> str:
    return re.sub("%([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), text)


def test_a_question_without_all_points_is_an_error_at_the_notebook() -> None:
    found = commands(mark(samples.halfway()))

    step = next(one for one in found if "rnn_step" in one.properties["title"])
    assert step.kind == "error"
    assert step.properties == {"file": "submissions/ada_lovelace/rnn-scratch.ipynb", "title": "Ada Lovelace, rnn-scratch, rnn_step: 1 of 4 points"}
    assert "Partly right\nLook at what joins X and H" in step.message
    assert not any("Vocab" in one.properties["title"] for one in found)


def test_the_total_is_told_as_classroom_tells_it() -> None:
    *_, last = commands(*MARKS)

    assert (last.kind, last.properties) == ("notice", {"title": "Autograding report"})
    assert json.loads(last.message) == {"totalPoints": 20.2, "maxPoints": 114.0}


def test_what_could_not_be_graded_is_an_error_with_its_reason() -> None:
    first, _ = commands(mark(samples.unreadable()))

    assert first.properties["title"] == "Charles Babbage, rnn-scratch: not graded"
    assert "this is a PDF" in first.message


def test_a_note_or_a_missing_sandbox_is_a_warning() -> None:
    kinds = [one.kind for one in commands(mark(samples.perfect().model_copy(update={"notes": ("odd",), "environment": {"sandbox": "none"}})))]

    assert kinds == ["warning", "warning", "notice"]


def test_no_more_than_ten_of_a_kind_are_printed_and_the_last_says_how_many_are_left() -> None:
    found = commands(*(mark(samples.halfway()) for _ in range(20)))

    errors = [one for one in found if one.kind == "error"]
    assert len(errors) == 10
    assert errors[-1].message == "151 more are in the report."
    assert all(sum(one.kind == kind for one in found) <= 10 for kind in ("error", "warning", "notice"))


def test_hidden_cases_are_not_told() -> None:
    assert samples.PRIVATE not in "".join(annotations(MARKS)) + step_summary(MARKS)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_cannot_give_commands(name: str) -> None:
    question = QuestionResult(name=name, title=name, points=1, score=0, verdict=Verdict.FAILED, message=name)
    result = samples.perfect(name, name).model_copy(update={"questions": (question,), "notes": (name,), "path": name})

    assert [one.kind for one in commands(mark(result))] == ["error", "warning", "notice"]


def html(marks: list[Mark]) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(step_summary(marks)))


def test_the_summary_has_a_row_for_each_submission() -> None:
    page = html(list(MARKS))

    assert page.count("<tr>") == 1 + len(MARKS)
    assert "<td>Ada Lovelace</td>" in page
    assert '<td style="text-align:right">13.2/37</td>' in page
    assert page.count("not graded") == 2


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_no_markdown_and_no_html_and_can_be_read(name: str) -> None:
    result = samples.unreadable(name).model_copy(update={"assignment": name, "message": name})

    page = html([mark(result), mark()])

    assert set(re.findall(r"<(\w+)", page)) == {"h2", "table", "thead", "tbody", "tr", "th", "td"}
    assert [row.count("<td") for row in page.split("<tr>")[2:]] == [5, 5]


@pytest.mark.parametrize("name", ["王小明", "<img src=x onerror=alert(1)>", "a|b", "www.evil.example", "@octocat", "Ada 🎓"])
def test_a_name_stands_in_the_summary_as_it_is(name: str) -> None:
    assert name in re.sub(r"&(lt|gt);", lambda found: {"lt": "<", "gt": ">"}[found[1]], html([mark(student=name)]))


@pytest.mark.parametrize("name", ["www.evil.example", "https://evil.example", "@octocat", "#1", "user@example.edu"])
def test_nothing_that_github_would_link_stands_in_the_source(name: str) -> None:
    assert name not in step_summary([mark(student=name)])


def test_a_summary_that_github_would_refuse_is_cut_and_says_so() -> None:
    text = step_summary([mark(student="王" * 50)] * 100, most_bytes=5000)

    assert len(text.encode()) <= 5000
    assert re.search(r"\n\d+ more submissions are not shown\.\n$", text)
