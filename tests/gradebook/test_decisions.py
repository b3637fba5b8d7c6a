"""Overrides and comments: they outlive regrades, and nothing of them is lost."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader.errors import SettingsError
from grader.gradebook.book import Gradebook
from grader.gradebook.late import LatePolicy
from grader.gradebook.shown import shown
from tests.gradebook.results import result


@pytest.fixture
def graded(gradebook: Gradebook) -> Gradebook:
    gradebook.record(result())
    return gradebook


def test_points_for_a_question_count_instead_of_the_graded_ones(graded: Gradebook) -> None:
    marked = graded.override("ada", "02-rnn", 9, question="rnn_step", reason="a typo", author="jo")

    assert (marked.score, marked.graded) == (19, 14)
    assert [(one.name, one.graded, one.score) for one in marked.questions] == [("one_hot", 10, 10), ("rnn_step", 4, 9)]
    assert marked.questions[1].override is not None
    assert (marked.questions[1].override.old, marked.questions[1].override.reason) == (4, "a typo")


def test_points_for_the_whole_submission_are_the_mark_late_or_not(graded: Gradebook) -> None:
    graded.set_late_policies({"02-rnn": LatePolicy(due=datetime(2020, 1, 1, tzinfo=UTC), penalty_per_day=1)})
    assert next(graded.current()).score == 0

    marked = graded.override("ada", "02-rnn", 17, reason="oral exam", author="jo")

    assert (marked.score, marked.penalty) == (17, 0)


def test_being_late_costs_overridden_questions_too(gradebook: Gradebook) -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    gradebook.set_late_policies({"02-rnn": LatePolicy(due=due, penalty_per_day=0.1)})
    gradebook.record(result(), handed_in=due + timedelta(hours=1))

    assert gradebook.override("ada", "02-rnn", 10, question="rnn_step", reason="x", author="jo").score == 18


def test_an_override_survives_a_regrade_and_a_new_file(graded: Gradebook) -> None:
    graded.override("ada", "02-rnn", 9, question="rnn_step", reason="a typo", author="jo")
    graded.record(result(scores={"one_hot": 0, "rnn_step": 0}), forced=True)
    assert graded.mark("ada", "02-rnn").score == 9

    graded.record(result(digest="d2", scores={"one_hot": 5, "rnn_step": 10}))

    assert graded.mark("ada", "02-rnn").score == 14


def test_a_withdrawn_override_counts_no_more_and_stays_in_the_history(graded: Gradebook) -> None:
    graded.override("ada", "02-rnn", 20, reason="oral", author="jo")

    marked = graded.override("ada", "02-rnn", None, reason="was bob", author="kim")

    assert (marked.score, marked.override) == (14, None)
    told = [(event.kind, event.author, event.what) for event in graded.history("ada", "02-rnn")][1:]
    assert told == [("override", "jo", "the whole submission: 20 instead of 14: oral"), ("withdrawn override", "kim", "the whole submission, was 20: was bob")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"student": "adda"}, "did you mean 'ada'"),
        ({"assignment": "02-rn"}, "there are 02-rnn"),
        ({"question": "rnn_stop"}, "there are one_hot, rnn_step"),
        ({"points": -1}, "no points"),
        ({"points": math.nan}, "no points"),
        ({"points": None}, "no override"),
        ({"points": None, "question": "rnn_step"}, "no override"),
    ],
)
def test_an_override_that_does_not_fit_is_refused_with_what_would(graded: Gradebook, given: dict[str, Any], says: str) -> None:
    fitting: dict[str, Any] = {"student": "ada", "assignment": "02-rnn", "points": 1.0, "reason": "x", "author": "jo"}

    with pytest.raises(SettingsError, match=says):
        graded.override(**fitting | given)

    assert graded.mark("ada", "02-rnn").score == 14
    assert len(graded.history("ada", "02-rnn")) == 1


def test_comments_add_up_and_can_be_replaced_and_taken_away(graded: Gradebook) -> None:
    graded.comment("ada", "02-rnn", "Nice lops!", author="jo", question="rnn_step")
    graded.comment("ada", "02-rnn", "See me.", author="kim")
    graded.comment("ada", "02-rnn", "Nice loops!", author="jo", question="rnn_step", replace=True)
    marked = graded.mark("ada", "02-rnn")
    assert [(one.author, one.question, one.text) for one in marked.comments] == [("kim", None, "See me."), ("jo", "rnn_step", "Nice loops!")]

    graded.comment("ada", "02-rnn", "", author="kim", replace=True)

    assert [one.text for one in graded.mark("ada", "02-rnn").comments] == ["Nice loops!"]
    assert "rnn_step: Nice lops!" in [event.what for event in graded.history("ada", "02-rnn")]


def test_nobody_replaces_the_comment_of_another(graded: Gradebook) -> None:
    graded.comment("ada", "02-rnn", "See me.", author="kim")

    with pytest.raises(SettingsError, match="jo has no comment"):
        graded.comment("ada", "02-rnn", "No.", author="jo", replace=True)


def test_the_student_reads_what_counts_but_not_why(graded: Gradebook) -> None:
    graded.override("ada", "02-rnn", 9, question="rnn_step", reason="a private matter", author="jo")
    graded.comment("ada", "02-rnn", "Well done.", author="jo")

    result_shown = shown(graded.mark("ada", "02-rnn"))

    assert (result_shown.score, result_shown.questions[1].score) == (19, 9)
    assert [question.overridden for question in result_shown.questions] == [False, True]
    assert result_shown.notes == ("rnn_step: your instructor gave 9 of 10 points; grading gave 4.", "jo: Well done.")
    assert "private" not in result_shown.model_dump_json()
