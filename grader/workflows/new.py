"""`grader new`: an assignment that works as it is, to be changed into one's own."""

import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.errors import SettingsError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")

_METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}

_INTRODUCTION = r"""# An affine layer

Every layer of a network begins with the same step: each row of $X$ is multiplied by a matrix, and a bias is added.

$$Y = X W + b$$

| name | shape |
|---|---|
| `X` | (batch, inputs) |
| `W` | (inputs, outputs) |
| `b` | (outputs,) |
| result | (batch, outputs) |

**By hand.** With one row $X = (1, 2)$, the matrix $W = \begin{pmatrix} 1 & 0 \\ 3 & 1 \end{pmatrix}$ and $b = (10, 20)$ the product is
$(1 \cdot 1 + 2 \cdot 3,\ 1 \cdot 0 + 2 \cdot 1) = (7, 2)$, and the result is $(17, 22)$."""

_IMPORTS = """\
#| locked
import math

import torch
from torch import nn
from torch.nn import functional as F

from grader import check"""

_ANSWER = '''\
#| question: affine
def affine(X, W, b):
    """Return the rows of X after an affine step, shape (batch, outputs)."""
    ### BEGIN SOLUTION
    return torch.matmul(X, W) + b
    ### END SOLUTION'''

_REMARK = """\
A bias that is left out often goes unnoticed: the network still trains, only worse. Compare with numbers that you worked out by hand."""

_QUESTIONS = '''\
"""What is asked in this assignment, on which inputs, and how it goes wrong."""

import torch

from grader.authoring import Assignment, Case

assignment = Assignment(title="An affine layer")


@assignment.question("affine", points=2, forbids=["torch.nn.Linear", "torch.nn.functional.linear"])
def affine(draw):
    """An affine step: a product with a matrix, and a bias."""
    yield Case("a batch of two", public=True, teaching=True, X=draw.normal(2, 3), W=draw.normal(3, 4), b=draw.normal(4))
    yield Case("a larger batch", teaching=True, X=draw.normal(5, 2), W=draw.normal(2, 3), b=draw.normal(3))
    yield Case("an empty batch", edge=True, teaching=True, X=draw.normal(0, 3), W=draw.normal(3, 2), b=draw.normal(2))


@affine.mistake("A01", hint="Your result does not change when the bias does.", where="Which of the three inputs have you not used?")
def forgets_the_bias(X, W, b):
    return X @ W


@affine.mistake("A02", hint="All your outputs are shifted by the same number.", where="How many numbers does the bias have, and which output does each belong to?")
def adds_the_mean_bias(X, W, b):
    return X @ W + torch.mean(b)
'''


def new_assignment(name: str, *, solutions: Path) -> Path:
    """Write a folder with a solution notebook and `questions.py` that can be released as they are, and return it.

    Raises:
        SettingsError: the name is no name for a folder, or there is one already.
    """
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name for an assignment: letters, digits, - and _ will do, such as 07-attention."
        raise SettingsError(message)
    folder = solutions / name
    if folder.exists():
        message = f"{folder} is there already; choose another name, or remove it first."
        raise SettingsError(message)
    folder.mkdir(parents=True)
    (folder / "questions.py").write_text(_QUESTIONS, encoding="utf-8")
    (folder / f"{name}.ipynb").write_text(_notebook(), encoding="utf-8")
    return folder


def _notebook() -> str:
    cells = [
        new_code_cell(_IMPORTS, id="imports"),
        new_markdown_cell(_INTRODUCTION, id="introduction"),
        new_code_cell(_ANSWER, id="affine"),
        new_code_cell('check("affine")', id="check-affine"),
        new_markdown_cell(_REMARK, id="remark"),
    ]
    return f"{nbformat.writes(new_notebook(cells=cells, metadata=_METADATA))}\n"
