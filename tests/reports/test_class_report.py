import math
import re

import pytest

from grader.reports.class_report import render_class
from grader.reports.class_row import ClassRow, class_row
from grader.reports.class_statistics import clusters, mistake_figures, question_figures
from grader.results import CellResult, SubmissionResult, Verdict
from tests.reports import samples
from tests.reports.classroom import classroom
from tests.reports.page import Page

EARLIER = {("rnn-scratch", "Student 0000"): (0.2, 0.4), ("rnn-scratch", "Student 0001"): (0.6,)}


def rows(results: list[SubmissionResult]) -> list[ClassRow]:
    return [class_row(result, href=f"{number}/feedback.html") for number, result in enumerate(results)]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_class(rows(classroom(80)), earlier=EARLIER))


def part(page: Page, heading: str) -> str:
    title = next(element for element in page.elements if element.tag in {"h3", "h4"} and element.text == heading)
    return title.inside[-1].text


def test_the_page_begins_with_what_matters_most(page: Page) -> None:
    minute = part(page, "In a minute")

    assert "Hardest: lstm_step" in minute
    assert "Most frequent mistake (" in minute
    assert "Which gate decides what is forgotten?" in minute
    assert "return the same wrong answer that nobody foresaw" in minute
    assert "1 submission to look at, 1 pair with near-identical code" in minute
    assert "2 submissions could not be graded" in minute


def test_questions_are_said_with_success_and_discrimination() -> None:
    results = classroom(60)
    graded = [result for result in results if result.questions]
    found = {figures.name: figures for figures in question_figures(rows(graded))}["lstm_step"]

    scores = [next(question.score for question in result.questions if question.name == "lstm_step") for result in graded]
    rest = [result.score - score for result, score in zip(graded, scores, strict=True)]
    assert math.isclose(found.mean, sum(scores) / len(scores) / 6)
    assert math.isclose(found.solved, scores.count(6) / len(scores))
    assert found.discrimination is not None
    assert math.isclose(found.discrimination, correlation(scores, rest))


def test_few_submissions_or_equal_scores_have_no_discrimination() -> None:
    assert all(figures.discrimination is None for figures in question_figures(rows(classroom(9))))
    assert all(figures.discrimination is None for figures in question_figures(rows([samples.perfect(f"student {number}") for number in range(20)])))


def test_known_mistakes_are_ranked_and_lead_to_the_students_question() -> None:
    first, *others = mistake_figures(rows(classroom(80)))
    page = Page(render_class(rows(classroom(80))))

    assert (first.question, first.mistake) == ("lstm_step", "L04")
    assert [len(first.rows), *(len(one.rows) for one in others)] == sorted([len(first.rows), *(len(one.rows) for one in others)], reverse=True)
    assert f"{first.rows[0].href}#question-6" in {link.attributes["href"] for link in page.all("a")}


def test_equal_wrong_answers_come_together_once() -> None:
    results = classroom(300)
    same = {result.student for result in results for question in result.questions if any(case.got_digest == "softmax-same" for case in question.cases)}

    found = [group for group in clusters(rows(results)) if group.question == "softmax"]

    assert [{row.student for row in group.rows} for group in found] == [same]
    assert found[0].cases == ("a batch of two", "one row")
    assert found[0].reading == "Your result is the transpose of the right one."


def test_a_group_inside_a_larger_one_is_left_out() -> None:
    def student(name: str, second: str) -> SubmissionResult:
        question = samples.raising_softmax()
        cases = [question.cases[0].model_copy(update={"name": case, "got_digest": digest}) for case, digest in [("first", "same"), ("second", second)]]
        return samples.perfect(name).model_copy(update={"questions": (question.model_copy(update={"cases": tuple(cases)}),)})

    found = clusters(rows([student("a", "alike"), student("b", "alike"), student("c", "other")]))

    assert [([row.student for row in group.rows], group.cases) for group in found] == [(["a", "b", "c"], ("first",))]


def test_two_cases_of_one_student_are_no_group() -> None:
    assert clusters(rows([samples.halfway()])) == []


def test_what_went_wrong_through_an_earlier_question_is_no_unknown_answer() -> None:
    case = samples.raising_softmax().cases[0].model_copy(update={"got_digest": "same"})
    question = samples.carried_rnn_forward().model_copy(update={"cases": (case,)})
    twice = [samples.perfect(name).model_copy(update={"questions": (question,)}) for name in "ab"]
    still_wrong = [result.model_copy(update={"questions": (question.model_copy(update={"score": 3}),)}) for result in twice]

    assert clusters(rows(twice)) == []
    assert len(clusters(rows(still_wrong))) == 1


def test_a_recognised_mistake_is_no_unknown_answer() -> None:
    assert clusters(rows([samples.halfway().model_copy(update={"questions": (samples.wrong_rnn_step(),), "student": name}) for name in "ab"])) == []


