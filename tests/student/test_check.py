import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from grader import check
from grader.authoring.public import FILE_NAME, PublicCase, PublicQuestion, dump_public
from grader.values.tolerance import Tolerance
from grader.values.tree import TensorLeaf

X = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
DOUBLE = PublicQuestion(
    name="double",
    title="Twice a tensor.",
    entry="double",
    forbids=("torch.mul",),
    cases=(
        PublicCase(name="two rows", inputs={"X": TensorLeaf(data=X)}, expected=TensorLeaf(data=X * 2), tolerance=Tolerance()),
        PublicCase(name="nothing", inputs={"X": None}, raises=("TypeError", "Exception"), tolerance=Tolerance()),
    ),
)
CHOICES = PublicQuestion(
    name="choices",
    title="Choices.",
    entry="answers",
    cases=(PublicCase(name="the form", inputs={}, expected=["C1"], driver="def keys(entry):\n    return sorted(entry)\n", tolerance=Tolerance()),),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / FILE_NAME).write_bytes(dump_public([DOUBLE, CHOICES]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shell(folder: Path) -> Iterator[InteractiveShell]:
    assert folder.exists()
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def _run(shell: InteractiveShell, *cells: str) -> dict[str, str]:
    run_cell: Callable[[str], Any] = shell.run_cell
    with capture_output() as captured:
        for cell in cells:
            run_cell(cell).raise_error()
    bundle: dict[str, str] = captured.outputs[-1].data if captured.outputs else {"text/plain": captured.stdout}
    return bundle


def _check(capsys: pytest.CaptureFixture[str], source: str, *names: str) -> str:
    namespace: dict[str, Any] = {"check": check, "torch": torch}
    exec(f"{source}\ncheck{names}", namespace)  # noqa: S102 - as a student's script would
    return capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_right_answer_passes_and_is_told_that_hidden_cases_remain(capsys: pytest.CaptureFixture[str]) -> None:
    said = _check(capsys, "def double(X): return X + X", "double")

    assert "double: public cases passed; hidden cases are run when it is graded" in said
    assert said.count("[passed]") == 2


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return X * 3", "element [0, 1]: expected 2.000, got 3.000; 5 of 6 elements differ"),
        ("return (X + X).T", "expected shape (2, 3), got (3, 2): transposed?"),
        ("return (X + X).float()", "expected dtype float64, got float32"),
        ("return (x for x in X)", "returned a generator"),
        ("X += X; return X", "your code changes its input X"),
        ("return torch.linalg.solve(X, 3)", "TypeError: "),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return double(X)", "RecursionError: "),
        ("return X + X if X is not None else None", "expected TypeError to be raised, but a value was returned"),
        ("raise ValueError('no')", "expected TypeError to be raised, got ValueError: no"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(capsys: pytest.CaptureFixture[str], body: str, told: str) -> None:
    said = _check(capsys, f"def double(X):\n    {body}", "double")

    assert told in said
    assert "public cases passed; hidden cases are run when it is graded" in said


@pytest.mark.usefixtures("folder")
def test_the_elements_that_differ_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    said = _check(capsys, "def double(X):\n    Y = X + X\n    Y[1, 2] = 7.5\n    return Y", "double")

    assert "yours\n           0    2    4\n           6    8 *7.5\n" in said


@pytest.mark.usefixtures("folder")
def test_without_names_all_questions_are_tried_and_stubs_are_told_apart_from_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    said = _check(capsys, "def double(X): raise NotImplementedError")

    assert "double: not filled in yet" in said
    assert "choices: answers is not defined: run its cell first" in said


@pytest.mark.usefixtures("folder")
def test_what_is_no_function_is_given_to_its_driver(capsys: pytest.CaptureFixture[str]) -> None:
    assert "choices: public cases passed" in _check(capsys, "answers = {'C1': 'a'}", "choices")


@pytest.mark.usefixtures("folder")
def test_a_notebook_that_computes_on_another_device_is_checked_on_the_cpu(capsys: pytest.CaptureFixture[str]) -> None:
    torch.set_default_device("meta")
    try:
        said = _check(capsys, "def double(X): return X + X + torch.zeros(1)", "double")
    finally:
        torch.set_default_device(None)

    assert said.count("[passed]") == 2


@pytest.mark.usefixtures("folder")
def test_a_misspelt_question_is_told_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no question 'duoble': did you mean 'double'?" in _check(capsys, "", "duoble")


def test_the_student_can_interrupt_an_endless_loop(folder: Path) -> None:
    assert folder.exists()
    with pytest.raises(KeyboardInterrupt):
        exec("def double(X): raise KeyboardInterrupt\ncheck('double')", {"check": check})  # noqa: S102 - as above


@pytest.mark.usefixtures("folder")
def test_the_notebooks_own_random_numbers_go_on_as_if_nothing_had_been_checked(capsys: pytest.CaptureFixture[str]) -> None:
    def draw() -> tuple[float, float, float]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))  # noqa: NPY002, S311 - what notebooks use

    def seed() -> None:
        random.seed(7)
        np.random.seed(7)  # noqa: NPY002 - as above
        torch.manual_seed(7)

    seed()
    expected = draw()
    seed()
    _check(capsys, "def double(X): return X + torch.rand(2, 3)", "double")

    assert draw() == expected


def test_an_answer_is_judged_by_the_authors_check(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    judge = "def judge(got, n):\n    return None if len(set(got)) == n else Failure(message='not all different')\n"
    case = PublicCase(name="three", inputs={"n": 3}, check=judge, tolerance=Tolerance())
    (folder / FILE_NAME).write_bytes(dump_public([PublicQuestion(name="pick", title="Pick.", entry="pick", cases=(case,))]))

    assert "not all different" in _check(capsys, "def pick(n): return [1] * n", "pick")
    assert "pick: public cases passed" in _check(capsys, "def pick(n): return list(range(n))", "pick")


def test_without_public_cases_near_by_one_line_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / FILE_NAME).write_bytes(dump_public([DOUBLE]))
    monkeypatch.chdir(deep)

    assert _check(capsys, "def double(X): return X", "double") == f"No public cases here ({FILE_NAME}): nothing was checked.\n"


def test_public_cases_are_found_from_a_folder_inside_the_assignment(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "work").mkdir()
    monkeypatch.chdir(folder / "work")

    assert "double: public cases passed" in _check(capsys, "def double(X): return X + X", "double")


def test_from_the_courses_folder_the_questions_name_says_which_assignment(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in (DOUBLE, CHOICES):
        place = tmp_path / "assignments" / question.name
        place.mkdir(parents=True)
        (place / FILE_NAME).write_bytes(dump_public([question]))
    monkeypatch.chdir(tmp_path)

    assert "double: public cases passed" in _check(capsys, "def double(X): return X + X", "double")
    assert "There are several assignments here" in _check(capsys, "")


def test_a_damaged_file_is_told(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / FILE_NAME).write_text("{")

    assert "is damaged: fetch it anew" in _check(capsys, "", "double")


def test_a_notebook_gets_html_and_text(shell: InteractiveShell) -> None:
    shown = _run(shell, "from grader import check\ndef double(X):\n    return X * 3\n", "check('double')")

    assert "<td" in shown["text/html"]
    assert "public cases passed" in shown["text/plain"]


def test_a_cell_that_was_run_again_is_used_at_once(shell: InteractiveShell) -> None:
    first = _run(shell, "from grader import check\ndef double(X):\n    return X\n", "check('double')")
    second = _run(shell, "def double(X):\n    return X + X\n", "check('double')")

    assert "double: 0 of 2 public cases passed" in first["text/plain"]
    assert "double: public cases passed" in second["text/plain"]


def test_an_exception_is_told_with_the_students_own_line(shell: InteractiveShell) -> None:
    shown = _run(shell, "from grader import check\ndef double(X):\n    Y = X.T\n    return Y @ Y\n", "check('double')")

    assert "line 4: return Y @ Y" in shown["text/plain"]


def test_what_a_student_writes_is_escaped(shell: InteractiveShell) -> None:
    shown = _run(shell, "from grader import check\ndef double(X):\n    raise ValueError('<script>alert(1)</script>')\n", "check('double')")

    assert "<script>" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]


def test_a_function_that_the_question_forbids_is_told(shell: InteractiveShell) -> None:
    shown = _run(shell, "import torch\nfrom grader import check\ndef double(X):\n    return torch.mul(X, 2)\n", "check('double')")

    assert "it uses torch.mul" in shown["text/plain"]


def test_importing_check_brings_no_heavy_library() -> None:
    heavy = "{'pydantic', 'rich', 'jinja2', 'nbformat', 'nbclient', 'jupyter_client', 'typer', 'matplotlib', 'IPython'}"
    script = f"import sys\nfrom grader import check\nprint(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own words

    assert done.stdout == "[]\n"
