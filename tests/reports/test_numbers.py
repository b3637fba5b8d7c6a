import math
from collections.abc import Sequence

from grader.reports.numbers import Entries, comparison, entries
from grader.results import Shown


def vector(numbers: Sequence[float | str | bool], dtype: str = "float32") -> Shown:
    return Shown(text="", shape=(len(numbers),), dtype=dtype, rows=(tuple(numbers),))


def texts(table: Entries | None) -> list[str]:
    assert table is not None
    return [text for row in table.rows for text, _ in row]


def levels(table: Entries | None) -> list[int]:
    assert table is not None
    return [level for row in table.rows for _, level in row]


def test_the_numbers_of_a_table_share_a_format() -> None:
    assert texts(entries(vector([0.5, -12.25, 3.0]))) == ["0.500", "-12.250", "3.000"]
    assert texts(entries(vector([1.0, 0.0]))) == ["1.0", "0.0"]
    assert texts(entries(vector([1e-7, 0.25e-7]))) == ["1.00e-07", "2.50e-08"]
    assert texts(entries(vector([12345.678, 1.5]))) == ["12346", "2"]
    assert texts(entries(vector([1, 20], dtype="int64"))) == ["1", "20"]
    assert texts(entries(vector([True, False], dtype="bool"))) == ["True", "False"]


def test_not_finite_numbers_read_the_same_from_memory_and_from_json() -> None:
    assert texts(entries(vector([math.nan, math.inf, -math.inf, 0.5]))) == ["nan", "inf", "-inf", "0.5000"]
    assert texts(entries(vector(["NaN", "Infinity", "-Infinity", 0.5]))) == ["nan", "inf", "-inf", "0.5000"]


def test_a_single_number_needs_no_table() -> None:
    assert entries(Shown(text="0.5", shape=(), dtype="float32", rows=((0.5,),))) is None
    assert entries(Shown(text="[1, 2]")) is None


def test_differences_are_graded_by_size() -> None:
    found = comparison(vector([0.0, 0.0, 0.0, 0.0]), vector([0.0, 0.1, -0.5, 1.0]))

    assert texts(found.difference) == ["0", "0.1", "0.5", "1"]
    assert levels(found.difference) == levels(found.got) == [0, 1, 3, 5]
    assert levels(found.expected) == [0, 0, 0, 0]
    assert found.legend is not None
    assert found.legend.bounds == ("0.2", "0.4", "0.6", "0.8", "1")


def test_rounding_beside_a_large_difference_is_not_coloured() -> None:
    assert levels(comparison(vector([1.0, 2.0]), vector([1.0 + 1e-7, 3.0])).difference) == [0, 5]


def test_small_differences_alone_are_coloured() -> None:
    assert levels(comparison(vector([1.0, 2.0]), vector([1.0, 2.0 + 1e-7])).difference) == [0, 5]


def test_numbers_that_are_not_finite_differ_most_unless_both_are() -> None:
    found = comparison(vector([1.0, math.nan, "Infinity", 1.0]), vector([math.nan, "NaN", math.inf, 1.5]))

    assert texts(found.difference) == ["inf", "0", "0", "0.5"]
    assert levels(found.difference) == [5, 0, 0, 5]


def test_large_integers_and_truth_values_can_be_compared() -> None:
    found = comparison(vector([True, 10**12], dtype="int64"), vector([False, 10**12 + 1200], dtype="int64"))

    assert texts(found.difference) == ["1", "1200"]


def test_without_a_common_shape_or_slice_there_are_no_differences() -> None:
    plane = Shown(text="", shape=(2, 1, 2), dtype="float32", rows=((1.0, 2.0),), slice_label="[0, :, :]")

    assert comparison(plane, vector([1.0, 2.0])).difference is None
    assert comparison(plane, plane.model_copy(update={"slice_label": "[1, :, :]"})).difference is None
    assert comparison(vector([1.0]), vector(["a word"])).difference is None
    assert comparison(None, vector([1.0])).difference is None
    assert texts(comparison(plane, vector([1.0, 2.0])).got) == ["1.0", "2.0"]


def test_equal_tables_have_no_legend() -> None:
    assert comparison(vector([1.0]), vector([1.0])).legend is None
