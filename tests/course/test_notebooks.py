"""Every notebook runs from top to bottom in a plain Jupyter kernel, as people open it: solved, and as it is handed out."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.course.assignments import NAMES, ROOT

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


def run(source: Path, folder: Path, *, allow_errors: bool) -> NotebookNode:
    """Execute a notebook in a folder of its own, with what is handed out beside it."""
    notebook = nbformat.read(source, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=allow_errors, resources={"metadata": {"path": str(folder)}})
    return client.execute(env=environment(folder))


def environment(folder: Path) -> Mapping[str, str]:
    return {"OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline", "HOME": str(folder), "PATH": "/usr/bin:/bin"}


def errors(notebook: NotebookNode) -> list[str]:
    """Return the names of the exceptions that cells ended with."""
    return [output.ename for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs if output.output_type == "error"]


@pytest.fixture
def handed_out(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Give a fresh folder with all that students of an assignment get."""
    return Path(shutil.copytree(ROOT / "assignments" / request.getfixturevalue("name"), tmp_path / "handed-out"))


@pytest.mark.parametrize("name", NAMES)
def test_a_solved_notebook_runs_from_top_to_bottom(name: str, handed_out: Path) -> None:
    notebook = run(ROOT / "solutions" / name / f"{name}.ipynb", handed_out, allow_errors=False)

    assert errors(notebook) == []


@pytest.mark.parametrize("name", NAMES)
def test_in_a_released_notebook_only_what_needs_an_answer_fails(name: str, handed_out: Path) -> None:
    notebook = run(handed_out / f"{name}.ipynb", handed_out, allow_errors=True)

    assert set(errors(notebook)) <= {"NotImplementedError", "NameError", "TypeError", "AttributeError"}
