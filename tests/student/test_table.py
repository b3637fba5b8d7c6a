import torch

from grader.authoring.public import PublicCase
from grader.student.attempt import CaseAttempt
from grader.student.table import Table, difference_table
from grader.values.compare import compare
from grader.values.tolerance import Tolerance
from grader.values.tree import TensorLeaf, Value


def _table(expected: Value, got: Value) -> Table | None:
    case = PublicCase(name="", inputs={}, expected=expected, tolerance=Tolerance())
    return difference_table(CaseAttempt(case=case, got=got, difference=compare(expected, got, tolerance=Tolerance()).difference))


def _leaf(data: torch.Tensor) -> TensorLeaf:
    return TensorLeaf(data=data)


def test_of_a_large_tensor_the_part_around_the_first_difference_is_shown() -> None:
    expected = torch.zeros(3, 20, 30)
    got = expected.clone()
    got[1, 17, 4] = 5

    table = _table({"W": [_leaf(expected)]}, {"W": [_leaf(got)]})

    assert table is not None
    assert table.label == "[1, 12:20, 0:8]"
    assert [(row, column) for row, marks in enumerate(table.differs) for column, mark in enumerate(marks) if mark] == [(5, 4)]
    assert table.got[5][4] == "5"
    assert table.expected[5][4] == "0"


def test_equal_infinities_and_nans_are_not_marked() -> None:
    expected = torch.tensor([float("inf"), float("nan"), 1.0, 2.0])
    got = torch.tensor([float("inf"), float("nan"), 1.0, float("nan")])

    table = _table(_leaf(expected), _leaf(got))

    assert table is not None
    assert table.differs == ((False, False, False, True),)
    assert table.label == ""


def test_integers_beyond_the_precision_of_floats_are_shown_in_full() -> None:
    table = _table(_leaf(torch.tensor([2**60, 1])), _leaf(torch.tensor([2**60 + 1, 1])))

    assert table is not None
    assert table.got == ((str(2**60 + 1), "1"),)
    assert table.differs == ((True, False),)


def test_where_shapes_differ_there_is_no_table() -> None:
    assert _table(_leaf(torch.zeros(2, 3)), _leaf(torch.zeros(3, 2))) is None


def test_numbers_and_strings_have_no_table() -> None:
    assert _table("abc", "abd") is None
    assert _table(1.0, 2.0) is None
