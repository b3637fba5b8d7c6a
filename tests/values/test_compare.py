import math
from collections.abc import Collection

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from grader.values.codec import decode, encode
from grader.values.compare import Difference, compare
from grader.values.dtypes import DTYPES
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance
from grader.values.tree import Foreign, TensorLeaf

SINGLE = Tolerance(working="float32")


def difference(expected: object, got: object, *, allow: Collection[str] = (), tolerance: Tolerance = SINGLE) -> Difference:
    found = compare(snapshot(expected), snapshot(got), tolerance=tolerance, allow=allow).difference
    assert found is not None
    return found


def notes(expected: object, got: object, *, allow: Collection[str] = (), tolerance: Tolerance = SINGLE) -> tuple[str, ...]:
    comparison = compare(snapshot(expected), snapshot(got), tolerance=tolerance, allow=allow)
    assert comparison.difference is None
    return comparison.notes


def same(expected: object, got: object, *, tolerance: Tolerance = SINGLE) -> bool:
    return compare(snapshot(expected), snapshot(got), tolerance=tolerance).difference is None


class TestValues:
    def test_a_wrong_tensor_is_told_where_and_by_how_much(self) -> None:
        expected = torch.full((3, 4), 0.5)
        got = expected.clone()
        got[0, 3] = 0.9640
        got[2] = -0.25

        found = difference(expected, got)

        assert found == Difference(
            kind="value",
            message="element [0, 3]: expected 0.5000, got 0.9640; 5 of 12 elements differ, largest error 0.75",
            first_index=(0, 3),
            largest_error=0.75,
            differing=5,
            total=12,
        )

    def test_a_single_number_is_told_without_an_index(self) -> None:
        assert difference(torch.tensor(0.7616), torch.tensor(0.964)).message == "expected 0.7616, got 0.9640"
        assert difference(0.7616, 0.964).message == "expected 0.7616, got 0.9640"

    def test_numbers_get_as_many_digits_as_it_takes_to_tell_them_apart(self) -> None:
        assert difference(1.0, 1.00001, tolerance=Tolerance()).message == "expected 1.00000, got 1.00001"
        assert difference(1.0, 1.0 + 2e-9, tolerance=Tolerance()).message == "expected 1.00000000000, got 1.00000000200"

    def test_rounding_passes_and_an_error_beyond_it_does_not(self) -> None:
        expected = torch.tensor([1.0, 0.001])

        assert same(expected, expected + 1.9e-5)
        assert not same(expected, expected + 2.2e-5)
        assert same(expected, expected + 2.2e-5, tolerance=Tolerance(rounding=10, working="float32"))
        assert same(expected.double(), expected.double() + 1.9e-5, tolerance=SINGLE)
        assert not same(expected.double(), expected.double() + 1e-8, tolerance=Tolerance())

    def test_where_all_is_zero_the_error_is_absolute(self) -> None:
        assert same(torch.zeros(2), torch.full((2,), 1e-6))
        assert not same(torch.zeros(2), torch.full((2,), 1e-4))
        assert same(0.0, 1e-6)
        assert not same(0.0, 1e-4)

    def test_a_mask_does_not_hide_an_error_in_the_other_elements(self) -> None:
        scores = torch.tensor([[0.5, -1e9], [2.0, 1.0]])
        wrong = torch.tensor([[0.7, -1e9], [2.0, 1.0]])

        assert difference(scores, wrong).first_index == (0, 0)
        assert same(scores, torch.tensor([[0.5, -1e9 + 640], [2.0, 1.0]]))

    def test_a_tolerance_of_nothing_accepts_equal_numbers_only(self) -> None:
        exact = Tolerance(relative=0.0)

        assert same(torch.tensor([1.0, 0.0, -0.0]), torch.tensor([1.0, -0.0, 0.0]), tolerance=exact)
        assert not same(torch.tensor([1.0]), torch.tensor([1.0000001]), tolerance=exact)

    def test_an_error_that_overflows_is_an_error(self) -> None:
        large = torch.tensor([1.7e308], dtype=torch.float64)

        assert difference(large, -large).largest_error == math.inf
        assert difference(1.7e308, -1.7e308).largest_error == math.inf

    def test_half_precision_is_compared_without_overflow(self) -> None:
        expected = torch.tensor([60000.0, 1.0], dtype=torch.float16)

        assert difference(expected, -expected, tolerance=Tolerance()).largest_error == 120_000
        assert same(expected, expected)

    def test_complex_numbers_are_compared_in_both_parts(self) -> None:
        expected = torch.tensor([1 + 2j, 3 - 1j])

        assert same(expected, expected.clone())
        found = difference(expected, expected.conj())
        assert found.message == "element [0]: expected 1.000+2.000j, got 1.000-2.000j; 2 of 2 elements differ, largest error 4"
        assert found.total == 2

    @pytest.mark.parametrize("name", [name for name in DTYPES if name != "bool"])
    def test_every_dtype_tells_two_apart_from_three(self, name: str) -> None:
        two = TensorLeaf(data=torch.tensor([1.0, 2.0]).to(DTYPES[name]))
        three = TensorLeaf(data=torch.tensor([1.0, 4.0]).to(DTYPES[name]))

        found = compare(two, three, tolerance=Tolerance()).difference

        assert compare(two, two, tolerance=Tolerance()).difference is None
        assert found is not None
        assert (found.kind, found.first_index, found.largest_error) == ("value", (1,), 2.0)

    def test_integers_are_exact_where_floats_are_not(self) -> None:
        large = torch.tensor([2**60, 2**63 - 1])

        assert same(large, large.clone())
        assert difference(large, large - 1).largest_error == 1
        assert difference(large, large - 1).message.startswith(f"element [0]: expected {2**60}, got {2**60 - 1}; 2 of 2")
        assert difference(torch.tensor([-(2**63)]), torch.tensor([2**63 - 1])).largest_error == pytest.approx(2.0**64)
        assert difference(2**60, 2**60 + 1).kind == "value"

    def test_unsigned_integers_are_exact_too(self) -> None:
        large = np.array([2**64 - 1, 0], dtype=np.uint64)

        assert same(large, large.copy())
        found = difference(large, np.array([2**64 - 2, 2**63], dtype=np.uint64))
        assert found.largest_error == 2.0**63
        assert "expected 18446744073709551615, got 18446744073709551614" in found.message

    def test_booleans_are_told_apart(self) -> None:
        found = difference(torch.tensor([True, False, True]), torch.tensor([True, True, True]))

        assert found.message == "element [1]: expected False, got True; 1 of 3 elements differ"

    def test_a_text_is_told_from_where_on_it_differs(self) -> None:
        assert same("abc", "abc")
        assert difference("abc", "abd").message == "expected 'abc', got 'abd'; they differ from character 2 on"
        assert difference("abc", "ab").first_index == (2,)
        assert difference("abc", "xbc").message == "expected 'abc', got 'xbc'"
        assert len(difference("a" * 10_000, "b" * 10_000).message) < 200
        assert "\n" not in difference("a\nb", "a\nc").message

    def test_empty_equals_empty_of_the_same_shape_only(self) -> None:
        assert same(torch.empty(0, 3), torch.empty(0, 3))
        assert difference(torch.empty(0, 3), torch.empty(3, 0)).kind == "shape"
        assert difference(torch.empty(0, 3), torch.empty(0)).kind == "shape"
        assert difference(torch.empty(0), torch.empty(0, dtype=torch.int64)).kind == "dtype"


