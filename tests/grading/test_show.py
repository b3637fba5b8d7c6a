"""Values as people read them: short, four digits, never huge."""

import math

import numpy as np
import pytest
import torch

from grader.grading.show import show
from grader.values.snapshot import snapshot
from grader.values.tree import Value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (True, "True"),
        (None, "None"),
        (2.0, "2.0"),
        (1 / 3, "0.3333"),
        (math.inf, "inf"),
        ("it's", '"it\'s"'),
        ([1, (2.5,), {"a": 0.125}], "[1, (2.5,), {'a': 0.125}]"),
    ],
)
def test_plain_values_read_like_python(value: Value, text: str) -> None:
    assert show(value).text == text


def test_a_small_tensor_shows_its_numbers_with_four_digits() -> None:
    shown = show(snapshot(torch.tensor([[1 / 3, 2.0], [-1.5, 1e-9]], dtype=torch.float64)))

    assert shown.text == "tensor([[0.3333, 2], [-1.5, 1e-09]])"
    assert (shown.shape, shown.dtype) == ((2, 2), "float64")
    assert shown.rows == ((1 / 3, 2.0), (-1.5, 1e-9))
    assert shown.slice_label == ""
    assert not shown.truncated


def test_a_vector_is_one_row_and_a_number_one_entry() -> None:
    assert show(snapshot(torch.arange(3))).rows == ((0, 1, 2),)
    assert show(snapshot(torch.tensor(4))).rows == ((4,),)


def test_a_large_tensor_shows_a_labelled_corner() -> None:
    shown = show(snapshot(torch.zeros(2, 3, 20, 5)))

    assert shown.rows is not None
    assert (len(shown.rows), len(shown.rows[0])) == (12, 5)
    assert shown.slice_label == "[0, 0, :12, :]"
    assert shown.truncated
    assert shown.text == "tensor of shape (2, 3, 20, 5), float32"


def test_an_empty_tensor_has_no_numbers() -> None:
    shown = show(snapshot(torch.zeros(0, 4)))

    assert shown.rows == ()
    assert shown.text == "tensor of shape (0, 4), float32"


def test_what_is_not_finite_is_shown_in_words() -> None:
    assert show(snapshot(torch.tensor([math.nan, -math.inf]))).rows == (("nan", "-inf"),)


@pytest.mark.parametrize("dtype", [torch.bool, torch.int8, torch.uint64, torch.bfloat16, torch.float8_e4m3fn, torch.complex64])
def test_every_dtype_can_be_shown(dtype: torch.dtype) -> None:
    shown = show(snapshot(torch.ones(2, 2).to(dtype)))

    assert shown.dtype == str(dtype).removeprefix("torch.")
    assert shown.rows is not None
    assert len(shown.rows) == 2


def test_an_array_is_called_an_array() -> None:
    assert show(snapshot(np.array([1.0, 2.0]))).text == "array([1, 2])"


def test_the_table_is_of_the_tensor_that_the_path_names() -> None:
    shown = show(snapshot((torch.zeros(2, 3), {"W": torch.ones(2, 2)})), path="[1]['W']")

    assert shown.rows == ((1.0, 1.0), (1.0, 1.0))
    assert shown.slice_label == "[1]['W']"
    assert shown.text.startswith("(tensor([[0, 0, 0]")


def test_long_and_huge_values_are_cut() -> None:
    shown = show([10**5000, *range(5000)])

    assert len(shown.text) <= 300
    assert shown.text.endswith("…")
    assert shown.truncated


def test_what_is_no_value_is_named() -> None:
    assert show(snapshot(iter([1]))).text == "<list_iterator>"
