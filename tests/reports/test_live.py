import time

import pytest

from grader.reports.live import LiveRun
from tests.reports.samples import perfect, unreadable


def test_a_log_gets_a_line_now_and_then_with_the_pace_and_what_could_not_be_graded(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun() as live:
        live.total(200)
        for number in range(200):
            live.started(f"student {number}")
            live.stopped(f"student {number}")
            live.graded(unreadable(f"student {number}") if number == 3 else perfect(f"student {number}"))

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Grading 200 submissions."
    assert len(lines) == 21
    assert " a second, " in lines[1]
    assert lines[1].startswith("10 of 200: ")
    assert all(line.endswith("1 could not be graded") for line in lines[1:])


def test_what_is_kept_from_an_earlier_run_counts_for_no_speed(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun() as live:
        live.total(60)
        for number in range(30):
            live.graded(perfect(f"student {number}"))
        live.graded(unreadable("student 30"))
        live.started("student 31")
        time.sleep(0.1)
        live.stopped("student 31")
        live.graded(perfect("student 31"))

        assert float(live.pace().split()[0]) <= 10

    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "3 of 60"
    assert lines[10] == "30 of 60"


def test_a_slot_is_shown_as_long_as_it_is_at_a_student(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun() as live:
        live.total(2)
        live.started("ada")
        live.started("bob")
        live.stopped("ada")

        assert list(live.running) == ["bob"]
    assert capsys.readouterr().out == "Grading 2 submissions.\n"
