"""The commands about marks that were given already, as people type them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.cli.exits import Exit
from grader.gradebook.book import Gradebook
from grader.reports.json_result import read_result
from grader.results import SubmissionResult
from tests.gradebook.results import result
from tests.release.course import write_course

HOSTILE = ["=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>", "../../etc/passwd", "王小明 🎓", "ada\x1b[31m\u202egnp.exe", "[red]ada[/red]"]
Command = Callable[..., Result]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def grader(course: Path) -> Command:
    assert course.is_dir()
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def record(course: Path, *results: SubmissionResult) -> None:
    """Record results as a run of their own, where the commands look for them."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        run = gradebook.begin_run()
        for one in results:
            gradebook.record(one, run=run)


def test_an_override_changes_the_pages_once_they_are_written_again(course: Path, grader: Command) -> None:
    record(course, result("ada"))

    said = grader("override", "ada", "02-rnn", "9", "--question", "rnn_step", "--reason", "a private matter")
    reported = grader("report")

    assert said.stdout.startswith("The mark is 19 of 20 now.")
    assert reported.stdout == "1 mark. Report: reports/index.html\n"
    assert read_result(course / "reports" / "02-rnn--ada" / "result.json").score == 19
    page = (course / "reports" / "02-rnn--ada" / "feedback.html").read_text()
    assert "your instructor gave 9 of 10 points" in page
    assert "a private matter" not in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["11", "--question", "rnn_step"], "Mind that 11 is more than the 10 points that rnn_step is worth.\n"),
        (["21"], "Mind that 21 is more than the 20 points that 02-rnn is worth.\n"),
        (["20"], ""),
    ],
)
def test_an_override_above_what_there_is_to_have_is_kept_and_remarked_on(course: Path, grader: Command, arguments: list[str], told: str) -> None:
    record(course, result("ada"))

    said = grader("override", "ada", "02-rnn", *arguments, "--reason", "x")

    assert (said.exit_code, said.stderr) == (0, told)


def test_a_withdrawn_override_counts_no_more(course: Path, grader: Command) -> None:
    record(course, result("ada"))
    grader("override", "ada", "02-rnn", "3", "--reason", "x")

    said = grader("override", "ada", "02-rnn", "--withdraw", "--reason", "y", "--author", "kim")

    assert said.stdout.startswith("The mark is 14 of 20 now.")
    assert "withdrawn override by kim: the whole submission, was 3: y" in grader("history", "ada", "02-rnn").stdout


@pytest.mark.parametrize("arguments", [["3", "--withdraw"], []])
def test_points_and_withdrawal_exclude_each_other(course: Path, grader: Command, arguments: list[str]) -> None:
    record(course, result("ada"))

    assert grader("override", "ada", "02-rnn", "--reason", "x", *arguments).exit_code == Exit.USAGE


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["override", "adda", "02-rnn", "3", "--reason", "x"], "did you mean 'ada'?"),
        (["override", "ada", "02-rnn", "3", "--reason", " "], "Say a reason"),
        (["comment", "ada", "02-rn", "hello"], "there are 02-rnn"),
        (["comment", "ada", "02-rnn", ""], "--replace"),
        (["extension", "ada", "02-rnn", "2026-12-01"], "never late"),
        (["history", "adda", "02-rnn"], "did you mean 'ada'?"),
        (["diff"], "nothing to compare"),
        (["report", "--assignment", "02-rn"], "there are results for 02-rnn"),
        (["students", "import", "nowhere.csv"], "nowhere.csv cannot be read"),
    ],
)
def test_what_does_not_fit_is_explained_with_exit_code_2(course: Path, grader: Command, arguments: list[str], told: str) -> None:
    record(course, result("ada"))

    said = grader(*arguments)

    assert (said.exit_code, said.exception.__class__) == (Exit.USAGE, SystemExit)
    assert told in said.stderr


def test_a_gradebook_that_cannot_be_opened_is_our_failure(course: Path, grader: Command) -> None:
    (course / ".grader").mkdir()
    (course / "gradebook.db").write_text("no database at all, only words and more words")

    said = grader("diff")

    assert said.exit_code == Exit.OURS
    assert "not a database" in said.stderr


def test_an_extension_moves_a_due_date_of_the_settings(course: Path, grader: Command) -> None:
    (course / "grader.toml").write_text("[late.02-rnn]\ndue = 2020-01-01T00:00:00Z\npenalty_per_day = 1.0\n")
    record(course, result("ada"), result("bob"))

    said = grader("extension", "ada", "02-rnn", "2999-12-01")
    grader("report")

    assert said.stdout == "Due 2999-12-01 23:59 now.\n"
    scores = {student: read_result(course / "reports" / f"02-rnn--{student}" / "result.json").score for student in ("ada", "bob")}
    assert scores == {"ada": 14, "bob": 0}
    assert "14 points are taken off" in (course / "reports" / "02-rnn--bob" / "feedback.html").read_text()


