import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from grader.values.compare import compare
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance, measure, scale
from grader.values.tree import Foreign, Value

EPS = 2.0**-23


def test_each_precision_has_its_own_tolerance() -> None:
    tolerance = Tolerance()

    assert tolerance.allowed("float64") == 1e-9
    assert tolerance.allowed("float32") == 2e-5
    assert tolerance.allowed("float16") == tolerance.allowed("bfloat16") == 2e-2
    assert tolerance.allowed("complex64") == 2e-5
    assert tolerance.allowed("complex128") == 1e-9
    assert tolerance.allowed("float8_e4m3fn") == 0.125


def test_the_coarsest_precision_that_took_part_decides() -> None:
    assert Tolerance(working="float32").allowed("float64") == 2e-5
    assert Tolerance(working="bfloat16").allowed("float32") == 2e-2
    assert Tolerance(working="float64").allowed("float32", "float64") == 2e-5
    assert Tolerance(working="float64").allowed("float64", "float32") == 2e-5


def test_python_numbers_use_the_working_precision() -> None:
    assert Tolerance().allowed() == 1e-9
    assert Tolerance(working="float32").allowed() == 2e-5
    assert Tolerance(working="float32").allowed("int64") == 2e-5


def test_a_reference_that_rounds_more_is_followed_up_to_a_limit() -> None:
    assert Tolerance(rounding=100).allowed("float32") == pytest.approx(3200 * EPS)
    assert Tolerance(rounding=1e6).allowed("float64") == pytest.approx(3.2e7 * 2.0**-52)
    assert Tolerance(rounding=1e9).allowed("float32") == 1e-2
    assert Tolerance(rounding=1e30).allowed("float64") == 1e-2
    assert Tolerance(rounding=1e9).allowed("bfloat16") == 5e-2
    assert Tolerance(rounding=0.5).allowed("float32") == 2e-5


def test_the_authors_word_overrides_everything() -> None:
    assert Tolerance(relative=0.1, rounding=5, working="float64").allowed("float64") == 0.1
    assert Tolerance(relative=0.0).allowed("bfloat16") == 0.0


def test_rounding_is_measured_against_the_largest_number_of_the_leaf() -> None:
    double = torch.tensor([4.0, 0.001], dtype=torch.float64)
    single = torch.tensor([4.0, 0.001 + 12 * EPS], dtype=torch.float64)

    tolerance = measure(snapshot(single), snapshot(double), working="float32")

    assert tolerance.rounding == pytest.approx(3)
    assert tolerance.working == "float32"


def agrees(expected: torch.Tensor, got: torch.Tensor, exact: torch.Tensor) -> bool:
    tolerance = measure(snapshot(expected), snapshot(exact), working="float32")
    return compare(snapshot(expected), snapshot(got), tolerance=tolerance).difference is None


@pytest.mark.parametrize("terms", [8, 512, 20_000])
@pytest.mark.parametrize("draw", [torch.rand, torch.randn])
def test_sums_in_another_order_or_with_fewer_roundings_are_within_the_tolerance(draw: Callable[..., torch.Tensor], terms: int) -> None:
    seed = torch.Generator().manual_seed(terms)
    inputs, weights = draw(4, terms, generator=seed), draw(terms, 3, generator=seed)
    exact = inputs.double() @ weights.double()

    one_by_one = torch.zeros(4, 3)
    for term in reversed(range(terms)):
        one_by_one += inputs[:, term, None] * weights[term]

    assert agrees(inputs @ weights, one_by_one, exact)
    assert agrees(inputs @ weights, exact.float(), exact)


@pytest.mark.parametrize("terms", [8, 512, 20_000])
def test_products_in_tf32_are_not(terms: int) -> None:
    seed = torch.Generator().manual_seed(terms)
    inputs, weights = torch.randn(4, terms, generator=seed), torch.randn(terms, 3, generator=seed)

    assert not agrees(inputs @ weights, _in_tf32(inputs) @ _in_tf32(weights), inputs.double() @ weights.double())