class TestFiniteness:
    def test_infinities_and_nans_must_stand_in_the_same_places(self) -> None:
        expected = torch.tensor([math.nan, math.inf, -math.inf, 1.0])

        assert same(expected, expected.clone())
        for index in range(4):
            for wrong in (math.nan, math.inf, -math.inf, 1.0):
                got = expected.clone()
                got[index] = wrong
                if not torch.equal(got.nan_to_num(7.0), expected.nan_to_num(7.0)):
                    found = difference(expected, got)
                    assert (found.kind, found.first_index, found.differing) == ("finiteness", (index,), 1)

    def test_the_message_says_what_stands_where(self) -> None:
        found = difference(torch.tensor([1.0, 2.0]), torch.tensor([1.0, math.nan]))

        assert found.message == "element [1]: expected 2.000, got nan; 1 of 2 elements differ in being finite"

    def test_a_nan_passes_no_tolerance_however_wide(self) -> None:
        wide = Tolerance(relative=math.inf)

        assert difference(torch.ones(2), torch.full((2,), math.nan), tolerance=wide).kind == "finiteness"
        assert difference(1.0, math.nan, tolerance=wide).kind == "finiteness"
        assert difference(1.0, math.inf, tolerance=wide).kind == "finiteness"

    def test_finite_elements_beside_infinite_ones_are_compared(self) -> None:
        expected = torch.tensor([-math.inf, 1.0])

        assert difference(expected, torch.tensor([-math.inf, 1.5])).largest_error == 0.5

    def test_python_floats_are_told_apart_in_being_finite(self) -> None:
        assert same(math.nan, math.nan)
        assert same(math.inf, math.inf)
        assert difference(math.inf, -math.inf).kind == "finiteness"
        assert difference(math.nan, 0.0).message == "expected nan, got 0.000"

    def test_complex_numbers_are_told_apart_in_being_finite(self) -> None:
        expected = torch.tensor([complex(1, math.inf), 1j])

        assert same(expected, expected.clone())
        assert difference(expected, torch.tensor([complex(math.inf, 1), 1j])).differing == 1


