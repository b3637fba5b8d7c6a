"""A class of 200 of whom 40 are hostile: the others get the marks that they get alone, and nothing stays behind."""

import random
import shutil
import tomllib
from pathlib import Path

import nbformat
import pytest

from grader.results import SubmissionResult, Verdict
from tests.end_to_end.command import ROOT, SUBMISSIONS, Course, make_course
from tests.end_to_end.hostile import BOMBS, bomb, left
from tests.end_to_end.watched import watched

NAME = "01-sequences"
HONEST, HOSTILE = 160, 40
SAMPLES = ("ada", "carl", "fred", "grace", "jon")
MARKS = tomllib.loads((SUBMISSIONS / "expected.toml").read_text())["marks"]
PLAN = """
from grader.authoring import Assignment, Limits

LIMITS = Limits(cell_seconds=3.0, call_seconds=5.0, total_seconds=20.0, memory_bytes=768 * 1024**2, scratch_bytes=64 * 1024**2, scratch_files=2000)
assignment = Assignment(title="Sequences", limits=LIMITS)
"""

pytestmark = [pytest.mark.kernel, pytest.mark.long]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with short limits, whose students hand in in an order that is drawn, and always the same."""
    course = make_course(tmp_path_factory.mktemp("class"))
    settings = course.folder / "grader.toml"
    settings.write_text(settings.read_text().replace(str(ROOT / "solutions"), "solutions"))
    shutil.copytree(ROOT / "solutions" / NAME, course.folder / "solutions" / NAME)
    (course.folder / "solutions" / NAME / "questions" / "plan.py").write_text(PLAN)
    names = [f"student{number:03}" for number in range(HONEST + HOSTILE)]
    random.Random(0).shuffle(names)  # noqa: S311 - no secret
    for number, name in enumerate(names):
        folder = course.folder / "submissions" / name
        folder.mkdir(parents=True)
        if number < HONEST:
            (course.folder / f"{name}.sample").write_text(SAMPLES[number % len(SAMPLES)])
            shutil.copy(SUBMISSIONS / SAMPLES[number % len(SAMPLES)] / f"{NAME}.ipynb", folder)
        else:
            hand_in_a_bomb(folder, list(BOMBS)[number % len(BOMBS)])
    return course


def hand_in_a_bomb(folder: Path, name: str) -> None:
    notebook = nbformat.read(SUBMISSIONS / "ada" / f"{NAME}.ipynb", as_version=4)
    answer = next(cell for cell in notebook.cells if "def one_hot" in cell.source)
    answer.source += f"\n\n{bomb(name)}"
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def test_hostile_students_harm_nobody_and_leave_nothing_behind(course: Course) -> None:
    with watched(course, "run", "submissions", "--slots", "2") as run:
        code, said = run.end()

        assert run.left() == []
    assert code == 0, said
    assert "200 graded" in said
    assert "0 not graded through a fault of ours" in said
    results = {student: result for (student, _), result in course.results().items()}
    assert len(results) == HONEST + HOSTILE
    honest = {path.stem: path.read_text() for path in course.folder.glob("*.sample")}
    assert len(honest) == HONEST
    wrong = {student: marks_of(results[student]) for student, sample in honest.items() if marks_of(results[student]) != pytest.approx(MARKS[sample][NAME])}
    assert wrong == {}
    assert all(result.verdict is not Verdict.OURS for result in results.values())
    assert left() == []


def marks_of(result: SubmissionResult) -> dict[str, float]:
    return {question.name: question.score for question in result.questions}
