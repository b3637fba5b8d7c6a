"""What being late costs."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.gradebook.book import Gradebook
from grader.gradebook.late import LatePolicy
from tests.gradebook.results import result

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
POLICY = LatePolicy(due=DUE, grace_minutes=10, penalty_per_day=0.1, max_days=3)


@pytest.mark.parametrize(
    ("late", "days", "penalty"),
    [
        (timedelta(days=-1), 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(minutes=10), 0, 0),
        (timedelta(minutes=11), 1, 2),
        (timedelta(days=1), 1, 2),
        (timedelta(days=1, seconds=1), 2, 4),
        (timedelta(days=3), 3, 6),
        (timedelta(days=3, seconds=1), 4, 14),
    ],
)
def test_every_begun_day_costs_its_share_of_the_points(gradebook: Gradebook, late: timedelta, days: int, penalty: float) -> None:
    gradebook.set_late_policies({"02-rnn": POLICY})
    gradebook.record(result(), handed_in=DUE + late)

    marked = next(gradebook.current())

    assert (marked.days_late, marked.penalty, marked.score, marked.graded) == (days, penalty, 14 - penalty, 14)


def test_a_mark_never_falls_below_nothing(gradebook: Gradebook) -> None:
    gradebook.set_late_policies({"02-rnn": LatePolicy(due=DUE, penalty_per_day=0.5)})
    gradebook.record(result(), handed_in=DUE + timedelta(days=30))

    assert (next(gradebook.current()).score, next(gradebook.current()).penalty) == (0, 14)


def test_an_extension_is_one_students_own_due_date(gradebook: Gradebook) -> None:
    gradebook.set_late_policies({"02-rnn": POLICY})
    for student in ("ada", "bob"):
        gradebook.record(result(student), handed_in=DUE + timedelta(days=2))

    gradebook.extension("ada", "02-rnn", DUE + timedelta(days=1), author="jo")

    assert [(marked.student.key, marked.score, marked.due) for marked in gradebook.current()] == [("ada", 12, DUE + timedelta(days=1)), ("bob", 10, DUE)]


def test_the_same_file_handed_in_again_is_as_early_as_the_first_time(gradebook: Gradebook) -> None:
    gradebook.set_late_policies({"02-rnn": POLICY})
    gradebook.record(result(), handed_in=DUE)
    gradebook.record(result(), handed_in=DUE + timedelta(days=2), forced=True)

    assert next(gradebook.current()).penalty == 0


def test_a_policy_that_is_lifted_costs_nothing_any_more(gradebook: Gradebook) -> None:
    gradebook.set_late_policies({"02-rnn": POLICY})
    gradebook.record(result(), handed_in=DUE + timedelta(days=2))
    gradebook.set_late_policies({})

    assert (next(gradebook.current()).score, next(gradebook.current()).due) == (14, None)


def test_a_due_date_without_a_zone_is_in_this_machines() -> None:
    assert LatePolicy(due=datetime(2026, 11, 20)).due == datetime(2026, 11, 20).astimezone()  # noqa: DTZ001 - what is tested


def test_due_dates_compare_across_zones() -> None:
    policy = LatePolicy.model_validate({"due": "2026-11-20T23:59:00+08:00"})

    assert policy.days_late(datetime(2026, 11, 20, 15, 59, tzinfo=UTC)) == 0
    assert policy.days_late(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == 1
