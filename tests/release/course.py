"""A small course whose solution notebook and questions the tests release."""

from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader.authoring.load import draw_cases, load_assignment
from grader.authoring.public import PublicCase, PublicQuestion
from grader.authoring.source import source_of
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance

SETUP = "#| locked\nimport torch\nfrom grader import check"
ANSWER = """\
#| question: double
def double(X, word):
    \"\"\"Return twice X.\"\"\"
    ### BEGIN SOLUTION
    doubled = torch.add(X, X)
    return doubled
    ### END SOLUTION"""
REMARKS = "#| solution-only\nprint('the secret of doubling is adding')"
QUESTIONS = '''\
from grader.authoring import Assignment, Case

assignment = Assignment(title="Steps")


@assignment.question("double", points=2)
def double(draw):
    """Twice a tensor."""
    yield Case("one row", public=True, X=draw.normal(1, 12), word="a")
    yield Case("several rows at once", X=draw.normal(3, 12), word="a hidden sentence")


@double.mistake("D01", hint="Your result is too small by far.", where="How often is X in the sum?")
def once(X, word):
    return X
'''


def write_course(folder: Path, *, cells: Sequence[NotebookNode] | None = None, questions: str = QUESTIONS) -> Path:
    """Write an assignment's folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questions.py").write_text(questions)
    notebook = new_notebook(cells=list(cells if cells is not None else solution_cells()), metadata={"authors": [{"name": "someone"}]})
    (folder / f"{folder.name}.ipynb").write_text(nbformat.writes(notebook))
    return folder


def solution_cells() -> list[NotebookNode]:
    """Return the solution notebook's cells, with outputs and metadata as a run leaves them."""
    printed = new_output("stream", text="doubled = torch.add(X, X)")
    return [
        new_markdown_cell("# Steps", id="title"),
        new_code_cell(SETUP, id="setup", execution_count=1),
        new_code_cell(ANSWER, id="a1b2", execution_count=7, outputs=[printed], metadata={"notes": "doubled = torch.add(X, X)"}),
        new_code_cell('check("double")', id="check-double"),
        new_code_cell(REMARKS, id="remarks"),
    ]


def public_of(folder: Path) -> list[PublicQuestion]:
    """Return the public cases of an assignment; what is expected of them does not matter here."""
    return [
        PublicQuestion(
            name=question.name,
            title=question.title,
            entry=question.entry,
            cases=tuple(
                PublicCase(
                    name=case.name,
                    inputs={name: snapshot(value) for name, value in case.inputs.items()},
                    driver=source_of(case.driver) if case.driver else None,
                    tolerance=Tolerance(),
                )
                for case in draw_cases(folder.name, question)
                if case.public
            ),
        )
        for question in load_assignment(folder).questions
    ]
