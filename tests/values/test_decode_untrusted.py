import json
import tracemalloc
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st

from grader.errors import MalformedValueError
from grader.values.codec import Caps, Wire, decode, encode
from grader.values.snapshot import snapshot

LEAF = b'{"x":["tensor","float32",[2],"cpu",false]}'
TWO = encode(snapshot([torch.tensor([1.0, 2.0]), torch.tensor([True, False])]))


def refusal(tree: bytes, tensors: bytes = b"", **caps: int) -> str:
    with pytest.raises(MalformedValueError) as caught:
        decode(Wire(tree=tree, tensors=tensors), caps=Caps(**caps))
    return caught.value.reason


def safetensors(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype: str = "F32", shape: object = (2,), data_offsets: object = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": data_offsets}


@pytest.mark.parametrize(
    "tree",
    [
        b"",
        b" ",
        b"\xff\xfe",
        b"\xef\xbb\xbf1",
        b"[1",
        b"1 2",
        b"[1,]",
        b"nul",
        b'"\xff"',
        b'"\n"',
        b'"unfinished',
        b'"\\',
        b"01",
        "1".encode("utf-16"),
    ],
)
def test_what_is_no_json_is_refused(tree: bytes) -> None:
    assert refusal(tree) == "not valid JSON"


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"0." + b"1" * 100, b"9" * 1300, b"9" * 1234])
def test_numbers_that_no_value_is_written_with_are_refused(literal: bytes) -> None:
    refusal(literal)
    refusal(b'{"d":[[1,' + literal + b"]]}")


@pytest.mark.parametrize(
    "tree",
    [
        b"{}",
        b'{"t":[],"t":[]}',
        b'{"t":[1],"d":[]}',
        b'{"a":1}',
        b'{"t":1}',
        b'{"t":"ab"}',
        b'{"d":{"t":[]}}',
        b'{"d":[[1]]}',
        b'{"d":[[1,2,3]]}',
        b'{"d":["ab"]}',
        b'{"d":[[1,2],[1,3]]}',
        b'{"d":[[1,2],[1.0,3]]}',
        b'{"d":[[true,2],[1,3]]}',
        b'{"d":[[[],2]]}',
        b'{"d":[[{"t":[]},2]]}',
        b'{"d":[[{"f":"nan"},2]]}',
        b'{"f":"nan "}',
        b'{"f":1}',
        b'{"f":{"f":"nan"}}',
        b'{"o":""}',
        b'{"o":"tab\\there"}',
        b'{"o":"caf\xc3\xa9"}',
        b'{"o":"' + b"a" * 81 + b'"}',
        b'{"o":1}',
        b'"\\ud800"',
        b'{"d":[["\\udfff",1]]}',
    ],
)
def test_trees_that_are_no_value_are_refused(tree: bytes) -> None:
    refusal(tree)


@pytest.mark.parametrize(
    "description",
    [
        [],
        ["tensor", "float32", [2], "cpu"],
        ["tensor", "float32", [2], "cpu", False, 0],
        ["matrix", "float32", [2], "cpu", False],
        ["tensor", "float31", [2], "cpu", False],
        ["tensor", "complex32", [2], "cpu", False],
        ["tensor", 5, [2], "cpu", False],
        ["tensor", "float32", 2, "cpu", False],
        ["tensor", "float32", [-1], "cpu", False],
        ["tensor", "float32", [True], "cpu", False],
        ["tensor", "float32", [1.0], "cpu", False],
        ["tensor", "float32", [[]], "cpu", False],
        ["tensor", "float32", [2**32, 2**32, 2**32], "meta", False],
        ["tensor", "float32", [2**32, 0, 2**32], "cpu", False],
        ["tensor", "float32", [10**1000], "cpu", False],
        ["tensor", "float32", [0, 10**1000], "meta", False],
        ["tensor", "float32", [1] * 65, "meta", False],
        ["tensor", "float32", [2], "", False],
        ["tensor", "float32", [2], "CPU:0", False],
        ["tensor", "float32", [2], "a" * 17, False],
        ["tensor", "float32", [2], "cpu", 1],
        ["tensor", "float32", [2], "cpu", None],
        ["tensor", "int64", [2], "meta", True],
        ["array", "float32", [2], "cuda", False],
        ["array", "float32", [2], "meta", False],
        ["array", "float32", [2], "cpu", True],
        ["array", "bfloat16", [2], "cpu", False],
        ["scalar", "float32", [1], "cpu", False],
    ],
)
def test_descriptions_of_impossible_tensors_are_refused(description: list[object]) -> None:
    tree = json.dumps({"x": description}).encode()

    assert refusal(tree) == refusal(tree, safetensors({"0": entry()}, bytes(8)))