class TestShapesDtypesAndDevices:
    def test_a_reversed_shape_is_asked_about(self) -> None:
        found = difference(torch.ones(2, 5), torch.ones(5, 2))

        assert (found.kind, found.message) == ("shape", "expected shape (2, 5), got (5, 2): transposed?")
        assert difference(torch.ones(2, 3, 5), torch.ones(3, 2, 5)).message.endswith(": transposed?")
        assert difference(torch.ones(2, 5), torch.ones(10)).message == "expected shape (2, 5), got (10,)"

    def test_nothing_is_broadcast(self) -> None:
        assert difference(torch.ones(3, 1), torch.ones(3)).kind == "shape"
        assert difference(torch.ones(2, 3), torch.ones(())).kind == "shape"
        assert difference(torch.ones(3), torch.ones(1, 3)).kind == "shape"

    def test_another_dtype_is_a_difference(self) -> None:
        assert difference(torch.ones(2), torch.ones(2, dtype=torch.float64)).message == "expected dtype float32, got float64"
        assert difference(torch.ones(2), torch.ones(2, dtype=torch.int64)).kind == "dtype"
        assert difference(torch.ones(2, dtype=torch.int64), torch.ones(2, dtype=torch.int32)).kind == "dtype"
        assert difference(torch.ones(2), torch.ones(2, dtype=torch.bool)).kind == "dtype"

    def test_another_device_is_a_difference(self) -> None:
        expected = TensorLeaf(data=torch.ones(2), device="cuda")

        found = compare(expected, TensorLeaf(data=torch.ones(2)), tolerance=SINGLE).difference

        assert found is not None
        assert (found.kind, found.message) == ("device", "expected a tensor on cuda, got one on cpu")

    def test_tensors_on_the_meta_device_are_compared_by_shape_and_dtype(self) -> None:
        meta = torch.ones(2, device="meta")

        assert same(meta, torch.zeros(2, device="meta"))
        assert difference(meta, torch.ones(3, device="meta")).kind == "shape"
        assert difference(torch.ones(2), meta).kind == "device"
        assert difference(meta, torch.ones(2)).kind == "device"

    def test_an_array_is_no_tensor_on_the_meta_device(self) -> None:
        assert difference(torch.ones(2, device="meta"), np.ones(2, dtype=np.float32), allow={"numpy"}).kind == "type"

    def test_a_lost_gradient_is_a_difference_and_a_gained_one_is_not(self) -> None:
        tracked = torch.ones(2, requires_grad=True)

        assert difference(tracked, torch.ones(2)).kind == "gradient"
        assert "no gradient reaches" in difference(tracked, torch.ones(2)).message
        assert same(torch.ones(2), tracked)


