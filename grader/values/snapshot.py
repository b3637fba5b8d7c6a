"""Live objects to values and back.

`snapshot` runs beside a student's code: it looks at an object's real type only and calls no method that the object defines.
"""

from collections.abc import Iterable
from math import prod
from typing import cast

import numpy as np
import torch

from grader.errors import MalformedValueError
from grader.values.caps import DIMENSIONS, INT_BITS, Caps
from grader.values.dtypes import DTYPES, NUMPY_DTYPES, dtype_name
from grader.values.tree import Foreign, TensorLeaf, Value

_NAME_LENGTH = 80
_NUMPY_SCALARS = tuple(kind for kind in np.sctypeDict.values() if issubclass(kind, (np.number, np.bool_)))


def snapshot(obj: object) -> Value:
    """Return an object as a value that shares no memory with it; what is no value becomes `Foreign`. Never raises an `Exception`."""
    try:
        return _Walk(Caps()).visit(obj)
    except _TooLargeError as error:
        return _foreign(str(error))
    except Exception:  # noqa: BLE001 - the object may have been made to break this walk
        return _foreign(_type_name(type(obj)))


def restore(value: Value, *, device: str = "cpu") -> object:
    """Return a live object: fresh tensors on the device (meta tensors stay on meta), fresh arrays, numpy scalars.

    Raises:
        MalformedValueError: something in the value is `Foreign`.
    """
    match value:
        case list():
            return [restore(item, device=device) for item in value]
        case tuple():
            return tuple(restore(item, device=device) for item in value)
        case dict():
            return {key: restore(item, device=device) for key, item in value.items()}
        case TensorLeaf():
            return _restore_leaf(value, device)
        case Foreign():
            raise MalformedValueError(reason=f"a {value.type_name} cannot be made from its name")
        case _:
            return value


def _restore_leaf(leaf: TensorLeaf, device: str) -> object:
    if leaf.kind == "tensor":
        place = "meta" if leaf.device == "meta" else device
        return leaf.data.to(place, copy=True).requires_grad_(leaf.requires_grad)
    array = leaf.data.clone().numpy()
    return array[()] if leaf.kind == "scalar" else array


class _TooLargeError(Exception):
    """The object has more parts or bytes than a value may have; the text stands in for its type's name."""

    def __init__(self, limit: int, unit: str) -> None:
        super().__init__(f"value with more than {limit} {unit}")


