"""Results are written down once, found again, and never lost."""

import math
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grader.errors import GradebookError, SettingsError
from grader.gradebook.book import Gradebook
from grader.results import SubmissionResult, Verdict
from tests.gradebook.results import question, result

KEY = {"digest": "d1", "bundle_version": "v1", "tier": "namespaces"}
HOSTILE = ["=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>", "../../etc/passwd", "王小明 🎓", "a\0b\ud800\n\x1b[31m'; DROP TABLE students; --"]


def test_a_result_comes_back_as_it_was(gradebook: Gradebook) -> None:
    handed = result(message="half a \ud83d emoji", timings={"total": math.inf})

    gradebook.record(handed)

    assert gradebook.finished("ada", "02-rnn", **KEY) == handed
    assert next(gradebook.current("02-rnn")).result == handed


@pytest.mark.parametrize("changed", [{"digest": "d2"}, {"bundle_version": "v2"}, {"tier": "none"}])
def test_what_changed_is_not_finished(gradebook: Gradebook, changed: dict[str, str]) -> None:
    gradebook.record(result())

    assert gradebook.finished("ada", "02-rnn", **KEY | changed) is None
    assert gradebook.finished("bob", "02-rnn", **KEY) is None
    assert gradebook.finished("ada", "03-lstm", **KEY) is None


def test_the_same_result_is_recorded_once(gradebook: Gradebook) -> None:
    first = gradebook.record(result())

    assert gradebook.record(result()).attempt == first.attempt
    assert next(gradebook.current("02-rnn")).attempts == 1


def test_a_forced_regrade_is_an_attempt_of_its_own_and_the_earlier_is_kept(gradebook: Gradebook) -> None:
    first = gradebook.record(result())
    second = gradebook.record(result(scores={"one_hot": 10, "rnn_step": 10}), forced=True)

    assert first.attempt != second.attempt
    marked = next(gradebook.current("02-rnn"))
    assert (marked.score, marked.attempts) == (20, 2)
    assert ["14 of 20" in event.what or "20 of 20" in event.what for event in gradebook.history("ada", "02-rnn")] == [True, True]


@pytest.mark.parametrize(
    "ours", [{"verdict": Verdict.OURS}, {"questions": (question("one_hot", 0, verdict=Verdict.OURS),)}], ids=["the submission", "a question"]
)
def test_what_failed_by_our_fault_is_graded_again(gradebook: Gradebook, ours: dict[str, Any]) -> None:
    gradebook.record(result(**ours))

    assert gradebook.finished("ada", "02-rnn", **KEY) is None
    gradebook.record(result())
    assert gradebook.finished("ada", "02-rnn", **KEY) == result()
    assert next(gradebook.current()).score == 14


def test_going_back_to_an_earlier_file_brings_its_mark_back(gradebook: Gradebook) -> None:
    gradebook.record(result())
    gradebook.record(result(digest="d2", scores={"one_hot": 0, "rnn_step": 0}))
    assert next(gradebook.current()).score == 0

    gradebook.record(result())

    assert next(gradebook.current()).score == 14


def test_a_file_that_cannot_be_read_is_recorded_with_its_reason(gradebook: Gradebook) -> None:
    unreadable = result(digest="", scores={}, score=0, points=20, verdict=Verdict.ERROR, message="not a notebook")

    gradebook.record(unreadable)
    gradebook.record(unreadable)

    marked = next(gradebook.current("02-rnn"))
    assert (marked.score, marked.points, marked.attempts, marked.result.message) == (0, 20, 1, "not a notebook")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(gradebook: Gradebook, name: str) -> None:
    gradebook.record(result(student=name))
    gradebook.record(result(student="ada"))

    assert gradebook.finished(name, "02-rnn", **KEY) == result(student=name)
    assert gradebook.override(name, "02-rnn", 20, reason=name, author=name).score == 20
    assert [marked.score for marked in gradebook.current() if marked.student.key == "ada"] == [14]


def test_a_process_that_is_killed_loses_nothing_that_was_recorded(url: str) -> None:
    code = "import os, signal; from tests.gradebook.two_graders import record_many; record_many({!r}, 'ada', 5); os.kill(os.getpid(), signal.SIGKILL)"

    ended = subprocess.run([sys.executable, "-c", code.format(url)], check=False)  # noqa: S603 - this very Python

    assert ended.returncode == -9
    with Gradebook(url) as gradebook:
        assert len(list(gradebook.current())) == 5


def test_two_graders_at_once_lose_nothing_and_record_nothing_twice(url: str) -> None:
    code = "from tests.gradebook.two_graders import record_many; record_many({!r}, {!r}, 20)"
    commands = [[sys.executable, "-c", code.format(url, name)] for name in ("shared", "shared", "own")]
    with Gradebook(url) as gradebook:
        run = gradebook.begin_run()
        for number in range(10):
            gradebook.record(result(f"shared{number:02}", bundle_version="v0"), run=run)

    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]  # noqa: S603 - this very Python
    said = [process.communicate(timeout=120)[1] for process in running]

    assert said == ["", "", ""]
    with Gradebook(url) as gradebook:
        attempts = {marked.student.key: marked.attempts for marked in gradebook.current()}
        assert attempts == {f"{name}{number:02}": 1 + (name == "shared" and number < 10) for name in ("own", "shared") for number in range(20)}
        assert [run.results for run in gradebook.runs()] == [10, 20, 20, 20]


def test_rows_are_only_ever_added(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.record(result())
        with closing(sqlite3.connect(path)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'")]
            for table in tables:
                for verb in ("UPDATE", "DELETE"):
                    connection.execute(f"CREATE TRIGGER no_{verb}_{table} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'changed'); END")
            connection.commit()

        gradebook.record(result(), forced=True)
        gradebook.override("ada", "02-rnn", 3, reason="x", author="x")
        gradebook.override("ada", "02-rnn", None, reason="x", author="x")
        gradebook.comment("ada", "02-rnn", "first", author="x")
        gradebook.comment("ada", "02-rnn", "second", author="x", replace=True)

        assert next(gradebook.current()).attempts == 2


@pytest.mark.parametrize(
    ("url", "says"),
    [("mysql://host/x", "mysql"), ("no url", "not a URL"), ("sqlite://", "sqlite"), ("postgresql+pg8000://host/x", "pg8000")],
)
def test_a_url_that_will_not_do_is_refused_with_what_would(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Gradebook(url)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(GradebookError) as caught, Gradebook("postgresql+psycopg://me:secret@127.0.0.1:1/x"):
        pass

    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").write_text("this is no database, but it is long enough to be looked at")

    with pytest.raises(GradebookError, match=r"gradebook\.db cannot be used: file is not a database"), Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}"):
        pass


def test_results_take_little_room(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        run = gradebook.begin_run()
        for number in range(20):
            gradebook.record(_long(f"student{number}"), run=run)

    assert path.stat().st_size / 20 < 50_000_000 / 1000


def _long(student: str) -> SubmissionResult:
    scores = {f"question_{number}": 10.0 * (number % 2) for number in range(6)}
    return result(student, scores, cells=[{"cell_id": str(number), "status": "error", "source": f"line {number}\n" * 50} for number in range(10)])
