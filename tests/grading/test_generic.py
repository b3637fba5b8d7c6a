"""What an unforeseen wrong answer looks like."""

import math
from collections.abc import Callable, Mapping

import pytest
import torch

from grader.execution.answers import Answer, Raised, Returned
from grader.grading.bundle import BundledCase
from grader.grading.diagnosis import generic_diagnosis
from grader.grading.judge import Asked, judge
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance
from grader.values.tree import Value

GENERATOR = torch.Generator().manual_seed(3)
RIGHT = torch.randn(4, 5, generator=GENERATOR, dtype=torch.float64)
SQUARE = torch.randn(4, 4, generator=GENERATOR, dtype=torch.float64)
CUBE = torch.randn(3, 4, 5, generator=GENERATOR, dtype=torch.float64)
POSITIVE = RIGHT.abs() + 0.1


def read(expected: object, got: object, *, inputs: dict[str, object] | None = None, mutated: bool = False) -> str:
    """Return the hint for a wrong answer, "" where there is none."""
    values = {name: snapshot(value) for name, value in (inputs or {"X": torch.zeros(6, 7)}).items()}
    answer = Returned(value=snapshot(got), mutated={"X": 0} if mutated else {})
    return hint_for(Returned(value=snapshot(expected)), answer, values)


def hint_for(expected: Returned, answer: Answer, inputs: Mapping[str, Value]) -> str:
    case = BundledCase(
        name="c",
        group="public",
        points=None,
        inputs=inputs,
        driver=None,
        check=None,
        tolerance=Tolerance(),
        allow=frozenset(),
        may_mutate=frozenset(),
        teaching=False,
        expected=expected,
        mistakes={},
    )
    diagnosis = generic_diagnosis(Asked(case=case, answer=answer, judgement=judge(case, answer)))
    if diagnosis is None:
        return ""
    assert diagnosis.where.endswith("?")
    assert diagnosis.source == "generic"
    return diagnosis.hint


