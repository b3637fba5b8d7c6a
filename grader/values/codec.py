"""Values to bytes and back: a JSON tree and a safetensors buffer for its tensors.

In the tree, None, booleans, integers, finite floats, strings and lists are themselves. All else is an object with one key:
`{"f": "nan"}` a float that JSON has no number for, `{"t": [...]}` a tuple, `{"d": [[key, value], ...]}` a dict, `{"o": name}`
something foreign, and `{"x": [kind, dtype, shape, device, requires_grad]}` a tensor, whose data is the buffer's tensor of the
same rank in document order (a meta tensor has none).
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import torch

from grader.errors import MalformedValueError
from grader.values.buffer import Layout, Stored, join, lay_out, split
from grader.values.caps import DIMENSIONS, INT_BITS, Caps
from grader.values.dtypes import DTYPES, NUMPY_DTYPES, dtype_name, is_inexact
from grader.values.strict_json import parse
from grader.values.tree import Foreign, TensorLeaf, Value

__all__ = ["Caps", "Wire", "decode", "digest", "encode"]

_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_DEVICE = re.compile(r"[a-z]{1,16}")
_TYPE_NAME = re.compile(r"[ -~]{1,80}")
_BRACKETS_PER_LEVEL = 3
_TOKENS_PER_NODE = 16
_LARGEST_SIZE = 2**48
_REMEMBERED_BYTES = 1000  # of a tree: what is made of it is some thirty times larger
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class Wire:
    """A value as bytes: a JSON tree in UTF-8, and a safetensors buffer (empty where there are no tensors)."""

    tree: bytes
    tensors: bytes


def encode(value: Value) -> Wire:
    """Return the value's bytes; equal values give equal bytes.

    Raises:
        MalformedValueError: the value is none that `snapshot` returns (too deep, too long an integer, no text).
    """
    writer = _Writer()
    document = writer.write(value, 0)
    try:
        tree = _JSON.encode(document).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedValueError(reason="a string that is no text") from None
    return Wire(tree=tree, tensors=join(writer.tensors))


def decode(wire: Wire, *, caps: Caps = Caps()) -> Value:  # noqa: B008 - frozen
    """Return the value of untrusted bytes.

    Raises:
        MalformedValueError: the bytes are not an encoded value within the caps.
    """
    if len(wire.tree) > caps.tree_bytes or len(wire.tensors) > caps.tensor_bytes:
        raise MalformedValueError(reason="larger than allowed")
    document = (_remembered if len(wire.tree) <= _REMEMBERED_BYTES else _read)(wire.tree, caps)
    return _Builder(caps, split(wire.tensors, document.layout)).build(document.root, 0)


def digest(value: Value) -> str:
    """Return the SHA-256 of the encoded value, in hexadecimal."""
    wire = encode(value)
    return hashlib.sha256(len(wire.tree).to_bytes(8, "big") + wire.tree + wire.tensors).hexdigest()


class _Writer:
    """Turns a value into JSON's own types and collects the tensors."""

    def __init__(self) -> None:
        self.tensors: list[torch.Tensor] = []

    def write(self, value: Value, depth: int) -> object:
        match value:
            case list() | tuple() | dict():
                return self._container(value, depth)
            case TensorLeaf():
                return self._leaf(value)
            case Foreign():
                return {"o": value.type_name}
            case int() if value.bit_length() > INT_BITS:
                raise MalformedValueError(reason="an integer that is too long")
            case float() if not math.isfinite(value):
                return {"f": str(value)}
            case _:
                return value

    def _container(self, value: "list[Value] | tuple[Value, ...] | dict[str | int | float | bool | None, Value]", depth: int) -> object:
        if depth >= Caps.depth:
            raise MalformedValueError(reason="nested too deeply")
        if isinstance(value, dict):
            return {"d": [[self.write(key, depth + 1), self.write(item, depth + 1)] for key, item in value.items()]}
        items = [self.write(item, depth + 1) for item in value]
        return {"t": items} if isinstance(value, tuple) else items

    def _leaf(self, leaf: TensorLeaf) -> object:
        if leaf.device != "meta":
            self.tensors.append(leaf.data)
        return {"x": [leaf.kind, dtype_name(leaf.data.dtype), list(leaf.data.shape), leaf.device, leaf.requires_grad]}


@dataclass(frozen=True, kw_only=True)
class _Tagged:
    """A JSON object with one key, still to be understood."""

    tag: str
    content: object


@dataclass(frozen=True, kw_only=True)
class _Leaf:
    """A tensor's description in the tree; `index` is its name in the buffer, None on the meta device."""

    kind: Any
    stored: Stored
    device: str
    requires_grad: bool
    index: int | None


@dataclass(frozen=True, kw_only=True)
class _Document:
    """A tree that was read, and how the buffer lays out the tensors that it describes; nothing in it is changed."""

    root: object
    layout: Layout


def _read(tree: bytes, caps: Caps) -> _Document:
    reader = _Reader(caps)
    root = parse(tree, depth=_BRACKETS_PER_LEVEL * (caps.depth + 2), tokens=_TOKENS_PER_NODE * caps.nodes, make_object=reader.make_object)
    return _Document(root=root, layout=lay_out(reader.expected))


_remembered = lru_cache(maxsize=1024)(_read)  # answers to one case differ in their numbers; most have the same tree


