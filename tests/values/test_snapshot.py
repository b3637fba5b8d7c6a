import collections
import enum
import types
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from grader.errors import MalformedValueError
from grader.values.compare import compare
from grader.values.snapshot import restore, snapshot
from grader.values.tolerance import Tolerance
from grader.values.tree import Foreign, TensorLeaf, Value


def leaf_of(obj: object) -> TensorLeaf:
    value = snapshot(obj)
    assert isinstance(value, TensorLeaf)
    return value


def name_of(obj: object) -> str:
    value = snapshot(obj)
    assert isinstance(value, Foreign)
    return value.type_name


class Liar:
    """Claims to be a tensor and fails at every touch."""

    @property  # type: ignore[misc] # lying is the point
    def __class__(self) -> type:
        return torch.Tensor

    def __getattr__(self, name: str) -> object:
        raise SystemExit(name)

    def __iter__(self) -> Iterator[object]:
        raise SystemExit

    def __eq__(self, other: object) -> bool:
        raise SystemExit

    def __hash__(self) -> int:
        return 1


class LyingMeta(type):
    def __getattribute__(cls, name: str) -> object:
        raise SystemExit

    def __hash__(cls) -> int:
        raise SystemExit

    def __eq__(cls, other: object) -> bool:
        raise SystemExit


class LyingList(list[object]):
    def __iter__(self) -> Iterator[object]:
        raise SystemExit


class LyingDict(dict[object, object]):
    def items(self) -> object:  # type: ignore[override] # lying is the point
        raise SystemExit