def test_what_an_instructor_should_look_at_is_named() -> None:
    died = CellResult(cell_id="c", status="died", message="your code used more than 2 GiB of memory")
    lost = samples.perfect("Iris").model_copy(update={"cells": (died,)})
    page = Page(render_class(rows([samples.halfway(), lost, samples.perfect("Grace")])))

    look = part(page, "To look at")
    assert "Ada Lovelace: not allowed: torch.nn.GRUCell; 1 locked cell changed" in look
    assert "Iris: your code used more than 2 GiB of memory" in look
    assert "Grace" not in look


def test_near_identical_code_is_named_with_both_pages(page: Page) -> None:
    assert "Student 0002 and Student 0003: 100 % of the shorter one's own code" in part(page, "Near-identical code")


def test_two_students_of_one_name_are_compared_too() -> None:
    twins = [result.model_copy(update={"student": "Li Wei"}) if number in {2, 3} else result for number, result in enumerate(classroom(80))]

    assert "Li Wei and Li Wei: 100 %" in Page(render_class(rows(twins))).text


def test_handed_out_code_is_not_compared() -> None:
    results = classroom(80)
    shared = rows(results)[2].prints
    report = render_class([class_row(result, href="x.html", usual=shared) for result in results])

    assert "No pair of submissions shares much that few others have." in report


def test_failed_runs_say_why(page: Page) -> None:
    runs = part(page, "Failed and slow runs")

    assert "Student 0004: our fault: The kernel could not be started: no space left on the device." in runs
    assert "Student 0005: unreadable: the file ends in the middle: was the upload cut off?" in runs


def test_the_heat_map_has_a_line_for_each_graded_student_weakest_first(page: Page) -> None:
    table = page.first("table", css="heat")
    lines = [element for element in page.all("tr") if table in element.inside][1:]
    scores = [float(next(cell.text for cell in page.all("td") if line in cell.inside)) for line in lines]

    assert len(lines) == 78
    assert scores == sorted(scores)
    assert all(cell.attributes.get("class", "d0") == "d5" for cell in page.all("td") if table in cell.inside and cell.text == "0")


def test_charts_are_pictures_with_a_text_and_take_the_pages_colours(page: Page) -> None:
    charts = page.all("svg")

    assert [chart.attributes["aria-label"] for chart in charts] == [
        "Distribution of the marks",
        "Success and discrimination of the questions",
        "Marks over attempts",
    ]
    assert all(chart.attributes["role"] == "img" for chart in charts)
    inside = page.source[page.source.index("<svg") : page.source.rindex("</svg>")]
    assert "currentColor" in inside
    assert re.findall(r"(?:fill|stroke): #(?!0{3}\b)[0-9a-f]+", inside) == []
    assert "<text" not in inside


def test_all_ids_of_a_page_differ() -> None:
    page = Page(render_class(rows([*classroom(30), *classroom(30, assignment="another")]), earlier=EARLIER))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]

    assert len(ids) == len(set(ids))


def test_the_same_class_makes_the_same_page() -> None:
    assert render_class(rows(classroom(30))) == render_class(rows(classroom(30))[::-1])


def test_progress_is_shown_where_somebody_handed_in_more_than_once(page: Page) -> None:
    assert re.search(r"Attempt 1: \d+ %, 78 students, Attempt 2: \d+ %, 2 students, Attempt 3: \d+ %, 1 student\b", page.text)
    assert "Progress" not in Page(render_class(rows(classroom(20)))).text


def test_each_assignment_has_its_own_part() -> None:
    page = Page(render_class(rows([*classroom(12), *classroom(12, assignment="attention")])))

    assert [element.attributes["id"] for element in page.all("h2")] == ["a1", "a2"]


@pytest.mark.parametrize("results", [[], [samples.ours()], [samples.unreadable()], [samples.perfect()]], ids=["none", "ours", "unreadable", "one"])
def test_small_classes_make_a_page_too(results: list[SubmissionResult]) -> None:
    assert "Class report" in Page(render_class(rows(results))).text


def test_a_thousand_students_make_a_page_below_two_megabytes() -> None:
    source = render_class(rows(classroom(1000)))

    assert len(source.encode()) < 2_000_000
    assert source.count("<tr><th") > 1000


def test_a_question_that_was_not_filled_in_has_no_fingerprints() -> None:
    missing = samples.wrong_rnn_step().model_copy(update={"verdict": Verdict.MISSING, "code": "x = 1\n" * 100})

    assert class_row(samples.perfect().model_copy(update={"questions": (missing,)}), href="x").prints.tolist() == []


def correlation(left: list[float], right: list[float]) -> float:
    mean_left, mean_right = sum(left) / len(left), sum(right) / len(right)
    both = sum((one - mean_left) * (other - mean_right) for one, other in zip(left, right, strict=True))
    return both / math.sqrt(sum((one - mean_left) ** 2 for one in left) * sum((other - mean_right) ** 2 for other in right))