@pytest.mark.parametrize(
    ("header", "data_bytes"),
    [
        ({}, 0),
        ([], 8),
        (5, 8),
        ({"0": 5}, 8),
        ({"1": entry()}, 8),
        ({"0": entry(), "1": entry()}, 8),
        ({"0": entry(), "__metadata__": {}}, 8),
        ({"0": entry() | {"more": 1}}, 8),
        ({"0": {"dtype": "F32", "shape": [2]}}, 8),
        ({"0": entry(dtype="I32")}, 8),
        ({"0": entry(dtype="f32")}, 8),
        ({"0": entry(shape=[1, 2])}, 8),
        ({"0": entry(shape=[2.0])}, 8),
        ({"0": entry(shape="2")}, 8),
        ({"0": entry(shape=[1000], data_offsets=[0, 4000])}, 4000),
        ({"0": entry(data_offsets=[0, 7])}, 8),
        ({"0": entry(data_offsets=[0, 9])}, 9),
        ({"0": entry(data_offsets=[0, 8.0])}, 8),
        ({"0": entry(data_offsets=[False, 8])}, 8),
        ({"0": entry(data_offsets=[8, 0])}, 8),
        ({"0": entry(data_offsets=[-8, 0])}, 8),
        ({"0": entry(data_offsets=[1, 9])}, 9),
        ({"0": entry(data_offsets=[])}, 8),
        ({"0": entry(data_offsets=[0])}, 8),
        ({"0": entry(data_offsets={"0": 8})}, 8),
        ({"0": entry()}, 7),
        ({"0": entry()}, 9),
        (b'{"0":' + json.dumps(entry()).encode() + b',"0":' + json.dumps(entry()).encode() + b"}", 8),
        (b'{"0":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
        (b'{"0":{"dtype":"F32","shape":[2],"data_offsets":[0,1e999]}}', 8),
        (b'{"0":{"dtype":"F32","shape":[2],"data_offsets":[0,' + b"9" * 5000 + b"]}}", 8),
        (b"[" * 100, 8),
        (b" " * 100_000 + json.dumps({"0": entry()}).encode(), 8),
        (b"\xff" * 20, 8),
    ],
)
def test_buffers_that_are_not_what_the_tree_says_are_refused(header: object, data_bytes: int) -> None:
    decode(Wire(tree=LEAF, tensors=safetensors({"0": entry()}, bytes(8))))

    assert refusal(LEAF, safetensors(header, bytes(data_bytes))) == "tensors that are not what the tree says"


@pytest.mark.parametrize("tensors", [b"", b"\x00", bytes(8), b"\xff" * 8, b"\xff" * 100, (2**63).to_bytes(8, "little") + bytes(8)])
def test_buffers_without_a_whole_header_are_refused(tensors: bytes) -> None:
    refusal(LEAF, tensors)


def test_a_buffer_without_a_tensor_in_the_tree_is_refused() -> None:
    refusal(b"1", TWO.tensors)
    refusal(b'{"x":["tensor","float32",[2],"meta",false]}', safetensors({"0": entry()}, bytes(8)))


@pytest.mark.parametrize("offsets", [([0, 8], [0, 8]), ([0, 8], [4, 12]), ([0, 8], [9, 17]), ([8, 16], [8, 16])])
def test_tensors_that_overlap_or_leave_gaps_are_refused(offsets: tuple[list[int], list[int]]) -> None:
    header = {str(index): entry(data_offsets=extent) for index, extent in enumerate(offsets)}

    tensors = safetensors(header, bytes(max(end for _, end in offsets)))
    assert refusal(b"[" + LEAF + b"," + LEAF + b"]", tensors) == "tensors that are not what the tree says"


def test_tensors_in_another_order_than_that_of_a_writer_are_refused() -> None:
    first, second = entry(data_offsets=[0, 8]), entry(data_offsets=[8, 16])
    tree = b"[" + LEAF + b"," + LEAF + b"]"

    decode(Wire(tree=tree, tensors=safetensors({"0": first, "1": second}, bytes(16))))
    assert refusal(tree, safetensors({"0": second, "1": first}, bytes(16))) == "tensors that are not what the tree says"


def test_a_boolean_of_another_byte_than_0_and_1_is_refused() -> None:
    for last in (b"\x01\x02", b"\xff\x00"):
        assert "boolean" in refusal(b'{"x":["tensor","bool",[2],"cpu",false]}', safetensors({"0": entry("BOOL", [2], [0, 2])}, last))


def test_the_caps_hold() -> None:
    assert refusal(b"[" + b" " * 100 + b"]", tree_bytes=50) == "larger than allowed"
    assert refusal(TWO.tree, TWO.tensors, tensor_bytes=len(TWO.tensors) - 1) == "larger than allowed"
    assert refusal(TWO.tree, TWO.tensors, leaves=1) == "too many tensors"
    assert refusal(b"[1,2,3]", nodes=3) == "too many parts"
    assert refusal(b"[[1]]", depth=1) == "nested too deeply"
    assert refusal(b'{"d":[[1,{"t":[]}]]}', depth=1) == "nested too deeply"
    assert decode(Wire(tree=b"[1,2]", tensors=b""), caps=Caps(nodes=3, depth=1, tree_bytes=5)) == [1, 2]


BOMBS = {
    "open brackets": (b"[" * 2**23, "JSON with too many parts"),
    "nested lists": (b"[" * 100_000 + b"]" * 100_000, "JSON nested too deeply"),
    "nested tuples": (b'{"t":' * 100_000, "JSON nested too deeply"),
    "nested dicts": (b'{"d":[[1,' * 100_000, "JSON nested too deeply"),
    "nesting behind an escape": (rb'["\\",' + b"[" * 100_000, "JSON nested too deeply"),
    "nesting behind a quote": (rb'["\"",' + b"[" * 100_000, "JSON nested too deeply"),
    "many lists": (b"[" + b"[]," * (2**23 // 3 - 2) + b"0]", "JSON with too many parts"),
    "many numbers": (b"[" + b"0," * (2**22 - 2) + b"0]", "JSON with too many parts"),
    "many tensors": (b"[" + b'{"x":["tensor","float64",[281474976710656],"cpu",false]},' * 100_000 + b"0]", "too many tensors"),
    "quotes": (b'"' * 2**23, "not valid JSON"),
    "backslashes": (b'"' + b"\\" * (2**23 - 1), "not valid JSON"),
    "escaped quotes": (b'"' + b'\\"' * (2**22 - 1), "not valid JSON"),
    "a long integer": (b"9" * 2**23, "an integer that is too long"),
    "a long float": (b"0." + b"9" * (2**23 - 2), "a number that is no float"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_little_memory(name: str) -> None:
    bomb, reason = BOMBS[name]

    tracemalloc.start()
    try:
        assert refusal(bomb) == reason
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 160 * 2**20


def test_a_tensor_that_claims_terabytes_is_refused_before_anything_is_loaded() -> None:
    size = 2**44
    tree = json.dumps({"x": ["tensor", "float32", [size // 4], "cpu", False]}).encode()

    refusal(tree, safetensors({"0": entry(shape=[size // 4], data_offsets=[0, size])}, bytes(8)))


def test_a_refusal_repeats_nothing_of_the_bytes() -> None:
    for tree in (b'{"secretsauce":1}', b'{"o":"secretsauce\\n"}', b'["secretsauce"', b'{"x":["secretsauce"]}', b'{"d":[["secretsauce",1],["secretsauce",2]]}'):
        assert "secretsauce" not in refusal(tree)
    assert "secretsauce" not in refusal(LEAF, safetensors({"secretsauce": entry()}, bytes(8)))


def read(wire: Wire) -> Wire | None:
    """Return what was understood, written anew, or None where the wire was refused."""
    try:
        return encode(decode(wire))
    except MalformedValueError:
        return None


@settings(max_examples=200, deadline=None)
@given(tree=st.binary(max_size=60) | st.text('[]{}",:0123456789.e-tdfox', max_size=60).map(str.encode), tensors=st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(tree: bytes, tensors: bytes) -> None:
    understood = read(Wire(tree=tree, tensors=tensors))

    assert understood is None or understood.tensors == tensors == b""


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_mutated_wire_is_read_or_refused(data: st.DataObject) -> None:
    value = snapshot({"a": [torch.ones(2, 3), 1.5, (float("nan"), None)], 1: torch.tensor([1j]), "b": torch.tensor([True]), "é": "text"})
    wire = encode(value)
    part = data.draw(st.sampled_from(["tree", "tensors"]))
    original = wire.tree if part == "tree" else wire.tensors
    start = data.draw(st.integers(0, len(original)))
    stop = data.draw(st.integers(start, min(len(original), start + 8)))
    mutated = original[:start] + data.draw(st.binary(max_size=8) | st.sampled_from([b"0", b"[", b"]", b"9" * 20, b'"', b"-1"])) + original[stop:]

    understood = read(Wire(tree=mutated, tensors=wire.tensors) if part == "tree" else Wire(tree=wire.tree, tensors=mutated))

    assert understood is None or read(understood) == understood


def test_answers_with_the_same_tree_have_nothing_in_common() -> None:
    first = decode(TWO)
    assert isinstance(first, list)
    first.append("mine")
    tensor = first[0].data  # type: ignore[union-attr]
    tensor += 1

    assert encode(decode(TWO)) == TWO


def test_a_tree_that_was_read_is_refused_where_less_is_allowed() -> None:
    tree = b"[[1,2],%b]" % LEAF.replace(b'"cpu"', b'"meta"')
    assert decode(Wire(tree=tree, tensors=b""))

    assert refusal(tree, leaves=0) == "too many tensors"
    assert refusal(tree, nodes=4) == "too many parts"
    assert refusal(tree, depth=1) == "nested too deeply"
