from itertools import pairwise

import pytest

from grader.reports.html import render_submission
from grader.results import CaseResult, Diagnosis, QuestionResult, SubmissionResult, Verdict
from tests.reports import samples
from tests.reports.page import Page


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_submission(samples.halfway()))


def with_question(question: QuestionResult) -> Page:
    result = samples.perfect().model_copy(update={"questions": (question,), "score": question.score, "points": question.points})
    return Page(render_submission(result))


def test_the_page_opens_with_assignment_student_and_score(page: Page) -> None:
    assert page.first("h1").text == "Recurrent networks from scratch"
    assert "for Ada Lovelace" in page.text
    assert page.first("p", css="total").text == "13.2 of 37 points"
    assert "width:36%" in page.source


def test_the_question_that_others_build_on_is_to_be_fixed_first(page: Page) -> None:
    card = page.first("section", css="first")

    assert "rnn_step" in card.text
    assert "rnn_forward builds on it" in card.text


def test_else_the_question_with_most_to_win_is_to_be_fixed_first() -> None:
    result = samples.halfway()
    without_carried = result.model_copy(update={"questions": tuple(question for question in result.questions if question.carried is None)})

    card = Page(render_submission(without_carried)).first("section", css="first")

    assert "gru_step" in card.text
    assert "4 points" in card.text


def test_what_an_instructor_gave_is_said_to_be_theirs_and_is_not_to_be_fixed() -> None:
    result = samples.halfway()
    given = tuple(question.model_copy(update={"overridden": True, "score": 2} if question.name == "rnn_step" else {}) for question in result.questions)

    page = Page(render_submission(result.model_copy(update={"questions": given})))

    assert "rnn_step" not in page.first("section", css="first").text
    assert "Set by your instructor" in page.section("rnn_step").text


def test_where_an_instructor_gave_the_whole_mark_nothing_is_to_be_fixed_first() -> None:
    page = Page(render_submission(samples.halfway().model_copy(update={"score": 37, "overridden": True})))

    assert "What to fix first" not in page.text


def test_a_flawless_notebook_is_told_so() -> None:
    page = Page(render_submission(samples.perfect()))

    assert "Everything is right. Well done!" in page.text
    assert "What to fix first" not in page.text


def test_every_verdict_is_said_in_words(page: Page) -> None:
    verdicts = [element.text for element in page.all("strong") if element.inside[-1].attributes.get("class") == "verdict"]

    assert verdicts == [
        "Correct",
        "Not right yet",
        "Partly right",
        "Right, given a correct rnn_step",
        "Stopped with an error",
        "Partly right",
        "Uses something that is not allowed here",
        "Ran out of time",
        "The kernel was lost",
        "Not filled in",
    ]


def test_a_hint_stands_open_and_where_to_look_is_folded(page: Page) -> None:
    hint = page.section("rnn_step").first("div", css="hint")
    where = next(element for element in page.section("rnn_step").all("p") if "Count the arguments" in element.text)

    assert "is every parameter of the layer in use?" in hint.text
    assert not hint.is_folded()
    assert where.is_folded()


def test_a_hint_is_given_once_though_several_cases_share_it(page: Page) -> None:
    assert page.section("rnn_step").text.count("is every parameter of the layer in use?") == 1


def test_a_hint_that_only_cases_know_is_given_once_too() -> None:
    hint = Diagnosis(source="generic", hint="The sign is wrong.")
    failing = CaseResult(name="small", group="public", verdict=Verdict.FAILED, diagnosis=hint)
    cases = (failing, failing, samples.hidden(Verdict.FAILED, diagnosis=hint), samples.hidden(Verdict.FAILED, diagnosis=hint))

    page = with_question(QuestionResult(name="step", title="", points=1, score=0, verdict=Verdict.FAILED, cases=cases))

    assert page.text.count("The sign is wrong.") == 1


def test_a_failing_public_case_shows_inputs_expected_and_got_as_tables(page: Page) -> None:
    section = page.section("rnn_step")
    captions = [" ".join(caption.text.replace("×", "x").replace("−", "-").split()) for caption in section.all("figcaption")]  # noqa: RUF001 - typography of the page

    assert captions == [
        "expected float32 3 x 4",
        "got float32 3 x 4",
        "difference |got - expected|",
        "X float32 3 x 5",
        "H float32 3 x 4",
        "W_xh float32 5 x 4",
        "W_hh float32 4 x 4",
        "b_h float32 4",
    ]
    assert len(section.all("table")) == len(captions)
    assert "12 of 12 elements differ, first at [0, 0], largest error 1.3." in section.text


def test_the_largest_difference_is_coloured_most_and_the_legend_says_what_colours_mean(page: Page) -> None:
    section = page.section("rnn_step")

    assert [cell.text for cell in section.all("td", css="d5")] == ["-0.8611", "1.3"]
    assert section.first(css="legend").text.split()[-1] == "1.3"