@pytest.mark.parametrize(
    ("expected", "got", "hint"),
    [
        (RIGHT, RIGHT.T, "transpose"),
        (SQUARE, SQUARE.T, "transpose"),
        (CUBE, CUBE.permute(2, 0, 1), "axes are in another order"),
        (CUBE, CUBE.reshape(12, 5), "only their shape"),
        (RIGHT, RIGHT.unsqueeze(0), "only their shape"),
        (RIGHT, RIGHT.sum(0), "too many was taken"),
        (RIGHT, RIGHT.mean(1, keepdim=True), "too many was taken"),
        (RIGHT, RIGHT.sum(), "too many was taken"),
        (RIGHT.sum(1), RIGHT, "a last step is missing"),
        (RIGHT.mean(), RIGHT, "a last step is missing"),
        (RIGHT[:, 0], RIGHT[:, :1] - 2 * RIGHT[:, 0], "stretched to fit"),
        (RIGHT, -RIGHT, "sign is the wrong way round"),
        (RIGHT, RIGHT / 6, "too small by the size of one of the axes"),
        (RIGHT, RIGHT * 42, "too large by the size of one of the axes"),
        (RIGHT, RIGHT / math.log(2), "1.4427"),
        (RIGHT, RIGHT * math.log(2), "0.6931"),
        (RIGHT, RIGHT / math.log(10), "0.4343"),
        (RIGHT, RIGHT * 1.7, "off by the same factor"),
        (RIGHT, RIGHT.flip(1), "runs backwards"),
        (RIGHT, RIGHT.roll(1, 0), "one place off"),
        (RIGHT, torch.cat([torch.zeros(4, 1, dtype=torch.float64), RIGHT[:, :-1]], 1), "one place off"),
        (RIGHT, RIGHT[[2, 0, 3, 1]], "rows are in another order"),
        (RIGHT, torch.zeros_like(RIGHT), "0 everywhere"),
        (RIGHT, torch.full_like(RIGHT, 0.3), "same number everywhere"),
        (RIGHT, RIGHT + 0.25, "off by the same amount"),
        (RIGHT, RIGHT.exp(), "exponential of the right one"),
        (POSITIVE, POSITIVE.log(), "logarithm of the right one"),
        (POSITIVE, 1 / POSITIVE, "one divided by"),
        (RIGHT, RIGHT.square(), "square of the right one"),
        (POSITIVE, POSITIVE.sqrt(), "square root of the right one"),
        (RIGHT, 1 - RIGHT, "1 minus"),
        (RIGHT.tanh(), RIGHT, "before its tanh"),
        (RIGHT, RIGHT.tanh(), "the tanh of the right one"),
        (RIGHT.tanh(), RIGHT.sigmoid(), "A sigmoid stands where a tanh"),
        (RIGHT.sigmoid(), RIGHT.tanh(), "A tanh stands where a sigmoid"),
        (RIGHT.tanh(), RIGHT.relu(), "A ReLU stands where a tanh"),
        (RIGHT, RIGHT.softmax(1), "softmax of the right one"),
        (RIGHT, RIGHT.log_softmax(0), "softmax of the right one"),
        (RIGHT, RIGHT[:1].expand(4, 5), "same all along one axis"),
        (RIGHT, RIGHT * (1 + 1e-8), "less precise"),
        (RIGHT, RIGHT.float(), "dtype"),
        (RIGHT, RIGHT.sqrt(), "NaN"),
        (RIGHT, RIGHT / 0, "infinity"),
        (RIGHT / 0, RIGHT, "not finite"),
        (RIGHT.clone().requires_grad_(), RIGHT, "cut off"),
        (RIGHT, None, "Nothing comes back"),
        (RIGHT, (row for row in RIGHT), "generator"),
        ((RIGHT, SQUARE), (SQUARE, RIGHT), "another order"),
        ((RIGHT, RIGHT * 2), (RIGHT * 2, RIGHT), "another order"),
        (2.5, -2.5, "sign is the wrong way round"),
        (3.0, 3.0 / math.log(2), "1.4427"),
        (12.0, 2.0, "too small by the size"),
        ([1.0, 2.0, 4.0], [4.0, 2.0, 1.0], "runs backwards"),
        ([1, 2, 4, 8], [0, 1, 2, 4], "one place off"),
        ({"loss": RIGHT}, {"loss": -RIGHT}, "sign is the wrong way round"),
    ],
)
def test_a_typical_slip_is_read(expected: object, got: object, hint: str) -> None:
    assert hint in read(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (2.5, 1.1),
        (RIGHT, RIGHT.sin()),
        (RIGHT, torch.ones(2, 7, 3, dtype=torch.float64)),
        ("abc", "abd"),
        ([1, 2], [2, 3]),
        (True, False),
        (RIGHT, RIGHT + RIGHT.square()),
    ],
)
def test_what_is_like_nothing_gets_no_reading(expected: object, got: object) -> None:
    assert read(expected, got) == ""


def test_what_counts_as_equal_follows_the_precision() -> None:
    single = RIGHT.float()

    assert "sign is the wrong way round" in read(single, -single * (1 + 5e-6))


def test_a_changed_input_is_read() -> None:
    assert "changes what it was given" in read(RIGHT, RIGHT, mutated=True)


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("f() got an unexpected keyword argument 'X'", "passed by their names"),
        ("mat1 and mat2 shapes cannot be multiplied (3x4 and 3x4)", "matrix product"),
        ("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", "shapes do not fit"),
        ("expected m1 and m2 to have the same dtype, but got: double != float", "dtypes"),
        ("a leaf Variable that requires grad is being used in an in-place operation.", "overwritten"),
        ("index 5 is out of bounds for dimension 0 with size 5", "beyond the last element"),
    ],
)
def test_a_typical_exception_is_read(message: str, hint: str) -> None:
    raised = Raised(types=("RuntimeError", "Exception"), message=message)

    assert hint in hint_for(Returned(value=1), raised, {})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: RIGHT @ RIGHT,
        lambda: RIGHT + SQUARE,
        lambda: RIGHT @ torch.zeros(5, 2),
        lambda: RIGHT[9],
        lambda: torch.cat([RIGHT, SQUARE]),
    ],
    ids=["product", "sum", "dtypes", "index", "cat"],
)
def test_torchs_own_messages_are_known(wrong: Callable[[], object]) -> None:
    with pytest.raises((RuntimeError, IndexError)) as caught:
        wrong()

    assert hint_for(Returned(value=1), Raised(types=("RuntimeError",), message=str(caught.value)), {})
