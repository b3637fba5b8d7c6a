"""The sample submissions, graded in one go by the real command."""

import tomllib
from pathlib import Path

import pytest

from grader.results import SubmissionResult, Verdict
from tests.end_to_end.command import SUBMISSIONS, Course, make_course

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("warm")]

EXPECTED = tomllib.loads((SUBMISSIONS / "expected.toml").read_text())
MARKS = [(student, assignment, marks) for student, assignments in EXPECTED["marks"].items() for assignment, marks in assignments.items()]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_course(tmp_path_factory.mktemp("course"))
    ran = course.grader("run", SUBMISSIONS)
    assert ran.returncode == 0, ran.stderr
    assert f"Report: {course.out.relative_to(course.folder) / 'index.html'}" in ran.stdout
    return course


@pytest.mark.parametrize(("student", "assignment", "marks"), MARKS, ids=[f"{student}-{assignment}" for student, assignment, _ in MARKS])
def test_each_sample_gets_the_marks_that_it_deserves(graded: Course, student: str, assignment: str, marks: dict[str, float]) -> None:
    result = graded.results()[student, assignment]

    assert {question.name: question.score for question in result.questions} == pytest.approx(marks)


def test_nothing_else_is_graded(graded: Course) -> None:
    readable = {key for key, result in graded.results().items() if result.verdict is not Verdict.ERROR}

    assert readable == {(student, assignment) for student, assignment, _ in MARKS}


def test_an_unreadable_file_gets_its_own_report_and_the_run_goes_on(graded: Course) -> None:
    unreadable = [result for result in graded.results().values() if result.verdict is Verdict.ERROR]

    assert [result.student for result in unreadable] == ["mo"]
    assert unreadable[0].message


def test_every_submission_has_a_page_and_the_index_links_to_it(graded: Course) -> None:
    index = (graded.out / "index.html").read_text()
    pages = [path.relative_to(graded.out).as_posix() for path in graded.out.glob("*/feedback.html")]

    assert len(pages) == len(graded.results())
    assert all(f'href="{page}"' in index for page in pages)


def test_a_second_run_grades_nothing_again_and_says_so(graded: Course) -> None:
    before = graded.results()

    again = graded.here("run", SUBMISSIONS)

    assert f"{sum(_is_graded(result) for result in before.values())} unchanged since the last run" in again.stdout
    assert graded.results().keys() == before.keys()
    assert all(graded.results()[key].graded_at == result.graded_at for key, result in before.items() if _is_graded(result))


def test_forced_and_in_another_order_everything_gets_the_same_marks(graded: Course, tmp_path: Path) -> None:
    other = make_course(tmp_path)
    paths = sorted((path for path in SUBMISSIONS.glob("*/*.ipynb") if path.parent.name in {"ada", "alan", "emil", "lena"}), reverse=True)

    ran = other.here("run", *paths, "--force", "--slots", "1")

    assert ran.returncode == 0, ran.stderr
    expected = graded.results()
    assert {_key(result): _marks(result) for result in other.results().values()} == {
        (path.parent.name, path.stem): _marks(expected[path.parent.name, path.stem]) for path in paths
    }


def _key(result: SubmissionResult) -> tuple[str, str]:
    return result.student, result.assignment


def _is_graded(result: SubmissionResult) -> bool:
    return result.verdict not in (Verdict.ERROR, Verdict.OURS)


def _marks(result: SubmissionResult) -> dict[str, tuple[float, str]]:
    return {question.name: (question.score, question.verdict) for question in result.questions}
