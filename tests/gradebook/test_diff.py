"""Whose mark moved between two runs, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from grader.errors import SettingsError
from grader.gradebook.book import Gradebook
from grader.gradebook.late import LatePolicy
from grader.gradebook.records import Reason
from tests.gradebook.results import result

BETTER = {"one_hot": 10.0, "rnn_step": 10.0}


def record(gradebook: Gradebook, *fields: dict[str, Any], forced: bool = False) -> None:
    """Record one run with a result for each."""
    run = gradebook.begin_run(author="jo")
    for one in fields:
        gradebook.record(result(**one), run=run, forced=forced)


def reasons(gradebook: Gradebook) -> list[Reason]:
    """Return why the only mark moved that moved between the last two runs."""
    (moved,) = gradebook.diff().moved
    return list(moved.reasons)


def test_a_better_file_moves_the_mark_of_its_student_on_its_case(gradebook: Gradebook) -> None:
    record(gradebook, {"student": "ada"}, {"student": "bob"})
    record(gradebook, {"student": "ada", "digest": "d2", "scores": BETTER}, {"student": "bob"})

    difference = gradebook.diff()

    (moved,) = difference.moved
    assert (moved.student.key, moved.assignment, moved.before, moved.after, moved.points) == ("ada", "02-rnn", 14, 20, 20)
    assert moved.reasons == (
        Reason(what="another file was handed in"),
        Reason(what="case", question="rnn_step", case="one row", before="failed", after="passed"),
    )
    assert (difference.before.results, difference.after.results, difference.after.author) == (2, 2, "jo")


def test_a_changed_assignment_is_named_as_the_reason(gradebook: Gradebook) -> None:
    record(gradebook, {})
    record(gradebook, {"bundle_version": "v2", "scores": BETTER})

    assert Reason(what="the assignment changed", before="v1", after="v2") in reasons(gradebook)


def test_a_forced_regrade_is_named_as_the_reason(gradebook: Gradebook) -> None:
    record(gradebook, {})
    record(gradebook, {"scores": BETTER}, forced=True)

    assert Reason(what="the same file was graded again") in reasons(gradebook)


def test_an_override_between_two_runs_is_named_with_its_author(gradebook: Gradebook) -> None:
    record(gradebook, {})
    gradebook.override("ada", "02-rnn", 9, question="rnn_step", reason="a typo", author="kim")
    record(gradebook, {})
    assert reasons(gradebook) == [Reason(what="override by kim: a typo", question="rnn_step", before="4", after="9")]

    gradebook.override("ada", "02-rnn", None, question="rnn_step", reason="no", author="kim")
    record(gradebook, {})

    assert reasons(gradebook) == [Reason(what="an override was withdrawn", question="rnn_step", before="9")]


def test_a_late_policy_is_named_with_what_it_costs(gradebook: Gradebook) -> None:
    record(gradebook, {})
    gradebook.set_late_policies({"02-rnn": LatePolicy(due=datetime(2020, 1, 1, tzinfo=UTC), penalty_per_day=0.1)})
    record(gradebook, {})

    (reason,) = reasons(gradebook)
    assert "days late instead of 0" in reason.what
    assert (reason.before, reason.after) == ("-0", "-14")


def test_a_first_result_is_one_that_was_not_there_before(gradebook: Gradebook) -> None:
    record(gradebook, {"student": "ada"})
    record(gradebook, {"student": "ada"}, {"student": "bob"})

    (moved,) = gradebook.diff().moved
    assert (moved.student.key, moved.before, moved.after) == ("bob", None, 14)


def test_a_question_that_comes_or_goes_is_named(gradebook: Gradebook) -> None:
    record(gradebook, {"scores": {"old": 3, "kept": 5}})
    record(gradebook, {"scores": {"kept": 5, "new": 7}, "bundle_version": "v2"})

    assert {reason.question for reason in reasons(gradebook)} == {None, "old", "new"}


def test_runs_further_apart_are_compared_as_they_ended(gradebook: Gradebook) -> None:
    record(gradebook, {})
    record(gradebook, {"digest": "d2", "scores": BETTER})
    record(gradebook, {"digest": "d3", "scores": {"one_hot": 0, "rnn_step": 0}})
    first, second, third = (run.id for run in gradebook.runs())

    assert [(moved.before, moved.after) for moved in gradebook.diff(first, second).moved] == [(14, 20)]
    assert [(moved.before, moved.after) for moved in gradebook.diff(first, third).moved] == [(14, 0)]
    assert gradebook.diff(third, third).moved == ()


def test_there_is_nothing_to_compare_before_the_second_run(gradebook: Gradebook) -> None:
    with pytest.raises(SettingsError, match="no run yet"):
        gradebook.diff()
    record(gradebook, {})
    with pytest.raises(SettingsError, match="nothing to compare"):
        gradebook.diff()
    with pytest.raises(SettingsError, match="no run 7; runs are 1 to 1"):
        gradebook.diff(1, 7)