def test_tensors_of_unequal_shape_are_shown_without_differences(page: Page) -> None:
    section = page.section("one_hot")

    assert "another shape" in section.text
    assert "difference" not in section.text
    assert section.all("td", css="d5") == []


def test_passed_public_cases_are_folded_with_their_notes(page: Page) -> None:
    note = next(element for element in page.section("Vocab").all("li") if "a NumPy array where a tensor was asked" in element.text)

    assert note.is_folded()


def test_hidden_cases_are_only_counted(page: Page) -> None:
    assert "Hidden cases: 1 of 3 passed. At the border: 1 of 1 passed. 2 gave a wrong answer." in page.section("rnn_step").text
    assert samples.PRIVATE not in page.source
    assert "4711" not in page.source


def test_hints_of_hidden_cases_are_given(page: Page) -> None:
    section = page.section("perplexity")

    assert "A hint from the hidden cases. A diverged model has a perplexity of infinity" in section.text


def test_who_fails_hidden_cases_alone_is_told_to_try_other_inputs_unless_there_is_a_hint() -> None:
    public = CaseResult(name="small", group="public", verdict=Verdict.PASSED)
    question = QuestionResult(name="step", title="", points=1, score=0.4, verdict=Verdict.FAILED, cases=(public, samples.hidden(Verdict.FAILED)))
    hinted = question.model_copy(update={"diagnosis": Diagnosis(source="generic", hint="Off by a factor of two.")})

    assert "try inputs of your own" in with_question(question).text
    assert "try inputs of your own" not in with_question(hinted).text


def test_carrying_errors_forward_is_explained(page: Page) -> None:
    assert (
        "Your rnn_step was not right yet, so rnn_forward was also graded with a correct one: 6 of 6 points instead of 0. A mistake costs only once."
        in page.section("rnn_forward").text
    )


def test_what_failed_before_errors_were_carried_forward_is_folded(page: Page) -> None:
    section = page.section("rnn_forward")

    assert section.first("article", css="case").is_folded()
    assert not page.section("rnn_step").first("article", css="case").is_folded()


def test_what_a_message_says_is_not_said_again() -> None:
    case = samples.wrong_rnn_step().cases[0]
    assert case.difference is not None
    message = "element [0, 0]: expected 0.4402, got -0.8611; 12 of 12 elements differ, largest error 1.3"
    said = case.model_copy(update={"message": message, "difference": case.difference.model_copy(update={"message": message, "path": "[1]"})})

    text = with_question(samples.wrong_rnn_step().model_copy(update={"cases": (said,), "message": f"{case.name}: {message}"})).text

    assert text.count("12 of 12 elements differ") == text.count("largest error 1.3") == text.count("[0, 0]") == 1
    assert "Element [0, 0]: expected" in text
    assert "In [1] of the answer." in text


def test_after_a_case_that_did_not_finish_the_others_are_only_listed() -> None:
    first = CaseResult(name="first", group="public", verdict=Verdict.TIMEOUT, message="no answer within 5 seconds")
    second = CaseResult(name="second", group="public", verdict=Verdict.TIMEOUT, message="not run, because case 'first' did not finish")

    page = with_question(QuestionResult(name="step", title="", points=1, score=0, verdict=Verdict.TIMEOUT, cases=(first, second)))

    assert [heading.text for heading in page.all("h3")] == ["◷ Case: first, Ran out of time"]
    assert "1 more public case did not pass" in page.text


def test_a_second_chance_that_won_nothing_is_explained_too() -> None:
    question = samples.carried_rnn_forward()
    assert question.carried is not None
    lost = question.model_copy(update={"score": 0, "carried": question.carried.model_copy(update={"score": 0})})

    assert "that gave no more points, so there is something to find in this question as well" in with_question(lost).text


def test_a_missing_question_says_what_to_do(page: Page) -> None:
    text = page.section("predict").text

    assert "Write your answer in the cell that begins with #| question: predict" in text
    assert 'check("predict")' in text


def test_forbidden_names_are_named(page: Page) -> None:
    assert "Not allowed here: torch.nn.GRUCell." in page.section("gru_step").text


def test_an_error_is_shown_with_the_line_that_raised_it(page: Page) -> None:
    section = page.section("softmax")

    assert "RuntimeError: The size of tensor a (28) must match" in section.text
    assert "line 6 in softmax: return powers / total" in section.text
    assert "return powers / total" in section.first(css="hll").text
    assert not section.first(css="hll").is_folded()


def test_the_marked_line_is_right_when_the_cell_begins_with_blank_lines() -> None:
    question = samples.raising_softmax().model_copy(update={"code": "\n\n\ny = 1\r\nz = 1 / 0\n", "error_line": 5})

    assert "z = 1 / 0" in with_question(question).first(css="hll").text