class _Walk:
    """One walk over an object, which counts what it meets."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.nodes = 0
        self.leaves = 0
        self.tensor_bytes = 0
        self.containers: list[object] = []

    def visit(self, obj: object) -> Value:
        self.nodes += 1
        if self.nodes > self.caps.nodes:
            raise _TooLargeError(self.caps.nodes, "parts")
        kind = type(obj)
        if _is_tensor(kind) or _is_array(kind):
            return self._leaf(obj)
        if issubclass(kind, (list, tuple, dict)):
            return self._container(obj)
        return _plain(obj)

    def _container(self, obj: object) -> Value:
        name = _type_name(type(obj))
        if any(obj is container for container in self.containers):
            return _foreign(f"{name} that contains itself")
        if len(self.containers) >= self.caps.depth:
            return _foreign(f"{name} nested more than {self.caps.depth} deep")
        self.containers.append(obj)
        try:
            return self._items(obj)
        finally:
            self.containers.pop()

    def _items(self, obj: object) -> Value:
        # the real type decides and the base class iterates: isinstance() believes __class__, and a subclass may redefine __iter__
        kind = type(obj)
        if issubclass(kind, list):
            return self._each(list.__iter__(cast("list[object]", obj)))
        if issubclass(kind, tuple):
            return tuple(self._each(tuple.__iter__(cast("tuple[object, ...]", obj))))
        return self._dict(cast("dict[object, object]", obj))

    def _each(self, items: Iterable[object]) -> list[Value]:
        return [self.visit(item) for item in items]

    def _dict(self, obj: dict[object, object]) -> Value:
        result: dict[str | int | float | bool | None, Value] = {}
        for live_key, item in dict.items(obj):
            key = _plain(cast("np.generic", live_key).item() if _is_array(type(live_key)) else live_key)
            if isinstance(key, (list, tuple, dict, TensorLeaf, Foreign)) or key != key or key in result:  # noqa: PLR0124 - NaN is not itself
                return _foreign(f"dict with a key of type {_type_name(type(live_key))}")
            result[key] = self.visit(item)
        return result

    def _leaf(self, obj: object) -> Value:
        try:
            return self._tensor(cast("torch.Tensor", obj)) if _is_tensor(type(obj)) else self._array(obj)
        except (RuntimeError, TypeError, ValueError):  # a tensor without memory of its own
            return _foreign(f"{_type_name(type(obj))} without data")

    def _tensor(self, tensor: torch.Tensor) -> Value:
        name = _type_name(type(tensor))
        if tensor.layout is not torch.strided or tensor.is_nested or tensor.is_quantized:
            return _foreign(f"{name} that is not dense ({str(tensor.layout).removeprefix('torch.')})")
        if dtype_name(tensor.dtype) not in DTYPES or tensor.dim() > DIMENSIONS:
            return _foreign(f"{name} of dtype {dtype_name(tensor.dtype)} with {tensor.dim()} dimensions")
        device = tensor.device.type
        if device == "meta":
            data = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
        else:
            self._claim(prod(tensor.shape) * tensor.dtype.itemsize)
            # raises for a wrapper of functorch; a freed storage would kill the process that reads it
            if not tensor.untyped_storage().nbytes() and tensor.numel():
                return _foreign(f"{name} without data")
            data = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu").copy_(tensor.detach())
        return TensorLeaf(data=data, device=device, requires_grad=tensor.requires_grad)

    def _array(self, obj: object) -> Value:
        array = cast("np.ndarray | np.number", obj)
        if array.dtype.name not in NUMPY_DTYPES or array.ndim > DIMENSIONS:
            return _foreign(f"{_type_name(type(obj))} of dtype {array.dtype.name}")
        self._claim(array.nbytes)
        native = np.array(array, dtype=array.dtype.newbyteorder("="), order="C")
        return TensorLeaf(data=torch.from_numpy(native), kind="array" if type(obj) is np.ndarray else "scalar")

    def _claim(self, size_bytes: int) -> None:
        self.leaves += 1
        self.tensor_bytes += size_bytes
        if self.leaves > self.caps.leaves:
            raise _TooLargeError(self.caps.leaves, "tensors")
        if self.tensor_bytes > self.caps.tensor_bytes:
            raise _TooLargeError(self.caps.tensor_bytes, "bytes of tensors")


def _is_tensor(kind: type) -> bool:
    # by identity: a metaclass may redefine what `==` and `in` call
    return kind is torch.Tensor or kind is torch.nn.Parameter


def _is_array(kind: type) -> bool:
    return kind is np.ndarray or (issubclass(kind, np.generic) and any(kind is scalar for scalar in _NUMPY_SCALARS))


def _plain(obj: object) -> bool | int | float | str | Foreign | None:
    kind = type(obj)
    if obj is None or kind is bool:
        return cast("bool | None", obj)
    if issubclass(kind, int):
        number = int.__int__(cast("int", obj))
        return number if number.bit_length() <= INT_BITS else _foreign(f"int of more than {INT_BITS} bits")
    if issubclass(kind, float):
        return float.__float__(cast("float", obj))
    if issubclass(kind, str):
        # lone surrogates are no text: they could not be written to any report
        return str.__str__(cast("str", obj)).encode(errors="backslashreplace").decode()
    return _foreign(_type_name(kind))


def _type_name(kind: type) -> str:
    # type's own descriptors, because a metaclass may redefine the attributes
    module = vars(type)["__module__"].__get__(kind)
    name = str(vars(type)["__qualname__"].__get__(kind)).rpartition("<locals>.")[2]
    return name if type(module) is not str or module == "builtins" else f"{module}.{name}"


def _foreign(name: str) -> Foreign:
    return Foreign(type_name="".join(character if " " <= character <= "~" else "?" for character in name[:_NAME_LENGTH]))
