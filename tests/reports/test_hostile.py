import re
from functools import cache

import pytest
from rich.console import Console

from grader.reports.class_report import render_class
from grader.reports.class_row import class_row
from grader.reports.filenames import report_name
from grader.reports.html import IndexRow, render_index, render_submission
from grader.reports.terminal import plain_summary, summary_table
from grader.results import SubmissionResult
from tests.reports import samples
from tests.reports.classroom import classroom
from tests.reports.hostile import ATTACKS, spoil
from tests.reports.page import Page

TAGS = re.compile(
    r"a|abbr|article|b|bdi|body|br|code|dd|details|div|dl|dt|figcaption|figure|h1|h2|h3|h4|head|header|html|img|li|link|main|meta|nav|ol|p|pre|section|span|strong|style|summary|svg|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
ATTRIBUTES = re.compile(
    r"alt|aria-hidden|aria-label|aria-labelledby|charset|class|content|href|http-equiv|id|lang|name|open|rel|role|scope|src|style|tabindex|title|viewbox"
)
CHART = re.compile(r"(<svg [^>]*>).*?</svg>", re.DOTALL)
"""Made of numbers alone; what could be hostile stands in its label."""

INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def all_results(attack: str) -> list[SubmissionResult]:
    return [spoil(result, attack) for result in (samples.halfway(), samples.perfect(), samples.unreadable(), samples.ours())]


@cache
def all_pages(attack: str) -> list[str]:
    results = all_results(attack)
    rows = [IndexRow(result=result, href=f"{report_name(result.student, result.assignment)}.html") for result in results]
    class_rows = [class_row(result, href=row.href) for result, row in zip(results, rows, strict=True)]
    class_rows += [class_row(spoil(result, attack), href="page.html") for result in classroom(12)]
    whole_class = render_class(class_rows, generated_at=attack)
    return [*map(render_submission, results), render_index(rows, title=attack, generated_at=attack), CHART.sub(r"\1</svg>", whole_class)]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_text_becomes_markup(attack: str) -> None:
    for source in all_pages(attack):
        page = Page(source)
        assert all(TAGS.fullmatch(element.tag) for element in page.elements)
        assert all(ATTRIBUTES.fullmatch(name) for element in page.elements for name in element.attributes)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_page_loads_nothing_and_links_only_to_pages_beside_it(attack: str) -> None:
    for source in all_pages(attack):
        page = Page(source)
        assert page.all("meta")[1].attributes["content"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
        assert "url(" not in page.first("style").text
        assert "@import" not in page.first("style").text
        assert all(re.fullmatch(r"data:(,|image/png;base64,[A-Za-z0-9+/=]+)", element.attributes.get("src", "data:,")) for element in page.elements)
        assert all(re.fullmatch(r"#[\w-]+|data:,|[\w.%-]+\.html(#question-\d+)?", element.attributes.get("href", "data:,")) for element in page.elements)
        assert all(re.fullmatch(r"width:\d{1,3}%", element.attributes.get("style", "width:0%")) for element in page.elements)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_nothing_invisible_stays_on_a_page_and_it_can_be_encoded(attack: str) -> None:
    for source in all_pages(attack):
        assert INVISIBLE.search(source) is None
        assert source.encode()


@pytest.mark.parametrize("attack", ["<img src=x onerror=alert(1)>", "../../etc/passwd", "=cmd|' /C calc'!A0", "王小明 🎓", "שלום", "O'Brien & Söhne"])
def test_odd_names_can_be_read_on_the_page_as_they_are(attack: str) -> None:
    result = samples.perfect(student=attack)

    assert Page(render_submission(result)).first("bdi").text == attack
    assert Page(render_index([IndexRow(result=result, href="x.html")])).first("bdi").text == attack
    assert attack in "\n".join(plain_summary([result]))


def test_direction_changes_in_code_are_made_visible() -> None:
    question = samples.raising_softmax().model_copy(update={"code": 'access = "user\u202e \u2066# admin\u2069 \u2066"\n'})

    source = render_submission(samples.perfect().model_copy(update={"questions": (question,)}))

    assert "user[U+202E]" in Page(source).text


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_terminals_get_no_control_sequences_and_a_line_for_each_submission(attack: str) -> None:
    console = Console(width=200, force_terminal=False)
    results = all_results(f"{attack}\nsecond line\r")
    with console.capture() as capture:
        console.print(summary_table(results))

    lines = "\n".join(plain_summary(results))
    assert len(lines.splitlines()) == len(results) + 1
    assert INVISIBLE.search(lines + capture.get()) is None


def test_names_are_not_read_as_the_markup_of_the_terminal_library() -> None:
    console = Console(width=200, force_terminal=False)
    with console.capture() as capture:
        console.print(summary_table([samples.perfect(student="[red]Ada[/red] [/]")]))

    assert "[red]Ada[/red] [/]" in capture.get()


def test_megabytes_of_text_in_every_field_stay_a_page_that_opens() -> None:
    result = spoil(samples.halfway(), "A" * 200_000)

    assert len(render_submission(result).encode()) < 4_000_000