def test_a_line_outside_the_code_marks_nothing() -> None:
    question = samples.raising_softmax().model_copy(update={"error_line": 10**6})

    assert with_question(question).all(css="hll") == []


def test_only_the_first_failing_cases_are_shown_in_full() -> None:
    question = samples.wrong_rnn_step()
    many = question.model_copy(update={"cases": tuple(question.cases[0].model_copy(update={"name": f"case {number}"}) for number in range(5))})

    page = with_question(many)

    assert [heading.text for heading in page.all("h3")] == ["✗ Case: case 0, Not right yet", "✗ Case: case 1, Not right yet"]
    assert "3 more public cases did not pass" in page.text


def test_cells_that_failed_are_shown_with_what_they_printed(page: Page) -> None:
    cells = page.first("section", css="cells")

    assert "losses = train(net, num_epochs=3) stopped with an error" in " ".join(cells.text.split())
    assert "epoch 1, perplexity 17.3\nepoch 2, perplexity 11.9" in cells.text
    assert page.first("img").attributes["src"].startswith("data:image/png;base64,iVBOR")
    assert "while loss > 0.1: did not finish in time" in " ".join(cells.text.split())


def test_a_flood_of_failing_cells_is_cut_and_counted() -> None:
    cells = samples.failed_cells()[1:] * 50

    page = Page(render_submission(samples.perfect().model_copy(update={"cells": cells})))

    assert len(page.all("article", css="cell")) == 20
    assert "30 more cells did not run through either." in page.text


def test_how_it_was_graded_is_on_the_page(page: Page) -> None:
    terms = {name.text: value.text for name, value in zip(page.all("dt"), page.all("dd"), strict=True)}

    assert terms["SHA-256 of the file"] == samples.halfway().digest
    assert (terms["torch"], terms["device"], terms["seed"], terms["sandbox"]) == ("2.13.0", "cpu", "20240917", "namespaces")
    assert "cells31.20" in page.first("table", css="times").text


def test_a_run_without_sandbox_is_stamped_unsandboxed(page: Page) -> None:
    unsandboxed = samples.perfect().model_copy(update={"environment": {"sandbox": "none"}})

    assert "UNSANDBOXED" in Page(render_submission(unsandboxed)).first(css="alarm").text
    assert "UNSANDBOXED" not in page.text


def test_an_unreadable_notebook_is_told_why_and_what_to_do() -> None:
    text = Page(render_submission(samples.unreadable())).text

    assert "Your notebook could not be read" in text
    assert "this is a PDF, not a notebook." in text
    assert "the name of the file ends in .ipynb" in text
    assert "of 35 points" not in text


def test_a_fault_of_ours_is_not_put_on_the_student() -> None:
    text = Page(render_submission(samples.ours())).text

    assert "the fault is not yours" in text
    assert "no space left on the device" in text
    assert "of 35 points" not in text


def test_a_question_that_we_could_not_grade_is_not_to_be_fixed() -> None:
    question = QuestionResult(name="step", title="", points=4, score=0, verdict=Verdict.OURS)

    page = with_question(question)

    assert "the fault is not yours" in page.text
    assert "What to fix first" not in page.text
    assert "Well done" not in page.text


def test_a_usual_page_is_small(page: Page) -> None:
    assert len(page.source.encode()) < 100_000


def test_a_page_of_twenty_lost_questions_with_large_tables_stays_bearable() -> None:
    case = samples.raising_softmax().cases[0]
    table = samples.large_table()
    wide = case.model_copy(update={"verdict": Verdict.FAILED, "inputs": dict.fromkeys("abcde", table), "expected": table, "got": table})
    questions = tuple(samples.wrong_rnn_step().model_copy(update={"name": f"q{number}", "cases": (wide,) * 10}) for number in range(20))

    source = render_submission(samples.perfect().model_copy(update={"questions": questions}))

    assert len(source.encode()) < 1_200_000


@pytest.mark.parametrize("result", [samples.halfway(), samples.perfect(), samples.unreadable(), samples.ours()], ids=lambda result: result.student)
def test_pages_can_be_read_by_structure(result: SubmissionResult) -> None:
    page = Page(render_submission(result))
    levels = [int(element.tag[1]) for element in page.elements if element.tag in {"h1", "h2", "h3", "h4"}]
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    targets = [link.attributes["href"].removeprefix("#") for link in page.all("a")]
    labels = [element.attributes["aria-labelledby"] for element in page.elements if "aria-labelledby" in element.attributes]

    assert page.first("html").attributes["lang"] == "en"
    assert page.all("a")[0].attributes["href"] == "#main"
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("main")) == 1
    assert len(ids) == len(set(ids))
    assert {*targets, *labels} <= set(ids)
    assert all(
        "scope" in header.attributes for header in page.all("th") if not any(outer.attributes.get("class", "").startswith("output") for outer in header.inside)
    )
    assert all(image.attributes["alt"] for image in page.all("img"))
