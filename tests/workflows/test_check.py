from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.settings import load_settings
from grader.workflows.check import check_notebook

ROOT = Path(__file__).parents[2]
SUBMISSIONS = ROOT / "tests" / "submissions"

pytestmark = pytest.mark.kernel


def test_a_right_notebook_passes_its_public_cases() -> None:
    checked = check_notebook(SUBMISSIONS / "ada" / "02-rnn.ipynb", load_settings(ROOT))

    assert checked.passed
    assert "rnn_step: public cases passed; hidden cases are run when it is graded" in checked.text


def test_a_cell_that_does_not_run_is_named_and_its_question_is_not_defined() -> None:
    checked = check_notebook(SUBMISSIONS / "gina" / "02-rnn.ipynb", load_settings(ROOT))

    assert not checked.passed
    assert "rnn_step: rnn_step is not defined" in checked.text
    assert {run.error for run in checked.failed_cells} >= {"SyntaxError"}


def test_a_notebook_of_no_released_assignment_is_explained(tmp_path: Path) -> None:
    notebook = tmp_path / "homework.ipynb"
    notebook.write_bytes((SUBMISSIONS / "ada" / "02-rnn.ipynb").read_bytes())

    with pytest.raises(SettingsError, match="no public cases"):
        check_notebook(notebook, load_settings(ROOT))
