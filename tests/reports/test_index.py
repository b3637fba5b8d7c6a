import re

from grader.reports.html import IndexRow, render_index
from grader.results import SubmissionResult
from tests.reports import samples
from tests.reports.page import Page

RESULTS = [
    samples.unreadable(),
    samples.halfway(),
    samples.ours(),
    samples.perfect("Émile"),
    samples.perfect("zoë", "attention"),
    samples.perfect("Anna", "attention"),
]


def index(results: list[SubmissionResult]) -> Page:
    return Page(render_index([IndexRow(result=result, href=f"pages/{number}.html") for number, result in enumerate(results)], generated_at="2 October 2024"))


def cells(page: Page, student: str) -> list[str]:
    row = next(row for row in page.all("tr") if student in row.text)
    return [" ".join(element.text.split()) for element in page.elements if element.tag in {"td", "th"} and row in element.inside]


def test_submissions_are_sorted_by_assignment_then_student() -> None:
    page = index(RESULTS)

    assert [name.text for name in page.all("bdi")] == ["Anna", "zoë", "Ada Lovelace", "Alan Turing", "Charles Babbage", "Émile"]


def test_a_line_says_student_score_verdicts_and_problems() -> None:
    student, score, _, *verdicts, problems = cells(index(RESULTS), "Ada Lovelace")

    assert student == "Ada Lovelace"
    assert score == "13.2 / 37"
    assert verdicts[:4] == ["✓Correct", "✗Not right yet", "◐Partly right", "↷Right, given a correct rnn_step"]
    assert problems == "1 not filled in; 2 cells stopped; not allowed: torch.nn.GRUCell; 1 locked cell changed"


def test_a_student_links_to_the_page() -> None:
    link = next(link for link in index(RESULTS).all("a") if "Ada" in link.text)

    assert link.attributes["href"] == "pages/1.html"


def test_a_link_cannot_leave_the_folder_by_a_scheme() -> None:
    page = Page(render_index([IndexRow(result=samples.perfect(), href="javascript:alert(1)")]))

    assert page.all("a")[-1].attributes["href"] == "javascript%3Aalert%281%29"


def test_what_could_not_be_graded_says_why() -> None:
    page = index(RESULTS)

    assert cells(page, "Charles Babbage")[1] == "not graded"
    assert cells(page, "Charles Babbage")[-1] == "unreadable: Expecting value: line 1 column 1: this is a PDF, not a notebook."
    assert cells(page, "Alan Turing")[-1] == "our fault: The kernel could not be started: no space left on the device."


def test_the_page_counts_and_says_which_questions_were_hard() -> None:
    page = index(RESULTS)

    assert "6 submissions: 4 graded, 1 of them below full points; 1 unreadable; 1 not graded through a fault of ours." in page.text
    assert page.all("tfoot")[1].text.split()[3:6] == ["100", "0", "50"]
    assert "2 submissions, on average 100 % of the points." in page.text


def test_the_symbols_are_explained() -> None:
    assert all(words in index(RESULTS).first(css="key").text for words in ("✓ Correct", "↷ Right, given correct answers", "◐ Partly right", "○ Not filled in"))


def test_a_run_without_sandbox_is_said_in_its_line() -> None:
    result = samples.perfect().model_copy(update={"environment": {"sandbox": "none"}})

    assert cells(index([result]), "Grace Hopper")[-1] == "UNSANDBOXED"


def test_hidden_cases_are_not_told() -> None:
    assert samples.PRIVATE not in index(RESULTS).source


def test_no_submissions_make_a_page_too() -> None:
    assert "No submissions were found." in index([]).text


def test_a_thousand_submissions_make_one_page_of_a_few_megabytes() -> None:
    result = samples.halfway()

    page = index([result.model_copy(update={"student": f"student {number}"}) for number in range(1000)])

    assert len(page.all("bdi")) == 1000
    assert len(page.source) < 3_000_000


def test_tables_name_their_columns_and_rows() -> None:
    page = index(RESULTS)

    assert all("scope" in header.attributes for header in page.all("th"))
    assert re.findall(r"<h(\d)", page.source) == ["1", "2", "2"]
