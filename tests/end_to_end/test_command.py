"""What the command does with options, mistakes in them, and interruptions."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.command import ROOT, SUBMISSIONS, Course, make_course

ADA = SUBMISSIONS / "ada" / "02-rnn.ipynb"
FRED = SUBMISSIONS / "fred" / "01-sequences.ipynb"

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


@pytest.mark.kernel
def test_a_mark_below_fail_under_is_exit_code_1(course: Course) -> None:
    ran = course.here("run", FRED, "--fail-under", "50")

    assert ran.returncode == 1
    assert "0/14" in ran.stdout
    assert "1 below the 50 % of --fail-under." in ran.stderr


@pytest.mark.kernel
def test_one_notebook_is_graded_for_the_student_who_is_named(course: Course, tmp_path: Path) -> None:
    shutil.copy(ADA, tmp_path / "homework.ipynb")

    ran = course.here("run", tmp_path / "homework.ipynb", "--assignment", "02-rnn", "--student", "Ada L.", "--fail-under", "100")

    assert ran.returncode == 0, ran.stderr
    assert set(course.results()) == {("Ada L.", "02-rnn")}


@pytest.mark.kernel
def test_without_a_sandbox_every_report_says_so(course: Course) -> None:
    ran = course.here("run", ADA, "--sandbox", "none")

    assert ran.returncode == 0, ran.stderr
    result = course.results()["ada", "02-rnn"]
    assert (result.score, result.environment["sandbox"]) == (result.points, "none")
    assert "UNSANDBOXED" in next(course.out.glob("*/feedback.html")).read_text()


@pytest.mark.kernel
def test_cold_kernels_give_the_same_marks(course: Course) -> None:
    ran = course.here("run", ADA, "--cold")

    assert ran.returncode == 0, ran.stderr
    result = course.results()["ada", "02-rnn"]
    assert (result.score, result.environment["sandbox"]) == (result.points, "none")


@pytest.mark.kernel
def test_what_was_graded_before_ctrl_c_is_kept(course: Course, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / "submissions" / f"s{number:02}").mkdir(parents=True)
        shutil.copy(ADA, tmp_path / "submissions" / f"s{number:02}" / ADA.name)
    command = [sys.executable, "-m", "grader", "run", "submissions", "--slots", "1"]
    with subprocess.Popen(command, cwd=course.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own command
        assert running.stdout is not None
        assert any(" of 40: " in line for line in running.stdout), "ended before anything was graded"
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)

    assert running.returncode == 130
    assert "what was graded is kept" in said
    kept = course.results()
    assert 0 < len(kept) < 40
    assert all(student in (course.out / "index.html").read_text() for student, _ in kept)
    assert f"{len(kept)} unchanged" in course.here("run", *sorted(Path("submissions") / student for student, _ in kept)).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "nowhere"], "nowhere does not exist"),
        (["run", str(FRED), "--assignment", "02-rn"], "02-rnn"),
        (["run", str(FRED), "--device", "tpu"], "--device: 'tpu' is no device: say auto"),
        (["run", str(FRED), "--sandbox", "wishful"], "--sandbox: there is no 'wishful'; say 'auto', 'namespaces'"),
        (["run", str(FRED), "--junit", "/proc/none/junit.xml"], "/proc/none/junit.xml cannot be written"),
        (["validate", "--html", "/proc/none/page.html"], "/proc/none/page.html cannot be written"),
        (["release", "02-rn"], "did you mean '02-rnn'?"),
        (["new", "../escape"], "../escape"),
    ],
)
def test_what_does_not_fit_is_explained_with_exit_code_2(course: Course, arguments: list[str], told: str) -> None:
    ran = course.here(*arguments)

    assert ran.returncode == 2
    assert told in ran.stderr
    assert not course.out.exists()


def test_a_setting_that_does_not_exist_is_named(course: Course) -> None:
    (course.folder / "grader.toml").write_text('solution = "solutions"')

    ran = course.grader("release")

    assert ran.returncode == 2
    assert ran.stderr == "grader: grader.toml: solution: there is no such setting; did you mean 'solutions'?\n"


def test_help_of_the_command_imports_nothing_heavy() -> None:
    code = "import sys, contextlib\nfrom grader.cli import app\nwith contextlib.suppress(SystemExit): app(['--help'])\nprint([name for name in ('torch', 'nbclient', 'jinja2', 'pydantic') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own command

    assert "grader run submissions/" in ran.stdout
    assert ran.stdout.endswith("[]\n")
