import asyncio
import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from grader.errors import SettingsError
from grader.reports.json_result import read_result
from grader.settings import load_settings
from grader.workflows.demo import TrueMarks, demo
from grader.workflows.run import run
from grader.workflows.run_request import Progress, RunRequest
from tests.grading.assignments import IMPORTS
from tests.release.course import write_course

QUESTIONS = '''\
import torch

from grader.authoring import Assignment, Case, Limits

assignment = Assignment(title="Steps", limits=Limits(call_seconds=1))


@assignment.question("double", points=2)
def double(draw):
    """Twice a tensor."""
    yield Case("one row", public=True, X=draw.normal(1, 12))
    yield Case("several rows", X=draw.normal(3, 12))


@double.mistake("D01", hint="Your result is too small.", where="How often is X in the sum?")
def once(X):
    return X


@double.mistake("D02", hint="Rows other than the first are wrong.", where="Does your code treat all rows alike?")
def first_row_only(X):
    return torch.cat((X[:1] * 2, X[1:]))


@assignment.question("total", points=3, depends_on=["double"])
def total(draw):
    """The sum of what is doubled."""
    yield Case("one row", public=True, X=draw.normal(1, 4))
    yield Case("no row", edge=True, X=draw.normal(0, 4))


@total.mistake("T01", hint="That is the mean.", where="By what do you divide?")
def mean(X):
    return 2 * X.mean()


@assignment.question("answers", points=1)
def answers(draw):
    """A choice."""
    yield Case("its only question", public=True, driver=chosen)


def chosen(entry):
    return (entry() if callable(entry) else entry)["C1"]


@answers.mistake("C1b", hint="Not b.", where="Read it again.")
def says_b():
    return {"C1": "b"}
'''

CELLS = [
    IMPORTS,
    "#| question: double\ndef double(X):\n    ### BEGIN SOLUTION\n    return X + X\n    ### END SOLUTION",
    "#| question: total\ndef total(X):\n    ### BEGIN SOLUTION\n    return double(X).sum()\n    ### END SOLUTION",
    "#| question: answers\nanswers = {'C1': None}\n### BEGIN SOLUTION\nanswers = {'C1': 'a'}\n### END SOLUTION",
]

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    write_course(folder / "solutions" / "steps", cells=[new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(CELLS)], questions=QUESTIONS)
    return folder


def make(course: Path, out: Path, *, students: int = 12, seed: int = 0) -> list[TrueMarks]:
    return asyncio.run(demo([], load_settings(course), students=students, seed=seed, out=out))


@pytest.mark.kernel
def test_every_verdict_and_every_mark_of_a_demo_class_is_the_one_that_was_foretold(course: Path, tmp_path: Path) -> None:
    truth = make(course, tmp_path / "class")

    settings = load_settings(course, out=tmp_path / "reports")
    progress = Progress(
        total=lambda _: None, building=lambda _: None, started=lambda _: None, stopped=lambda _: None, said=lambda _: None, graded=lambda _: None
    )
    asyncio.run(run(RunRequest(paths=(tmp_path / "class",)), settings, progress))

    results = {result.student: result for result in map(read_result, settings.out.glob("*/result.json"))}
    assert {marks.kind for marks in truth} == {"right", "slip", "several", "unfinished", "error", "empty", "hang", "crash"}
    for marks in truth:
        got = results[marks.student]
        assert got.score == pytest.approx(marks.score), marks
        assert [question.name for question in got.questions] == [true.name for true in marks.questions]
        for true, question in zip(marks.questions, got.questions, strict=True):
            assert question.score == pytest.approx(true.score), marks
            assert true.verdict in ("", question.verdict), marks
            assert question.diagnosis is None or not true.kind.startswith("mistake") or true.kind == f"mistake {question.diagnosis.mistake}"


@pytest.mark.kernel
def test_the_same_seed_makes_the_same_class_and_another_seed_another(course: Path, tmp_path: Path) -> None:
    classes = [_contents(make(course, tmp_path / str(number), seed=seed), tmp_path / str(number)) for number, seed in enumerate((3, 3, 4))]

    assert classes[0] == classes[1]
    assert classes[0] != classes[2]


@pytest.mark.kernel
def test_the_marks_are_also_written_beside_the_notebooks(course: Path, tmp_path: Path) -> None:
    truth = make(course, tmp_path, students=2)

    written = json.loads((tmp_path / "truth.json").read_text())
    assert [(one["path"], one["score"]) for one in written] == [(marks.path, marks.score) for marks in truth]
    assert all((tmp_path / one["path"]).is_file() for one in written)


@pytest.mark.kernel
def test_a_smaller_class_takes_the_place_of_a_larger_one(course: Path, tmp_path: Path) -> None:
    make(course, tmp_path, students=3)
    (tmp_path / "student00002" / "notes.txt").write_text("an instructor's")

    make(course, tmp_path, students=1)

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")) == [
        "student00000/steps.ipynb",
        "student00002/notes.txt",
        "truth.json",
    ]
    assert not (tmp_path / "student00001").exists()


@pytest.mark.parametrize("there", ["readme.txt", "truth.json"])
def test_a_folder_that_holds_something_else_is_left_alone(course: Path, tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("words")

    with pytest.raises(SettingsError, match="choose another folder"):
        make(course, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [there]


def _contents(truth: list[TrueMarks], folder: Path) -> list[str]:
    return [(folder / marks.path).read_text() for marks in truth]
