"""Watching, while an entry runs, whether student code calls what the question forbids."""

import importlib
import inspect
import linecache
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any


@contextmanager
def trace_forbidden(forbids: Sequence[str]) -> Iterator[set[str]]:
    """Collect the dotted names of `forbids` that a cell's own code calls; calls from inside a library do not count."""
    used: set[str] = set()
    if not forbids:
        yield used
        return
    targets = _Targets(forbids)

    def watch(frame: FrameType, event: str, argument: Any) -> None:  # noqa: ANN401 - the signature of sys.setprofile
        if event == "call":
            name = targets.by_code.get(frame.f_code)
            caller = frame.f_back
        elif event == "c_call":
            name = targets.builtin(argument)
            caller = frame
        else:
            return
        if name is not None and caller is not None and _in_a_cell(caller):
            used.add(name)

    previous = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield used
    finally:
        sys.setprofile(previous)


def _in_a_cell(frame: FrameType) -> bool:
    entry = linecache.cache.get(frame.f_code.co_filename)
    return entry is not None and len(entry) == 4 and entry[1] is None and "site-packages" not in frame.f_code.co_filename  # noqa: PLR2004 - linecache's own tuple


class _Targets:
    """The forbidden names as what the profiler sees of them: code objects, built-in functions, methods of a built-in class."""

    def __init__(self, forbids: Sequence[str]) -> None:
        self.by_code: dict[CodeType, str] = {}
        self._builtins: dict[int, str] = {}
        self._methods: dict[str, list[tuple[type, str]]] = {}
        for name in forbids:
            self._add(name)

    def _add(self, name: str) -> None:
        parent, _, attribute = name.rpartition(".")
        owner = _resolve(parent)
        target = getattr(owner, attribute, None)
        if target is None:
            return
        if inspect.isclass(target):
            for method in ("__init__", "forward", "__call__"):
                code = getattr(vars(target).get(method), "__code__", None)
                if code is not None:
                    self.by_code[code] = name
        elif (code := getattr(inspect.unwrap(target), "__code__", None)) is not None:
            self.by_code[code] = name
        elif inspect.isclass(owner):
            self._methods.setdefault(attribute, []).append((owner, name))
        else:
            self._builtins[id(target)] = name

    def builtin(self, function: Any) -> str | None:  # noqa: ANN401 - whatever is called
        found = self._builtins.get(id(function))
        if found is None and self._methods:
            for owner, name in self._methods.get(getattr(function, "__name__", ""), ()):
                if isinstance(getattr(function, "__self__", None), owner):
                    return name
        return found


def _resolve(dotted: str) -> object:
    """Return the module or class that a dotted name stands for, or None."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found
    return None
