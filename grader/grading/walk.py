"""Going through a value: its tensors, the part that a path names."""

import ast
from collections.abc import Callable, Iterator

from grader.values.tree import Foreign, TensorLeaf, Value


def tensors(value: Value) -> Iterator[TensorLeaf]:
    """Yield the tensor leaves in order."""
    if isinstance(value, TensorLeaf):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(item)


def has_foreign(value: Value) -> bool:
    """Return whether a part of the value is no value."""
    if isinstance(value, dict):
        return any(has_foreign(item) for item in value.values())
    return any(has_foreign(item) for item in value) if isinstance(value, list | tuple) else isinstance(value, Foreign)


def map_tensors(value: Value, change: Callable[[TensorLeaf], TensorLeaf]) -> Value:
    """Return the value with every tensor leaf changed."""
    if isinstance(value, TensorLeaf):
        return change(value)
    if isinstance(value, list):
        return [map_tensors(item, change) for item in value]
    if isinstance(value, tuple):
        return tuple(map_tensors(item, change) for item in value)
    if isinstance(value, dict):
        return {key: map_tensors(item, change) for key, item in value.items()}
    return value


def part_at(value: Value, path: str) -> Value:
    """Return the part that a comparison's path such as "[0]['W_xh']" names; the innermost part on the way where there is no such."""
    for key in _keys(path):
        parts: Value = {index: item for index, item in enumerate(value)} if isinstance(value, list | tuple) else value  # noqa: C416 - typed as a value
        if not isinstance(parts, dict) or key not in parts:
            break
        value = parts[key]
    return value


def parent_path(path: str) -> str:
    """Return the path of the container that a path's part lies in; "" for the whole value."""
    return "".join(f"[{key!r}]" for key in _keys(path)[:-1])


def _keys(path: str) -> list[str | int | float | bool | None]:
    keys: list[str | int | float | bool | None] = []
    if not path:
        return keys
    try:
        node = ast.parse(f"value{path}", mode="eval").body
        while isinstance(node, ast.Subscript):
            keys.insert(0, ast.literal_eval(node.slice))
            node = node.value
    except (SyntaxError, ValueError):
        return []
    return keys
