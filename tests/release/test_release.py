import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.authoring.load import draw_cases, load_assignment
from grader.authoring.public import FILE_NAME, load_public
from grader.errors import AuthorError, ReleaseError
from grader.notebooks.solution import notebook_path
from grader.release.release import release, stale_files
from grader.release.student_notebook import released_cells, split_notebook
from grader.values.snapshot import snapshot
from tests.release.course import ANSWER, QUESTIONS, public_of, solution_cells, write_course


def _release(folder: Path) -> dict[str, Any]:
    release(folder, public_of(folder), folder.parent / "released")
    notebook: dict[str, Any] = json.loads((folder.parent / "released" / f"{folder.name}.ipynb").read_text())
    return notebook


def _with_answer(source: str) -> list[NotebookNode]:
    cells = solution_cells()
    cells[2].source = source
    return cells


def test_students_get_a_stub_and_no_trace_of_a_run(tmp_path: Path) -> None:
    notebook = _release(write_course(tmp_path / "steps"))

    answer = notebook["cells"][2]
    assert "".join(answer["source"]).endswith('    """Return twice X."""\n    # YOUR CODE HERE\n    raise NotImplementedError')
    assert answer["outputs"] == []
    assert answer["execution_count"] is None
    assert answer["metadata"] == {"grader": {"question": "double"}}
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.validate(nbformat.from_dict(notebook))


def test_locked_cells_cannot_be_edited_and_solution_only_cells_are_dropped(tmp_path: Path) -> None:
    notebook = _release(write_course(tmp_path / "steps"))

    assert [cell["id"] for cell in notebook["cells"]] == ["title", "setup", "q-double", "check-double"]
    assert notebook["cells"][1]["metadata"] == {"grader": {"locked": True}, "deletable": False, "editable": False}
    assert notebook["cells"][1]["source"][0] == "#| locked\n"


def test_a_cell_without_an_id_of_its_own_gets_one_from_its_position(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "steps")
    path = notebook_path(folder)
    content = json.loads(path.read_text())
    del content["cells"][0]["id"]
    content["cells"][3]["id"] = "setup"
    path.write_text(json.dumps(content))

    assert [cell["id"] for cell in _release(folder)["cells"]] == ["c-01", "setup", "q-double", "c-04"]


def test_pictures_in_the_text_are_kept(tmp_path: Path) -> None:
    picture = {"dot.png": {"image/png": "AAAA"}}
    cells = [new_markdown_cell("![](attachment:dot.png)", id="picture", attachments=picture), *solution_cells()[1:]]

    assert _release(write_course(tmp_path / "steps", cells=cells))["cells"][0]["attachments"] == picture


def test_released_cells_are_what_submissions_are_put_together_with(tmp_path: Path) -> None:
    cells = released_cells(split_notebook(notebook_path(write_course(tmp_path / "steps"))))

    assert [(cell.id, cell.kind, cell.options.question) for cell in cells] == [
        ("title", "markdown", None),
        ("setup", "code", None),
        ("q-double", "code", "double"),
        ("check-double", "code", None),
    ]
    assert "raise NotImplementedError" in cells[2].source


def test_only_public_cases_are_released(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "steps")
    _release(folder)

    questions = load_public((tmp_path / "released" / FILE_NAME).read_bytes())

    assert [(question.name, question.title, [case.name for case in question.cases]) for question in questions] == [("double", "Twice a tensor.", ["one row"])]
    assert questions[0].cases[0].inputs.keys() == {"X", "word"}


def test_releasing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "steps")
    first, second = tmp_path / "first", tmp_path / "second"

    assert release(folder, public_of(folder), first) == ("steps.ipynb", FILE_NAME)
    assert release(folder, public_of(folder), second) == ("steps.ipynb", FILE_NAME)

    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in ("steps.ipynb", FILE_NAME))
    assert release(folder, public_of(folder), first) == ()