class _Reader:
    """Makes what a tree's objects stand for, and collects what it says of tensors."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.leaves = 0
        self.expected: list[Stored] = []

    def make_object(self, pairs: list[tuple[str, Any]]) -> object:
        if len(pairs) != 1:
            raise MalformedValueError(reason="an object that does not have one key")
        tag, content = pairs[0]
        return self._describe(content) if tag == "x" else _Tagged(tag=tag, content=content)

    def _describe(self, content: object) -> _Leaf:
        match content:
            case ["tensor" | "array" | "scalar" as kind, str(name), list(shape), str(device), bool(requires_grad)]:
                pass
            case _:
                raise MalformedValueError(reason="a tensor that is not described as one")
        self.leaves += 1
        if self.leaves > self.caps.leaves:
            raise MalformedValueError(reason="too many tensors")
        stored = Stored(dtype=_dtype(name), shape=_shape(shape))
        _check_consistent(kind, stored, device, requires_grad=requires_grad)
        index = None
        if device != "meta":
            index = len(self.expected)
            self.expected.append(stored)
        return _Leaf(kind=kind, stored=stored, device=device, requires_grad=requires_grad, index=index)


class _Builder:
    """Makes a value of a document and the tensors' data."""

    def __init__(self, caps: Caps, tensors: list[torch.Tensor]) -> None:
        self.caps = caps
        self.tensors = tensors
        self.nodes = 0

    def build(self, node: object, depth: int) -> Value:
        self.nodes += 1
        if self.nodes > self.caps.nodes:
            raise MalformedValueError(reason="too many parts")
        match node:
            case str():
                return _text(node)
            case list():
                return self._items(node, depth)
            case _Leaf():
                return self._leaf(node)
            case _Tagged():
                return self._tagged(node, depth)
            case _:
                return cast("bool | int | float | None", node)

    def _items(self, nodes: list[object], depth: int) -> list[Value]:
        if depth >= self.caps.depth:
            raise MalformedValueError(reason="nested too deeply")
        return [self.build(node, depth + 1) for node in nodes]

    def _tagged(self, node: _Tagged, depth: int) -> Value:
        match node.tag, node.content:
            case "t", list(items):
                return tuple(self._items(items, depth))
            case "d", list(pairs):
                return self._dict(pairs, depth)
            case "f", "nan" | "inf" | "-inf" as name:
                return _NON_FINITE[name]
            case "o", str(name) if _TYPE_NAME.fullmatch(name):
                return Foreign(type_name=name)
            case _:
                raise MalformedValueError(reason="an object of no known kind")

    def _dict(self, pairs: list[object], depth: int) -> Value:
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):  # noqa: PLR2004 - a key and a value
            raise MalformedValueError(reason="a dict that is not made of pairs")
        if depth >= self.caps.depth:
            raise MalformedValueError(reason="nested too deeply")
        result: dict[str | int | float | bool | None, Value] = {}
        for key_node, node in cast("list[tuple[object, object]]", pairs):
            key = _key(key_node)
            if key in result:
                raise MalformedValueError(reason="a dict with a key that comes twice")
            result[key] = self.build(node, depth + 1)
        return result

    def _leaf(self, leaf: _Leaf) -> TensorLeaf:
        dtype, shape = leaf.stored.dtype, leaf.stored.shape
        if leaf.index is None:
            try:
                data = torch.empty(shape, dtype=dtype, device="meta")
            except RuntimeError:
                raise MalformedValueError(reason="a tensor that is too large") from None
        else:
            data = _checked(self.tensors[leaf.index])
        return TensorLeaf(data=data, kind=leaf.kind, device=leaf.device, requires_grad=leaf.requires_grad)


def _key(node: object) -> str | int | float | bool | None:
    match node:
        case str():
            return _text(node)
        case None | bool() | int() | float():
            return node
        case _Tagged(tag="f", content="inf" | "-inf" as name):
            return _NON_FINITE[name]
        case _:
            raise MalformedValueError(reason="a dict with a key that is none")


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedValueError(reason="a string that is no text") from None
    return text


def _dtype(name: str) -> torch.dtype:
    if name not in DTYPES:
        raise MalformedValueError(reason="a tensor of no known dtype")
    return DTYPES[name]


def _shape(shape: list[object]) -> tuple[int, ...]:
    sizes = tuple(size for size in shape if type(size) is int and size >= 0)
    # zeros are left out of the product: a tensor without elements may not have strides beyond 64 bits either
    if len(sizes) != len(shape) or len(shape) > DIMENSIONS or math.prod(max(size, 1) for size in sizes) > _LARGEST_SIZE:
        raise MalformedValueError(reason="a tensor of an impossible shape")
    return sizes


def _check_consistent(kind: str, stored: Stored, device: str, *, requires_grad: bool) -> None:
    numpy_like = dtype_name(stored.dtype) in NUMPY_DTYPES and device == "cpu" and not requires_grad
    if (
        _DEVICE.fullmatch(device) is None
        or (requires_grad and not is_inexact(stored.dtype))
        or (kind != "tensor" and not numpy_like)
        or (kind == "scalar" and stored.shape)
    ):
        raise MalformedValueError(reason="a tensor that cannot exist")


def _checked(data: torch.Tensor) -> torch.Tensor:
    # a boolean byte other than 0 and 1 makes `==` and `any` disagree
    if data.dtype == torch.bool and bool((data.view(torch.uint8) > 1).any()):
        raise MalformedValueError(reason="a boolean that is neither true nor false")
    return data