class TestTypes:
    @pytest.mark.parametrize(
        ("expected", "got", "message"),
        [
            (1.0, torch.tensor(1.0), "expected a float, got a 0-dim tensor"),
            (torch.tensor(1.0), 1.0, "expected a 0-dim tensor, got a float"),
            (torch.ones(2), [1.0, 1.0], "expected a tensor, got a list"),
            (torch.ones(2), None, "expected a tensor, got None"),
            (torch.ones(2), np.ones(2, dtype=np.float32), "expected a tensor, got a NumPy array"),
            (np.ones(2), torch.ones(2, dtype=torch.float64), "expected a NumPy array, got a tensor"),
            (1.0, np.float64(1.0), "expected a float, got a NumPy scalar"),
            (1.0, np.array(1.0), "expected a float, got a 0-dim NumPy array"),
            (1, 1.0, "expected an int, got a float"),
            (1, True, "expected an int, got a bool"),
            (True, 1, "expected a bool, got an int"),
            (1.0, True, "expected a float, got a bool"),
            (False, 0.0, "expected a bool, got a float"),
            ([1], (1,), "expected a list, got a tuple"),
            ((1,), [1], "expected a tuple, got a list"),
            ([1], {0: 1}, "expected a list, got a dict"),
            ("1", 1, "expected a string, got an int"),
            (None, 0, "expected None, got an int"),
            ([1], (x for x in [1]), "returned a generator where a list was expected"),
            (1.0, 1j, "returned a complex where a float was expected"),
        ],
    )
    def test_another_type_is_told_in_words(self, expected: object, got: object, message: str) -> None:
        found = difference(expected, got)

        assert (found.kind, found.message) == ("type", message)

    def test_an_int_is_fine_where_a_float_is_expected(self) -> None:
        assert same(2.0, 2)
        assert difference(2.0, 3).message == "expected 2.000, got 3"
        assert difference(2.0, 10**400).largest_error == math.inf
        assert difference(math.inf, 10**400).kind == "value"

    def test_classes_of_the_notebook_are_named_without_their_module(self) -> None:
        found = compare(1.0, Foreign(type_name="__main__.Answer"), tolerance=SINGLE).difference

        assert found is not None
        assert found.message == "returned an Answer where a float was expected"

    def test_a_foreign_answer_equals_nothing_not_even_its_like(self) -> None:
        foreign = Foreign(type_name="generator")

        assert compare(foreign, foreign, tolerance=SINGLE).difference is not None
        assert compare(foreign, 1, tolerance=SINGLE, allow={"number", "numpy", "sequence", "wider float"}).difference is not None