@pytest.mark.parametrize("due", ["tomorrow", "2026-13-01", ""])
def test_a_due_date_that_is_none_is_refused(course: Path, grader: Command, due: str) -> None:
    (course / "grader.toml").write_text("[late.02-rnn]\ndue = 2020-01-01T00:00:00Z\n")

    said = grader("extension", "ada", "02-rnn", due)

    assert said.exit_code == Exit.USAGE
    assert "is no date" in said.stderr


def test_a_due_date_of_an_assignment_that_does_not_exist_is_a_slip(course: Path, grader: Command) -> None:
    write_course(course / "solutions" / "02-rnn")
    (course / "grader.toml").write_text("[late.02-rn]\ndue = 2020-01-01T00:00:00Z\n")

    said = grader("run", "submissions")

    assert said.exit_code == Exit.USAGE
    assert "did you mean '02-rnn'?" in said.stderr


def test_a_gradebook_lies_where_the_settings_say(course: Path, grader: Command) -> None:
    (course / "grader.toml").write_text('gradebook = "sqlite:///marks/all.db"\n')

    grader("students", "list")

    assert [path.relative_to(course) for path in course.rglob("*.db")] == [Path("marks/all.db")]


def test_a_comment_stands_on_the_page(course: Path, grader: Command) -> None:
    record(course, result("ada"))

    grader("comment", "ada", "02-rnn", "Lovely <b>loops</b>!", "--author", "Jo")
    grader("report")

    assert "Jo: Lovely &lt;b&gt;loops&lt;/b&gt;!" in (course / "reports" / "02-rnn--ada" / "feedback.html").read_text()


def test_diff_says_whose_mark_moved_and_on_which_case(course: Path, grader: Command) -> None:
    record(course, result("ada"), result("bob"))
    record(course, result("ada", {"one_hot": 10, "rnn_step": 10}, digest="d2"), result("bob"))

    lines = grader("diff").stdout.splitlines()

    assert lines[0].endswith(": 1 mark moved.")
    assert lines[1:] == ["ada  02-rnn  14 → 20 of 20", "    another file was handed in", "    rnn_step, case 'one row': failed → passed"]
    assert grader("diff", "1", "2").stdout.splitlines() == lines
    assert grader("diff", "2", "2").stdout.endswith(": no marks moved.\n")


def test_a_roster_names_the_students_of_reports(course: Path, grader: Command) -> None:
    record(course, result("17"))
    (course / "roster.csv").write_text("name,id,section\nAda Lovelace,17,A\nBob,18,B\n")

    said = grader("students", "import", "roster.csv")
    grader("report")

    assert said.stdout == "1 new, 1 changed, 0 as before.\n"
    assert "Ada Lovelace" in (course / "reports" / "index.html").read_text()
    listed = [line.split() for line in grader("students", "list").stdout.splitlines()]
    assert listed[1:] == [["Ada", "Lovelace", "17", "A", "17"], ["Bob", "18", "B"]]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_harmless_and_readable(course: Path, grader: Command, name: str) -> None:
    record(course, result(name))
    record(course, result(name, {"one_hot": 10, "rnn_step": 10}, digest="d2"))
    grader("comment", name, "02-rnn", name, "--author", name)

    told = [grader(*command).stdout for command in (["diff"], ["students", "list"], ["history", name, "02-rnn"])]
    reported = grader("report")

    assert reported.exit_code == 0
    readable = name.replace("\x1b[31m", "").replace("\u202e", "[U+202E]")
    assert all(readable in text for text in told)
    assert not any(character in text for text in told for character in "\x1b\u202e")
    assert [path.parent.parent for path in course.rglob("result.json")] == [course / "reports"]
    assert "<img" not in (course / "reports" / "index.html").read_text()


def test_report_writes_what_a_run_wrote_without_running_anything(course: Path, grader: Command) -> None:
    record(course, result("ada"), result("bob", assignment="03-lstm"))

    grader("report", "--assignment", "03-lstm", "--out", "again")

    assert sorted(path.name for path in (course / "again").iterdir()) == ["03-lstm--bob", "class.html", "index.html"]
    assert read_result(course / "again" / "03-lstm--bob" / "result.json") == result("bob", assignment="03-lstm")
