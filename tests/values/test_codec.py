import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings, strategies as st

from grader.errors import MalformedValueError
from grader.values.codec import decode, digest, encode
from grader.values.compare import compare
from grader.values.dtypes import DTYPES, dtype_name
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance
from grader.values.tree import Foreign, TensorLeaf, Value

SHAPES: list[tuple[int, ...]] = [(), (0,), (3,), (2, 0, 4), (2, 3)]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
TENSORS = st.builds(torch.tensor, st.lists(st.floats(width=32), max_size=3))
TREES = st.recursive(
    SCALARS | TENSORS.map(snapshot) | st.just(Foreign(type_name="generator")),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


def numbers(dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
    wide = torch.arange(torch.Size(shape).numel(), dtype=torch.float64).reshape(shape)
    return wide.to(torch.complex128).mul(1 + 2j).to(dtype) if dtype.is_complex else wide.to(dtype)


def round_trip(value: Value) -> Value:
    return decode(encode(value))


def leaf_of(value: Value) -> TensorLeaf:
    assert isinstance(value, TensorLeaf)
    return value


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
def test_tensors_of_every_dtype_come_back_bit_by_bit(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    data = numbers(dtype, shape)

    back = leaf_of(round_trip(TensorLeaf(data=data)))

    assert back.data.dtype == dtype
    assert back.data.shape == shape
    assert back.data.reshape(-1).view(torch.uint8).tolist() == data.reshape(-1).view(torch.uint8).tolist()


def test_the_buffer_is_the_one_that_safetensors_writes() -> None:
    own = [dtype for dtype in DTYPES.values() if not dtype.is_complex and not dtype_name(dtype).startswith("float8")]
    tensors = [numbers(dtype, shape) for dtype in reversed(own) for shape in SHAPES]

    buffer = encode([TensorLeaf(data=data) for data in tensors]).tensors

    assert buffer == safetensors.torch.save({str(index): data for index, data in enumerate(tensors)})


@pytest.mark.parametrize("data", [torch.ones(1).as_strided((1,), (0,)), torch.ones(0).as_strided((0,), (0,)), torch.arange(6).view(2, 3).T])
def test_tensors_with_unusual_strides_come_back(data: torch.Tensor) -> None:
    assert leaf_of(round_trip(TensorLeaf(data=data))).data.tolist() == data.tolist()


@pytest.mark.parametrize(
    "live",
    [
        torch.tensor([-0.0, float("nan"), float("inf"), -float("inf"), 5e-324], dtype=torch.float64),
        torch.tensor([2**63 - 1, -(2**63)]),
        torch.tensor([0, 2**64 - 1], dtype=torch.uint64),
        torch.tensor([complex("nan+infj"), complex(-0.0, -0.0)]),
    ],
)
def test_extreme_numbers_come_back_bit_by_bit(live: torch.Tensor) -> None:
    back = leaf_of(round_trip(snapshot(live)))

    assert back.data.view(torch.uint8).tolist() == live.view(torch.uint8).tolist()


def test_what_is_known_of_a_tensor_comes_back() -> None:
    value = snapshot([np.arange(3), np.float32(2), torch.ones(2, requires_grad=True), torch.empty(4, device="meta"), torch.ones(1)])

    back = round_trip(value)

    assert isinstance(value, list)
    assert isinstance(back, list)
    for leaf, leaf_back in zip(map(leaf_of, value), map(leaf_of, back), strict=True):
        assert (leaf_back.kind, leaf_back.device, leaf_back.requires_grad) == (leaf.kind, leaf.device, leaf.requires_grad)
        assert (leaf_back.data.dtype, leaf_back.data.device) == (leaf.data.dtype, leaf.data.device)


def test_the_device_a_tensor_came_from_is_remembered() -> None:
    assert leaf_of(round_trip(TensorLeaf(data=torch.ones(2), device="cuda"))).device == "cuda"


@pytest.mark.parametrize(
    "value",
    [
        [(), [], {}],
        {1: "int", "1": "text", 1.5: "float", None: "none", float("inf"): "infinite"},
        {True: 1},
        [True, 1, 1.0, "1", None, -0.0],
        [float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308],
        [2**4095, -(2**4096) + 1, -(10**400)],
        ["", 'é🙂\n\x00"\\[{', "\\ud800"],
        {"x": {"t": [], "d": (), "o": {"f": "nan"}}},
        Foreign(type_name='a name, with [brackets] "quotes"'),
    ],
)
def test_plain_values_come_back_with_their_types(value: Value) -> None:
    assert repr(round_trip(value)) == repr(value)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_any_value_comes_back(value: Value) -> None:
    back = round_trip(value)

    assert repr(back) == repr(value)
    assert encode(back) == encode(value)


def test_a_snapshot_at_the_caps_can_be_read() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    wide = dict.fromkeys(range(99_999), "x")

    assert repr(round_trip(snapshot(deep))) == repr(snapshot(deep))
    assert round_trip(snapshot(wide)) == wide
    assert len(round_trip(snapshot([torch.zeros(1)] * 10_000))) == 10_000  # type: ignore[arg-type] # a list


def test_a_tensor_of_many_dimensions_can_be_read() -> None:
    value = snapshot([torch.ones([1] * 64)] * 100)

    assert compare(value, round_trip(value), tolerance=Tolerance()).difference is None


def test_a_leaf_that_comes_twice_comes_back_twice() -> None:
    leaf = TensorLeaf(data=torch.ones(2))

    back = round_trip([leaf, leaf])

    assert isinstance(back, list)
    leaf_of(back[0]).data.zero_()
    assert leaf_of(back[1]).data.tolist() == [1.0, 1.0]


def test_the_encoding_says_no_more_than_it_must() -> None:
    wire = encode({"loss": 0.5, "sizes": (1, 2)})

    assert wire.tree == b'{"d":[["loss",0.5],["sizes",{"t":[1,2]}]]}'
    assert wire.tensors == b""


def test_equal_values_have_equal_digests() -> None:
    def value(last: float) -> Value:
        return snapshot([{"W": torch.ones(2, 3), "b": torch.zeros(3, dtype=torch.float64)}, (last, np.arange(3))])

    assert digest(value(0.5)) == digest(value(0.5))
    assert len(digest(value(0.5))) == 64


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (1, True),
        ([1], (1,)),
        (0.0, -0.0),
        ("1", 1),
        ({"1": 0}, {1: 0}),
        (snapshot(torch.ones(2)), snapshot(torch.ones(2, dtype=torch.float64))),
        (snapshot(torch.ones(2)), snapshot(np.ones(2, dtype=np.float32))),
        (snapshot(torch.ones(2)), snapshot(torch.ones(2, 1))),
        (snapshot(torch.ones(2)), snapshot(torch.tensor([1.0, 1.0000001]))),
        (Foreign(type_name="a"), "a"),
    ],
)
def test_values_that_differ_have_different_digests(left: Value, right: Value) -> None:
    assert digest(left) != digest(right)


def test_the_default_device_of_the_notebook_does_not_matter() -> None:
    wire = encode(snapshot([torch.ones(2), torch.ones(0)]))

    torch.set_default_device("meta")
    try:
        back = decode(wire)
    finally:
        torch.set_default_device(None)

    assert isinstance(back, list)
    assert [leaf_of(item).data.device.type for item in back] == ["cpu", "cpu"]


@pytest.mark.parametrize("value", [2**4096, "\ud800", [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]])
def test_what_could_not_be_read_is_not_written(value: Value) -> None:
    with pytest.raises(MalformedValueError):
        encode(value)


def test_dtypes_are_named_as_torch_names_them() -> None:
    assert {dtype_name(dtype) for dtype in DTYPES.values()} == set(DTYPES)
    assert DTYPES["float8_e4m3fn"] is torch.float8_e4m3fn