class TestStructure:
    def test_a_difference_inside_is_told_with_its_path(self) -> None:
        expected = [{"W_xh": torch.ones(2), 1: 0}, (1, 2)]

        assert difference(expected, [{"W_xh": torch.zeros(2), 1: 0}, (1, 2)]).path == "[0]['W_xh']"
        assert difference(expected, [{"W_xh": torch.ones(2), 1: 5}, (1, 2)]).path == "[0][1]"
        assert difference(expected, [{"W_xh": torch.ones(2), 1: 0}, (1, "2")]).path == "[1][1]"

    def test_another_length_is_a_difference(self) -> None:
        found = difference([1, [2, 3]], [1, [2]])

        assert (found.kind, found.path, found.message) == ("structure", "[1]", "expected a list of length 2, got length 1")
        assert difference([], [1]).kind == "structure"
        assert difference((1, 2), (1,)).message == "expected a tuple of length 2, got length 1"

    def test_missing_and_unexpected_keys_are_named(self) -> None:
        assert difference({"W": 1, "b": 2}, {"W": 1}).message == "the key 'b' is missing"
        assert difference({"W": 1}, {"W": 1, "c": 2}).message == "the key 'c' is not expected"
        assert difference({1: 1}, {True: 1}).message == "the key 1 is missing"
        assert difference({}, {None: 1}).kind == "structure"

    def test_the_order_of_keys_does_not_matter(self) -> None:
        assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})

    def test_of_many_differences_the_one_that_says_most_is_told(self) -> None:
        expected = [torch.ones(2), torch.ones(2), torch.ones(2), torch.ones(2), torch.ones(2), 1, [1]]
        got = [
            torch.zeros(2),
            torch.full((2,), math.nan),
            torch.ones(2),
            torch.ones(2, dtype=torch.float64),
            torch.ones(3),
            1.5,
            [],
        ]

        kinds = []
        while len(got) > 1 and not same(expected, got):
            found = difference(expected, got)
            kinds.append(found.kind)
            index = int(found.path[1:-1])
            expected[index] = got[index]

        assert kinds == ["type", "structure", "shape", "dtype", "finiteness", "value"]

    def test_among_equals_the_first_difference_is_told(self) -> None:
        assert difference([1.0, 2.0, 3.0], [1.0, 5.0, 6.0]).path == "[1]"

    def test_a_long_key_is_shortened(self) -> None:
        assert len(difference({}, {"k" * 10_000: 1}).message) < 120