class Text(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize("plain", [None, True, False, 0, -(2**4095), 1.5, float("inf"), "", "naïve 🙂", [], (), {}, [1, (2.0, {"a": None, 3: [True]})]])
def test_plain_data_is_its_own_snapshot(plain: Value) -> None:
    value = snapshot(plain)

    assert value == plain
    assert repr(value) == repr(plain)


def test_containers_become_the_plain_container_they_derive_from() -> None:
    Point = collections.namedtuple("Point", ["x", "y"])  # noqa: PYI024 - the untyped one is what students write

    assert repr(snapshot(collections.OrderedDict(a=1))) == "{'a': 1}"
    assert repr(snapshot(collections.Counter("aab"))) == "{'a': 2, 'b': 1}"
    assert repr(snapshot(collections.defaultdict(list, {"k": [1]}))) == "{'k': [1]}"
    assert repr(snapshot(Point(1, 2))) == "(1, 2)"
    assert repr(snapshot(torch.empty(2, 3).shape)) == "(2, 3)"
    assert repr(snapshot({np.int64(3): 1})) == "{3: 1}"


def test_the_fields_of_a_returned_maximum_are_read_as_a_tuple() -> None:
    value = snapshot(torch.tensor([[1.0, 3.0]]).max(dim=1))

    assert isinstance(value, tuple)
    assert [item.data.tolist() for item in value if isinstance(item, TensorLeaf)] == [[3.0], [1]]


def test_a_tensor_is_copied_and_says_whether_it_requires_a_gradient() -> None:
    live = torch.ones(2, 3, requires_grad=True)
    result = (live * 2).t()

    leaf = leaf_of(result)
    with torch.no_grad():
        result.zero_()

    assert leaf.data.tolist() == [[2.0, 2.0]] * 3
    assert leaf.data.is_contiguous()
    assert not leaf.data.requires_grad
    assert leaf.requires_grad
    assert leaf.device == "cpu"


def test_a_parameter_is_a_tensor() -> None:
    leaf = leaf_of(torch.nn.Parameter(torch.zeros(2)))

    assert type(leaf.data) is torch.Tensor
    assert leaf.requires_grad


def test_a_state_dict_is_a_dict_of_tensors() -> None:
    value = snapshot(torch.nn.Linear(2, 3).state_dict())

    assert isinstance(value, dict)
    assert list(value) == ["weight", "bias"]


def test_a_tensor_on_the_meta_device_keeps_its_shape_and_has_no_data() -> None:
    leaf = leaf_of(torch.empty(10**6, 10**6, device="meta", dtype=torch.float16))

    assert leaf.device == leaf.data.device.type == "meta"
    assert leaf.data.shape == (10**6, 10**6)
    assert leaf.data.dtype == torch.float16


def test_conjugated_and_negated_views_are_resolved() -> None:
    z = torch.tensor([1 + 2j])

    assert leaf_of(z.conj()).data.tolist() == [1 - 2j]
    assert leaf_of(z.conj().imag).data.tolist() == [-2.0]
    assert not leaf_of(z.conj()).data.is_conj()


def test_a_broadcast_tensor_is_laid_out_in_full() -> None:
    leaf = leaf_of(torch.ones(1).expand(4))

    assert leaf.data.stride() == (1,)


def test_arrays_of_any_layout_and_byte_order_are_read() -> None:
    assert leaf_of(np.arange(3)[::-1]).data.tolist() == [2, 1, 0]
    assert leaf_of(np.arange(3, dtype=">i4")).data.tolist() == [0, 1, 2]
    assert leaf_of(np.broadcast_to(np.float32(2), (2, 2))).data.tolist() == [[2.0, 2.0]] * 2
    assert leaf_of(np.array(1.5)).data.shape == ()
    assert leaf_of(np.arange(3)).kind == "array"


@pytest.mark.parametrize("scalar", [np.float64(1.5), np.float16(1.5), np.int8(-3), np.uint64(2**64 - 1), np.bool_(True), np.complex64(1j)])  # noqa: FBT003 - a NumPy scalar
def test_numpy_scalars_keep_their_dtype(scalar: np.generic) -> None:
    leaf = leaf_of(scalar)

    restored = restore(leaf)

    assert leaf.kind == "scalar"
    assert type(restored) is type(scalar)
    assert restored == scalar


def test_a_numpy_string_is_a_string() -> None:
    assert repr(snapshot(np.str_("abc"))) == "'abc'"


@pytest.mark.parametrize(
    ("obj", "name"),
    [
        ((x for x in "ab"), "generator"),
        ({1}, "set"),
        (range(3), "range"),
        (b"ab", "bytes"),
        (1j, "complex"),
        (torch.float32, "torch.dtype"),
        (torch.nn.ReLU(), "torch.nn.modules.activation.ReLU"),
        (types.SimpleNamespace(), "types.SimpleNamespace"),
        (np.array([None]), "numpy.ndarray of dtype object"),
        (np.array(["a"]), "numpy.ndarray of dtype str32"),
        (np.ma.masked_array([1]), "numpy.ma.MaskedArray"),
        (np.bytes_(b"a"), "numpy.bytes_"),
        (2**4096, "int of more than 4096 bits"),
        ({(1, 2): 3}, "dict with a key of type tuple"),
        ({float("nan"): 3}, "dict with a key of type float"),
    ],
)
def test_what_is_no_value_is_named(obj: object, name: str) -> None:
    assert name_of(obj) == name


def test_tensors_that_are_not_dense_are_named() -> None:
    class Subclass(torch.Tensor):
        pass

    assert name_of(torch.eye(2).to_sparse()) == "torch.Tensor that is not dense (sparse_coo)"
    assert name_of(torch.eye(2).as_subclass(Subclass)) == "tests.values.test_snapshot.Subclass"
    assert name_of(torch.nn.UninitializedParameter()) == "torch.nn.parameter.UninitializedParameter"


def test_a_tensor_without_memory_of_its_own_is_named() -> None:
    seen: list[Value] = []
    freed = torch.ones(2)
    freed.untyped_storage().resize_(0)

    def see(x: torch.Tensor) -> torch.Tensor:
        seen.append(snapshot(x * 2))
        return x.sum()

    torch.func.grad(see)(torch.ones(2))
    torch.func.vmap(see)(torch.ones(2, 2))

    assert seen[:2] == [Foreign(type_name="torch.Tensor without data")] * 2
    assert name_of(freed) == "torch.Tensor without data"


def test_hostile_objects_are_named_or_read_by_their_base_class() -> None:
    hostile: type[object] = LyingMeta("Hostile", (), {})

    assert repr(snapshot([object.__new__(hostile)])) == "[Foreign(type_name='tests.values.test_snapshot.Hostile')]"
    assert repr(snapshot([Liar(), LyingList([1, 2])])) == "[Foreign(type_name='tests.values.test_snapshot.Liar'), [1, 2]]"
    assert repr(snapshot(LyingDict(a=1))) == "{'a': 1}"
    assert repr(snapshot({Text("a"): Text("b")})) == "{'a': 'b'}"


def test_the_name_of_a_type_is_printable_and_short() -> None:
    hostile = type("\x1b[31m<script>\n" + "é" * 500, (), {})

    assert name_of(hostile()) == "tests.values.test_snapshot.?[31m<script>?".ljust(80, "?")


def test_numbers_of_a_derived_class_are_plain_numbers() -> None:
    class Color(enum.IntEnum):
        RED = 1

    assert repr(snapshot([Color.RED, {Color.RED: 2}])) == "[1, {1: 2}]"


def test_lone_surrogates_are_escaped() -> None:
    assert snapshot("a\ud800") == "a\\ud800"


def test_a_list_that_contains_itself_is_cut_off() -> None:
    live: list[object] = [1]
    live.append({"again": live})

    assert snapshot(live) == [1, {"again": Foreign(type_name="list that contains itself")}]


def test_a_list_that_comes_twice_is_no_cycle() -> None:
    live = [1]

    assert snapshot([live, live]) == [[1], [1]]


def test_deep_nesting_is_cut_off() -> None:
    live: list[object] = []
    for _ in range(100_000):
        live = [live]

    value = snapshot(live)

    for _ in range(32):
        assert isinstance(value, list)
        (value,) = value
    assert value == Foreign(type_name="list nested more than 32 deep")


def test_too_many_parts_become_foreign_as_a_whole() -> None:
    doubling: list[object] = []
    for _ in range(30):
        doubling = [doubling, doubling]

    assert name_of(doubling) == "value with more than 100000 parts"
    assert name_of([0] * 100_000) == "value with more than 100000 parts"
    assert name_of([torch.zeros(1)] * 10_001) == "value with more than 10000 tensors"


def test_a_tensor_of_terabytes_in_a_few_bytes_of_memory_is_not_copied() -> None:
    assert name_of(torch.zeros(1).expand(10**12)) == "value with more than 67108864 bytes of tensors"
    assert name_of(np.broadcast_to(np.float64(1), (10**12,))) == "value with more than 67108864 bytes of tensors"


def test_the_default_device_of_the_notebook_does_not_matter() -> None:
    torch.set_default_device("meta")
    try:
        leaf = leaf_of(torch.ones(2, device="cpu"))
    finally:
        torch.set_default_device(None)

    assert leaf.data.tolist() == [1.0, 1.0]


def test_restored_tensors_are_fresh_and_require_a_gradient_again() -> None:
    leaf = leaf_of(torch.ones(2, requires_grad=True))

    first, second = restore(leaf), restore(leaf)

    assert isinstance(first, torch.Tensor)
    assert isinstance(second, torch.Tensor)
    first.detach().zero_()
    assert first.is_leaf
    assert first.requires_grad
    assert second.tolist() == leaf.data.tolist() == [1.0, 1.0]


def test_tensors_are_restored_on_the_device_that_is_asked_for() -> None:
    value = snapshot((torch.ones(2), np.ones(2)))

    restored = restore(value, device="meta")

    match restored:
        case (torch.Tensor() as tensor, np.ndarray() as array):
            assert tensor.device.type == "meta"
            assert array.tolist() == [1.0, 1.0]
        case _:
            pytest.fail(f"restored as {restored!r}")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_tensors_travel_from_and_to_a_gpu() -> None:
    live = torch.tensor([1 + 2j], requires_grad=True)

    leaf = leaf_of(live.to("cuda").conj())
    restored = restore(leaf, device="cuda")

    assert leaf.device == "cuda"
    assert leaf.data.device.type == "cpu"
    assert leaf.data.tolist() == [1 - 2j]
    assert isinstance(restored, torch.Tensor)
    assert restored.is_cuda
    assert restored.requires_grad


def test_a_restored_array_is_fresh_and_writable() -> None:
    leaf = leaf_of(np.ones(2))

    array = restore(leaf)

    assert isinstance(array, np.ndarray)
    array[0] = 5
    assert leaf.data.tolist() == [1.0, 1.0]


def test_something_foreign_cannot_be_restored() -> None:
    with pytest.raises(MalformedValueError, match="generator"):
        restore([Foreign(type_name="generator")])


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
LIVE = st.recursive(
    SCALARS | st.builds(torch.tensor, st.lists(st.floats(width=32), max_size=3)) | st.builds(np.array, st.lists(st.integers(-9, 9), max_size=3)),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(LIVE)
def test_a_restored_value_gives_the_same_snapshot(live: object) -> None:
    value = snapshot(live)

    again = snapshot(restore(value))

    assert compare(value, again, tolerance=Tolerance(relative=0.0)).difference is None
