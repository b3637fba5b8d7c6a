from pathlib import Path

import nbformat
import pytest

from grader.authoring.load import draw_cases, load_assignment
from grader.errors import SettingsError
from grader.execution.answers import Probe, Returned
from grader.execution.probe import call
from grader.notebooks.solution import notebook_path
from grader.release.student_notebook import released_cells, split_notebook
from grader.values.compare import compare
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance
from grader.workflows.new import new_assignment


def test_a_new_assignment_loads_and_its_notebook_runs(tmp_path: Path) -> None:
    folder = new_assignment("07-attention", solutions=tmp_path / "solutions")

    assignment = load_assignment(folder)
    notebook = nbformat.read(notebook_path(folder), as_version=4)
    namespace: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, namespace)  # noqa: S102 - our own template

    assert folder == tmp_path / "solutions" / "07-attention"
    assert {case.group for case in draw_cases(folder.name, assignment.questions[0])} == {"public", "hidden", "edge"}
    assert callable(namespace["affine"])


def test_a_new_assignments_cases_tell_its_mistakes_from_its_solution(tmp_path: Path) -> None:
    folder = new_assignment("attention", solutions=tmp_path)
    question = load_assignment(folder).questions[0]
    answer = next(cell.source for cell in nbformat.read(notebook_path(folder), as_version=4).cells if cell.id == "affine")
    namespace: dict[str, object] = {}
    exec(f"import torch\n{answer}", namespace)  # noqa: S102 - our own template

    for mistake in question.mistakes:
        outcomes = []
        for case in draw_cases(folder.name, question):
            probe = Probe(entry="affine", inputs={name: snapshot(value) for name, value in case.inputs.items()})
            right, wrong = call(namespace["affine"], probe), call(mistake.implementation, probe)
            assert isinstance(right, Returned)
            outcomes.append(isinstance(wrong, Returned) and compare(right.value, wrong.value, tolerance=Tolerance()).difference is None)
        assert not all(outcomes), mistake.id


def test_students_get_a_stub_of_a_new_assignment(tmp_path: Path) -> None:
    cells = released_cells(split_notebook(notebook_path(new_assignment("attention", solutions=tmp_path))))

    assert [cell.source.splitlines()[-1].strip() for cell in cells if cell.id == "q-affine"] == ["raise NotImplementedError"]


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", "two words", "-x", "a" * 61, "ä", "name.ipynb", "x\n"])
def test_what_is_no_name_for_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="no name for an assignment"):
        new_assignment(name, solutions=tmp_path / "solutions")

    assert list(tmp_path.iterdir()) == []


def test_an_assignment_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "questions.py").write_text("mine")

    with pytest.raises(SettingsError, match="is there already"):
        new_assignment("attention", solutions=tmp_path)

    assert (tmp_path / "attention" / "questions.py").read_text() == "mine"