class TestAllowances:
    def test_a_wider_float_is_accepted_where_it_is_allowed(self) -> None:
        wide = torch.ones(2, dtype=torch.float64)

        assert notes(torch.ones(2), wide, allow={"wider float"}) == ("You returned float64 where float32 was asked; accepted here.",)
        assert difference(torch.ones(2), wide + 1, allow={"wider float"}).kind == "value"
        assert difference(wide, torch.ones(2), allow={"wider float"}).kind == "dtype"
        assert difference(torch.ones(2), torch.ones(2, dtype=torch.int64), allow={"wider float"}).kind == "dtype"
        assert difference(torch.ones(2, dtype=torch.float16), torch.ones(2, dtype=torch.bfloat16), allow={"wider float"}).kind == "dtype"

    def test_an_array_is_accepted_for_a_tensor_where_it_is_allowed(self) -> None:
        array = np.ones(2, dtype=np.float32)

        assert notes(torch.ones(2), array, allow={"numpy"}) == ("You returned a NumPy array where a tensor was asked; accepted here.",)
        assert difference(torch.ones(2), np.ones(2), allow={"numpy"}).kind == "dtype"
        assert len(notes(torch.ones(2), np.ones(2), allow={"numpy", "wider float"})) == 2
        assert difference(torch.ones(2, requires_grad=True), array, allow={"numpy"}).kind == "gradient"
        assert difference(torch.ones(2), array[None], allow={"numpy"}).kind == "shape"
        assert difference(array, torch.ones(2), allow={"numpy"}).kind == "type"

    def test_an_array_is_accepted_for_a_tensor_on_a_gpu(self) -> None:
        expected = TensorLeaf(data=torch.ones(2), device="cuda")

        assert compare(expected, snapshot(np.ones(2, dtype=np.float32)), tolerance=SINGLE, allow={"numpy"}).difference is None

    def test_a_numpy_scalar_is_accepted_for_a_number_where_numpy_is_allowed(self) -> None:
        assert notes(1.0, np.float64(1.0), allow={"numpy"}) == ("You returned a NumPy scalar where a float was asked; accepted here.",)
        assert notes(3, np.int64(3), allow={"numpy"})
        assert difference(3, np.float64(3.0), allow={"numpy"}).kind == "type"
        assert difference(3.0, torch.tensor(3.0), allow={"numpy"}).kind == "type"

    def test_a_tuple_is_accepted_for_a_list_where_it_is_allowed(self) -> None:
        assert notes([1, 2], (1, 2), allow={"sequence"}) == ("You returned a tuple where a list was asked; accepted here.",)
        assert notes(([1],), [(1,)], allow={"sequence"}) == (
            "You returned a list where a tuple was asked; accepted here.",
            "You returned a tuple where a list was asked; accepted here.",
        )
        assert difference([1, 2], (1,), allow={"sequence"}).kind == "structure"
        assert difference([1], {0: 1}, allow={"sequence"}).kind == "type"

    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            (0.5, torch.tensor(0.5)),
            (0.5, np.array(0.5)),
            (0.5, np.float32(0.5)),
            (torch.tensor(0.5), 0.5),
            (np.float64(0.5), 0.5),
            (np.float64(2.0), 2),
            (torch.tensor(0.5), np.float32(0.5)),
            (3, torch.tensor(3)),
            (torch.tensor(3, dtype=torch.int32), 3),
            (2.0, torch.tensor(2)),
            (True, torch.tensor(True)),  # noqa: FBT003 - data
            (True, np.bool_(True)),  # noqa: FBT003 - data
        ],
    )
    def test_a_number_may_come_in_any_wrapping_where_it_is_allowed(self, expected: object, got: object) -> None:
        assert difference(expected, got).kind == "type"
        assert len(notes(expected, got, allow={"number"})) == 1

    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            (0.5, torch.tensor([0.5])),
            (torch.ones(1), 1.0),
            (1, torch.tensor(1.0)),
            (torch.tensor(1), 1.0),
            (1.0, torch.tensor(True)),  # noqa: FBT003 - data
            (True, torch.tensor(1)),
            (1.0, torch.tensor(1 + 0j)),
            (1.0, torch.tensor(1.0, device="meta")),
            (1.0, "1.0"),
            (1.0, None),
        ],
    )
    def test_what_is_no_such_number_is_still_a_type_difference(self, expected: object, got: object) -> None:
        assert difference(expected, got, allow={"number"}).kind == "type"

    def test_a_wrapped_number_is_compared_in_its_own_precision(self) -> None:
        assert notes(0.1, torch.tensor(0.1), allow={"number"}, tolerance=Tolerance())
        assert difference(0.1, torch.tensor(0.2), allow={"number"}).kind == "value"
        assert difference(0.1, torch.tensor(math.nan), allow={"number"}).kind == "finiteness"

    def test_a_number_carries_no_gradient(self) -> None:
        loss = torch.tensor(0.5, requires_grad=True)

        assert difference(loss, 0.5, allow={"number"}).kind == "gradient"

    def test_what_was_not_needed_is_not_noted(self) -> None:
        everything = {"wider float", "numpy", "sequence", "number"}

        assert notes([torch.ones(2), (1.0,)], [torch.ones(2), (1.0,)], allow=everything) == ()

    def test_the_same_allowance_is_noted_once(self) -> None:
        assert len(notes([1.0, 2.0], [torch.tensor(1.0), torch.tensor(2.0)], allow={"number"})) == 1


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
LIVE = st.recursive(
    SCALARS | st.builds(torch.tensor, st.lists(st.floats(width=32), max_size=3)) | st.builds(np.array, st.lists(st.integers(-9, 9), max_size=3)),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(LIVE)
def test_every_value_equals_itself_after_the_journey(live: object) -> None:
    value = snapshot(live)

    assert compare(value, decode(encode(value)), tolerance=Tolerance(relative=0.0)).difference is None


@settings(max_examples=100, deadline=None)
@given(LIVE, LIVE)
def test_values_without_a_difference_are_equal_both_ways(left: object, right: object) -> None:
    exact = Tolerance(relative=0.0)

    forth = compare(snapshot(left), snapshot(right), tolerance=exact).difference
    back = compare(snapshot(right), snapshot(left), tolerance=exact).difference

    # an int for a float is the one thing that is fine in one direction only
    assert (forth is None) == (back is None) or "int" in (forth or back).message  # type: ignore[union-attr] # one of them is set