def _in_tf32(x: torch.Tensor) -> torch.Tensor:
    """Return float32 numbers with the 10 bits of fraction that TF32 has."""
    return (x.view(torch.int32) + 2**12 & -(2**13)).view(torch.float32)


def test_the_leaf_that_rounds_most_counts() -> None:
    single = {"a": [torch.tensor([1.0 + 2 * EPS]), 1.0 + 5 * EPS], "b": (np.array([1.0]),), "c": torch.tensor([1j])}
    double = {"a": [torch.tensor([1.0], dtype=torch.float64), 1.0], "b": (np.array([1.0 + 7 * EPS]),), "c": torch.tensor([1j])}

    assert measure(snapshot(single), snapshot(double), working="float64").rounding == pytest.approx(7, rel=1e-5)


def test_complex_numbers_round_in_both_parts() -> None:
    single = snapshot(torch.tensor([1 + (1 + 6 * EPS) * 1j], dtype=torch.complex128))

    assert measure(single, snapshot(torch.tensor([1 + 1j])), working="float32").rounding == pytest.approx(6)


@pytest.mark.parametrize(
    ("single", "double"),
    [
        (1.0, torch.ones(1)),
        (torch.ones(2), torch.ones(3)),
        (torch.ones(2), torch.zeros(2, dtype=torch.int64)),
        (torch.ones(2), torch.zeros(2, dtype=torch.complex64)),
        (torch.tensor([1, 2]), torch.tensor([5, 6])),
        (torch.ones(0), torch.ones(0)),
        (torch.ones(2, device="meta"), torch.ones(2, device="meta")),
        (torch.tensor([math.inf, math.nan, 1.0]), torch.tensor([1.0, 2.0, math.inf])),
        (math.nan, 1.0),
        (math.inf, math.inf),
        ([], [1.0]),
        ({"a": 1.0}, {"b": 2.0}),
        (True, False),
        ("a", "b"),
        (iter(()), 1.0),
        (None, None),
    ],
)
def test_nothing_is_learned_where_the_two_are_not_alike(single: object, double: object) -> None:
    assert measure(snapshot(single), snapshot(double), working="float32") == Tolerance(working="float32")


def test_finite_numbers_beside_infinite_ones_are_measured() -> None:
    single = snapshot(torch.tensor([-math.inf, 1.0 + 4 * EPS]))

    assert measure(single, snapshot(torch.tensor([-math.inf, 1.0])), working="float32").rounding == pytest.approx(4)


def test_masks_are_not_measured() -> None:
    single = snapshot(torch.tensor([-1e9 + 64, 1.0]))

    assert measure(single, snapshot(torch.tensor([-1e9, 1.0])), working="float32").rounding == 0


def test_a_real_reference_rounds_by_a_few_units() -> None:
    inputs = torch.randn(8, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    weights = torch.randn(50, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    tolerance = measure(snapshot(inputs.float() @ weights.float()), snapshot(inputs @ weights), working="float32")

    assert 0 < tolerance.rounding < 10


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], 1.0),
        ([0.0, 0.0], 1.0),
        ([math.nan, math.inf], 1.0),
        ([0.5, -2.0, math.inf], 2.0),
        ([1e-9, 1e-12], 1e-9),
        ([1.0, 10.0, 100.0, 1e4, 1e5], 1e5),
        ([0.5, -3.0, -1e9, -1e9], 3.0),
        ([0.5, -3.0, -1e6 + 0.25], 3.0),
        ([0.0, -1e9], 1.0),
        ([0.5, torch.finfo(torch.float32).min], 0.5),
        ([-1e9, -1e9], 1e9),
        ([1.0, 5e3], 5e3),
    ],
)
def test_the_scale_is_the_largest_number_that_is_no_mask(numbers: list[float], expected: float) -> None:
    assert scale(torch.tensor(numbers, dtype=torch.float64)) == expected


def test_foreign_leaves_are_passed_over() -> None:
    value: Value = [Foreign(type_name="generator"), 1.0]

    assert measure(value, value, working="float64").rounding == 0
