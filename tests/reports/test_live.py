import pytest

from grader.reports.live import LiveRun
from tests.reports.samples import perfect, unreadable


def test_a_log_gets_a_line_now_and_then_with_the_pace_and_what_could_not_be_graded(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun() as live:
        live.total(200)
        for number in range(200):
            live.started(f"student {number}")
            live.graded(unreadable(f"student {number}") if number == 3 else perfect(f"student {number}"))

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Grading 200 submissions."
    assert len(lines) == 21
    assert lines[1].startswith("10 of 200: ")
    assert all(line.endswith("1 not graded") for line in lines[1:])


def test_a_slot_is_shown_as_long_as_it_is_at_a_student(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun() as live:
        live.total(2)
        live.started("ada")
        live.started("bob")
        live.stopped("ada")

        assert list(live.running) == ["bob"]
    assert capsys.readouterr().out == "Grading 2 submissions.\n"
