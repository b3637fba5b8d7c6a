"""Bundles on disk: their records as JSON, their values through the codec, no pickle."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from filelock import AsyncFileLock

from grader.authoring.limits import Limits
from grader.errors import MalformedValueError
from grader.execution.answers import Raised, Returned
from grader.grading.build import build_bundle
from grader.grading.bundle import Bundle, BundledCase, BundledMistake, BundledQuestion, OpenSession
from grader.grading.solution import bundle_version
from grader.notebooks.cells import Cell, CellOptions
from grader.values.codec import Caps, Wire, decode, encode
from grader.values.tolerance import Tolerance
from grader.values.tree import Value

_CAPS = Caps(tree_bytes=2**30, tensor_bytes=2**32, leaves=10**7, depth=64, nodes=10**8)
_RECORDS = {
    record.__name__: record for record in (Bundle, BundledQuestion, BundledCase, BundledMistake, Returned, Raised, Limits, Tolerance, Cell, CellOptions)
}
_VALUES = {("BundledCase", "inputs"), ("BundledCase", "private"), ("Returned", "value"), ("Returned", "mutated")}
"""The fields that hold values; in the JSON stands their position in the list of all values."""


def save(bundle: Bundle, path: Path) -> None:
    """Write the bundle so that the file is complete or not there at all; missing folders are made."""
    values: list[Value] = []
    records = json.dumps(_pack(bundle, values)).encode()
    wire = encode(values)
    sizes = [len(records), len(wire.tree), len(wire.tensors)]
    body = records + wire.tree + wire.tensors
    header = json.dumps({"sha256": hashlib.sha256(body).hexdigest(), "sizes": sizes}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".bundle-", delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(header + b"\n" + body)
            file.flush()
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink()
            raise


def load(path: Path) -> Bundle:
    """Return the bundle that `save` wrote.

    Raises:
        MalformedValueError: the file is damaged, or another version of grader wrote it.
        OSError: it cannot be read.
    """
    header, _, body = path.read_bytes().partition(b"\n")
    try:
        said = json.loads(header)
        if said["sha256"] != hashlib.sha256(body).hexdigest():
            raise MalformedValueError(reason=f"{path} is damaged")
        first, second, _ = said["sizes"]
        values = decode(Wire(tree=body[first : first + second], tensors=body[first + second :]), caps=_CAPS)
        bundle = _unpack(json.loads(body[:first]), values)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise MalformedValueError(reason=f"{path} is no bundle of this grader") from error
    if not isinstance(bundle, Bundle):
        raise MalformedValueError(reason=f"{path} is no bundle of this grader")
    return bundle


async def cached_bundle(folder: Path, open_session: OpenSession, *, pristine: Sequence[Cell], cache: Path = Path(".grader/bundles")) -> Bundle:
    """Return the assignment's bundle, built when the cache has none of this version, or a damaged one; of two at once, one builds and the other waits.

    Raises:
        AuthorError: the assignment cannot be built.
    """
    path = bundle_path(cache, folder.name, bundle_version(folder, pristine))
    cache.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a moment, before anything runs
    async with AsyncFileLock(path.with_suffix(".lock")):
        try:
            return load(path)
        except (OSError, MalformedValueError):
            bundle = await build_bundle(folder, open_session, pristine=pristine)
            save(bundle, path)
            return bundle


def bundle_path(cache: Path, name: str, version: str) -> Path:
    """Return where the bundle of a version of an assignment is kept."""
    return cache / f"{name}-{version[:20]}.bundle"


def _pack(thing: object, values: list[Value]) -> object:
    if is_dataclass(thing):
        name = type(thing).__name__
        return {"record": name} | {field.name: _pack_field(name, field.name, getattr(thing, field.name), values) for field in fields(thing)}
    if isinstance(thing, Mapping):
        return {key: _pack(item, values) for key, item in thing.items()}
    if isinstance(thing, tuple):
        return [_pack(item, values) for item in thing]
    if isinstance(thing, frozenset):
        return {"record": "frozenset", "items": sorted(thing)}
    return thing


def _pack_field(record: str, field: str, thing: Any, values: list[Value]) -> object:  # noqa: ANN401 - a field holds anything
    if (record, field) not in _VALUES:
        return _pack(thing, values)
    values.append(dict(thing) if isinstance(thing, Mapping) else thing)
    return len(values) - 1


def _unpack(thing: Any, values: Any) -> Any:  # noqa: ANN401 - JSON holds anything
    if isinstance(thing, list):
        return tuple(_unpack(item, values) for item in thing)
    if not isinstance(thing, dict):
        return thing
    name = thing.get("record")
    if name == "frozenset":
        return frozenset(thing["items"])
    if not isinstance(name, str):
        return {key: _unpack(item, values) for key, item in thing.items()}
    content = {key: values[item] if (name, key) in _VALUES else _unpack(item, values) for key, item in thing.items() if key != "record"}
    return _RECORDS[name](**content)
