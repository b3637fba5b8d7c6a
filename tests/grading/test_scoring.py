"""The 40/40/20 rule, cases with their own points, and the credit of a known mistake."""

from typing import Literal

import pytest

from grader.grading.scoring import Mark, question_score


def mark(group: Literal["public", "hidden", "edge"], credit: float = 1.0, points: float | None = None) -> Mark:
    return Mark(group=group, points=points, credit=credit)


def test_all_cases_passed_is_all_points() -> None:
    assert question_score(7, [mark("public"), mark("hidden"), mark("edge")]) == pytest.approx(7)


def test_groups_weigh_forty_forty_twenty() -> None:
    assert question_score(10, [mark("public"), mark("hidden", 0), mark("edge", 0)]) == pytest.approx(4)
    assert question_score(10, [mark("public", 0), mark("hidden"), mark("edge", 0)]) == pytest.approx(4)
    assert question_score(10, [mark("public", 0), mark("hidden", 0), mark("edge")]) == pytest.approx(2)


def test_a_group_counts_only_when_all_of_its_cases_pass() -> None:
    assert question_score(10, [mark("public"), mark("public", 0), mark("hidden"), mark("edge")]) == pytest.approx(6)


def test_groups_that_do_not_exist_leave_their_share_to_the_others() -> None:
    assert question_score(6, [mark("public"), mark("hidden", 0)]) == pytest.approx(3)
    assert question_score(6, [mark("public"), mark("edge", 0)]) == pytest.approx(4)
    assert question_score(6, [mark("public")]) == pytest.approx(6)


def test_cases_with_points_are_marked_by_themselves_and_the_rest_is_shared_out() -> None:
    marks = [mark("public"), mark("hidden", 0), mark("hidden", 1, points=3), mark("edge", 0, points=2)]

    assert question_score(10, marks) == pytest.approx(3 + 5 * 0.5)


def test_a_choice_question_is_the_sum_of_its_items() -> None:
    marks = [mark("public"), mark("hidden", 1, points=0.5), mark("hidden", 0, points=0.5), mark("hidden", 1, points=1)]

    assert question_score(2, marks) == pytest.approx(1.5)


def test_partial_credit_of_a_check_counts_for_its_case_and_its_group() -> None:
    assert question_score(4, [mark("hidden", 0.5, points=4)]) == pytest.approx(2)
    assert question_score(4, [mark("public", 0.5), mark("public")]) == pytest.approx(2)


def test_a_known_mistake_keeps_at_least_its_credit() -> None:
    marks = [mark("public", 0), mark("hidden", 0), mark("edge")]

    assert question_score(10, marks, credit=0.5) == pytest.approx(5)
    assert question_score(10, marks, credit=0.1) == pytest.approx(2)


def test_nothing_asked_is_nothing_earned() -> None:
    assert question_score(10, []) == 0
