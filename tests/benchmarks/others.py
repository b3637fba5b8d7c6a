"""The same class in the formats of nbgrader and Otter, and the commands that grade it there.

Their tests take inputs and expected values of the same cases from a file and compare with `torch.testing.assert_close`. Both run in virtual
environments of their own, which must be able to import torch and ipykernel.
"""

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from grader.execution.answers import Returned
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion
from grader.values.snapshot import restore
from tests.benchmarks.course import NAME

_TEST = """\
def _same(got, expected):
    if isinstance(expected, dict):
        assert got.keys() == expected.keys()
        for key in expected:
            _same(got[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(got) == len(expected)
        for one, other in zip(got, expected):
            _same(one, other)
    elif isinstance(expected, (torch.Tensor, float)):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
    else:
        assert got == expected


def _grade(question, entry):
    for driver, inputs, compared, expected in torch.load(CASES, weights_only=False)[question]:
        space = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math}
        if driver:
            exec(driver, space)
            entry_call = next(thing for name, thing in space.items() if callable(thing) and getattr(thing, "__code__", None) and f"def {name}(" in driver)
            got = entry_call(entry, **inputs)
        else:
            got = entry(**inputs)
        if compared:
            _same(got, expected)
"""
_NEEDS = "import math\n\nimport numpy as np\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def write_cases(bundle: Bundle, path: Path) -> None:
    """Write the inputs and expected values of all cases to a file."""
    torch.save({question.name: [_case(case) for case in question.cases if isinstance(case.expected, Returned)] for question in bundle.questions}, path)


def nbgrader_class(bundle: Bundle, notebooks: Sequence[Path], folder: Path, cases: Path, venv: Path) -> tuple[list[list[str]], dict[str, str]]:
    """Write an nbgrader course with the class handed in; return the commands that grade it, and their environment."""
    release = {cell.id: cell.source for cell in bundle.pristine} | {f"q-{question.name}": question.reference for question in bundle.questions}
    first = json.loads(notebooks[0].read_text())
    solved = {**first, "cells": [{**cell, "source": release[cell["id"]]} for cell in first["cells"]]}
    _write(folder / "source" / NAME / f"{NAME}.ipynb", _for_nbgrader(solved, bundle, cases))
    for path in notebooks:
        _write(folder / "submitted" / path.parent.name / NAME / f"{NAME}.ipynb", _for_nbgrader(json.loads(path.read_text()), bundle, cases))
    timeout = "c.ExecutePreprocessor.timeout = 30\nc.ExecutePreprocessor.interrupt_on_timeout = True\nc.ExecutePreprocessor.kernel_name = 'python3'\n"
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.root = {str(folder)!r}\n{timeout}")
    command = str(venv / "bin" / "nbgrader")
    environment = os.environ | {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}"}
    return [[command, verb, NAME, "--force"] for verb in ("generate_assignment", "autograde", "generate_feedback")], environment


def otter_class(bundle: Bundle, notebooks: Sequence[Path], folder: Path, cases: Path, venv: Path) -> tuple[list[list[str]], dict[str, str]]:
    """Write an Otter autograder and the class; return the commands that grade it, one a submission, and their environment."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "autograder.zip", "w") as file:
        file.writestr("otter_config.json", json.dumps({"lang": "python", "points_possible": None, "pdf": False, "show_stdout": False}))
        for question in bundle.questions:
            file.writestr(f"tests/{question.name}.py", _otter_test(question, cases))
    commands = []
    for path in notebooks:
        copy = folder / path.parent.name / f"{NAME}.ipynb"
        _write(copy, _without_check(json.loads(path.read_text())))
        commands.append([str(venv / "bin" / "otter"), "run", str(copy), "-a", str(folder / "autograder.zip"), "-o", str(copy.parent), "--no-logo"])
    return commands, os.environ | {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}"}


def _case(case: BundledCase) -> tuple[str | None, dict[str, object], bool, object]:
    expected = restore(case.expected.value) if isinstance(case.expected, Returned) and case.check is None else None
    return case.driver, {name: restore(value) for name, value in case.inputs.items()}, case.check is None, expected


def _for_nbgrader(notebook: dict[str, Any], bundle: Bundle, cases: Path) -> dict[str, Any]:
    points = {f"q-{question.name}": question for question in bundle.questions}
    cells = []
    for cell in _without_check(notebook)["cells"]:
        question = points.get(cell["id"])
        if question is None:
            cells.append(cell)
            continue
        cells.append({**cell, "metadata": {"nbgrader": _marked(question.name, solution=True)}})
        source = f"{_NEEDS}\nCASES = {str(cases)!r}\n{_TEST}\n\n_grade({question.name!r}, {question.entry})\n"
        locked = {**_marked(f"test-{question.name}", solution=False), "points": question.points}
        cells.append({**cell, "id": f"t-{question.name}", "source": source, "metadata": {"nbgrader": locked}})
    return {**notebook, "cells": cells}


def _marked(name: str, *, solution: bool) -> dict[str, object]:
    return {"schema_version": 3, "grade_id": name, "solution": solution, "grade": not solution, "locked": not solution, "task": False}


def _without_check(notebook: dict[str, Any]) -> dict[str, Any]:
    cells = [{**cell, "source": "".join(cell["source"]).replace("from grader import check", "def check(*names): pass")} for cell in notebook["cells"]]
    return {**notebook, "cells": cells}


def _otter_test(question: BundledQuestion, cases: Path) -> str:
    call = f"@test_case(points={question.points:g}, hidden=True)\ndef test_{question.name}(env):\n    _grade({question.name!r}, env[{question.entry!r}])\n"
    head = f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {question.name!r}\npoints = {question.points:g}\n"
    return f"{head}{_NEEDS}\nCASES = {str(cases)!r}\n{_TEST}\n\n{call}"


def _write(path: Path, notebook: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))
