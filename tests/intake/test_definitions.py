"""Telling what a cell defines without running it."""

import pytest

from grader.intake.definitions import defined_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def rnn_step(X, H):\n    inner = 1\n    def helper(): pass", {"rnn_step"}),
        ("@torch.no_grad()\nasync def f(): ...", {"f"}),
        ("class Vocab:\n    size = 3", {"Vocab"}),
        ("a = b = 1\n(c, [d]) = 1, [2]\ne: int = 3\nf: int", {"a", "b", "c", "d", "e"}),
        ("x.attribute = 1\nx[i] = 2\nx == 3\nx += 1", set()),
        ("answers['C1'] = 'b'", set()),
        ("import torch as t", set()),
        ("", set()),
    ],
)
def test_the_top_level_definitions_of_a_cell_are_found(source: str, names: set[str]) -> None:
    assert defined_names(source) == names


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\ndef f(x):\n    y = 1\nclass C:\n    pass\nz = 2\nw: int = 3\nz == 2",
        "!pip install torch\ndef f(x):\n    y = 1\nclass C:\n    pass\nz = 2\nw: int = 3",
        "def f(x:\n    y = 1\nclass C(:\n    pass\nz = = 2\nw: int = (3",
    ],
)
def test_definitions_in_a_cell_that_is_no_plain_python_are_found_by_their_first_lines(source: str) -> None:
    assert defined_names(source) == {"f", "C", "z", "w"}


@pytest.mark.parametrize(
    "source",
    ["x = " + "(" * 50_000, "x = 1" + " + 1" * 20_000, "x = " + "-" * 90_000 + "1", "x = a" + ".b" * 40_000, "x = 1\n" * 150_000, "x = '\\d' \0"],
    ids=["parentheses", "sum", "minus", "attributes", "lines", "NUL"],
)
def test_a_cell_that_is_hard_to_parse_still_tells_what_it_defines(source: str) -> None:
    assert defined_names(source) == {"x"}