def test_what_is_stale_is_named(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "steps")
    destination = tmp_path / "released"
    assert stale_files(folder, public_of(folder), destination) == ("steps.ipynb", FILE_NAME)

    release(folder, public_of(folder), destination)
    assert stale_files(folder, public_of(folder), destination) == ()

    write_course(folder, cells=_with_answer(ANSWER.replace("Return twice", "Return two times")))
    assert stale_files(folder, public_of(folder), destination) == ("steps.ipynb",)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ANSWER.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", ""), "question double: its cell has no solution to cut out"),
        (ANSWER.replace("question: double", "question: duoble"), "question double: it has no answer cell"),
        (ANSWER.replace("    ### END SOLUTION", ""), "cell 3 (double), line 4: ### BEGIN SOLUTION is never ended"),
        (ANSWER.replace("    ### BEGIN", "    total = (\n    ### BEGIN"), "without its solution the cell is no Python (line 4"),
        (ANSWER.replace("#| question", "#| locked\n#| question"), "cell 3 is locked and has a solution"),
    ],
)
def test_a_notebook_that_does_not_fit_its_questions_is_told(tmp_path: Path, answer: str, told: str) -> None:
    folder = write_course(tmp_path / "steps", cells=_with_answer(answer))

    with pytest.raises(AuthorError) as caught:
        _release(folder)

    assert told in str(caught.value)


def test_two_answer_cells_for_one_question_are_refused(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "steps", cells=[*solution_cells(), new_code_cell(ANSWER, id="again")])

    with pytest.raises(AuthorError, match="question double: it has two cells"):
        _release(folder)


@pytest.mark.parametrize("content", ["", "{", "<html>", '{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    folder = write_course(tmp_path / "steps")
    notebook_path(folder).write_text(content)

    with pytest.raises(AuthorError, match="notebook"):
        _release(folder)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (new_markdown_cell("To double, write\n\n```\n  doubled =   torch.add(X, X)\n```\n", id="a"), "the whole solution of q-double can be read outside it"),
        (new_markdown_cell("Is your result\ntoo small by far? Your result is\ntoo small by far.", id="a"), "holds the hint of double's mistake D01"),
        (new_markdown_cell("How often is X in the sum?", id="a"), "holds the where of double's mistake D01"),
        (new_code_cell("print('the secret of doubling is adding')", id="a"), "the whole solution of remarks can be read outside it"),
    ],
)
def test_what_an_author_gives_away_in_the_notebook_is_told(tmp_path: Path, cell: NotebookNode, told: str) -> None:
    folder = write_course(tmp_path / "steps", cells=[*solution_cells(), cell])

    with pytest.raises(ReleaseError) as caught:
        _release(folder)

    assert told in str(caught.value)
    assert not (tmp_path / "released").exists()


def test_a_common_line_may_stand_in_a_solution_and_outside_it(tmp_path: Path) -> None:
    longer = ANSWER.replace("doubled = ", "number_of_rows = len(X)\n    doubled = ")
    cells = [*_with_answer(longer), new_code_cell("number_of_rows = len(X)", id="demo")]

    assert len(_release(write_course(tmp_path / "steps", cells=cells))["cells"]) == 5


def test_an_attachment_that_holds_a_line_of_the_solution_is_told(tmp_path: Path) -> None:
    leaking = new_markdown_cell("![](attachment:a.svg)", id="a", attachments={"a.svg": {"image/svg+xml": "<text>doubled = torch.add(X, X)</text>"}})
    folder = write_course(tmp_path / "steps", cells=[leaking, *solution_cells()])

    with pytest.raises(ReleaseError, match="holds a line of the solution of q-double"):
        _release(folder)


def test_a_hidden_case_among_the_public_ones_is_told(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "steps")
    public = public_of(folder)
    hidden = replace(public[0].cases[0], name="several rows at once")

    with pytest.raises(ReleaseError, match="several rows at once"):
        release(folder, [replace(public[0], cases=(*public[0].cases, hidden))], tmp_path / "released")


@pytest.mark.parametrize(("name", "told"), [("X", "holds an input of double's hidden case"), ("word", "something of double's hidden case")])
def test_an_input_of_a_hidden_case_is_found_wherever_it_hides(tmp_path: Path, name: str, told: str) -> None:
    folder = write_course(tmp_path / "steps")
    public = public_of(folder)
    hidden = draw_cases("steps", load_assignment(folder).questions[0])[1]
    leaking = replace(public[0].cases[0], expected=[snapshot(hidden.inputs[name])])

    with pytest.raises(ReleaseError, match=told):
        release(folder, [replace(public[0], cases=(leaking,))], tmp_path / "released")


def test_an_input_that_public_and_hidden_cases_share_is_no_leak(tmp_path: Path) -> None:
    shared = (
        QUESTIONS.replace("X=draw.normal(1, 12)", "X=X").replace("X=draw.normal(3, 12)", "X=X").replace("    yield", "    X = draw.normal(1, 12)\n    yield", 1)
    )

    _release(write_course(tmp_path / "steps", questions=shared))

    assert (tmp_path / "released" / FILE_NAME).exists()
