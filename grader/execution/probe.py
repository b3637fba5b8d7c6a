"""Calling a student's entry: runs beside student code, knows only values, decides nothing."""

import linecache
import math
import os
import random
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the field's own name

from grader.execution.answers import Absent, Answer, Frame, Probe, Raised, Returned
from grader.execution.cuda import SPOILED_STATUS, is_spoiled
from grader.execution.forbidden import trace_forbidden
from grader.notebooks.cells import cell_digest
from grader.values.snapshot import restore, snapshot
from grader.values.tree import TensorLeaf, Value

_MESSAGE_LENGTH = 2_000
_FRAMES = 50


def answer(namespace: Mapping[str, Any], probe: Probe, *, device: str = "cpu") -> Answer:
    """Call the entry that a notebook's namespace defines."""
    if probe.entry not in namespace:
        return Absent()
    answered = call(namespace[probe.entry], probe, device=device)
    if isinstance(answered, Raised) and is_spoiled(answered.message):
        os._exit(SPOILED_STATUS)
    return answered


def call(entry: object, probe: Probe, *, device: str = "cpu") -> Answer:
    """Call an entry on fresh copies of the probe's inputs and return what came back; never raises what the entry raises.

    The inputs lie on `device` where the notebook has made it torch's default device, else on the CPU: so what the code makes lies where they do.
    """
    exercise = _driver(probe.driver) if probe.driver is not None else _plain_call
    with trace_forbidden(probe.forbids) as forbidden:
        started = time.perf_counter()
        try:
            _seed(probe.seed, device)
            # in a kernel without a GPU the question itself would raise where a notebook has asked for one
            place = device if device != "cpu" and torch.get_default_device().type == device else "cpu"
            inputs = {name: restore(value, device=place) for name, value in probe.inputs.items()}
            with _gradients_back_on():
                value = snapshot(_finished(exercise(entry, **inputs)))
        except BaseException as error:  # noqa: BLE001 - whatever student code raises, SystemExit included, is an answer
            seconds = time.perf_counter() - started
            return Raised(
                types=tuple(kind.__name__ for kind in type(error).__mro__),
                message=_text(error),
                frames=tuple(_student_frames(error)),
                forbidden=tuple(sorted(forbidden)),
                seconds=seconds,
            )
        seconds = time.perf_counter() - started
    mutated = {name: snapshot(inputs[name]) for name, before in probe.inputs.items() if not _unchanged(before, inputs[name])}
    return Returned(value=value, mutated=mutated, forbidden=tuple(sorted(forbidden)), seconds=seconds)


def _finished(value: object) -> object:
    """Return a value once a GPU is done with it: what went wrong there is raised here, and not where somebody looks at it."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
    return value


def _plain_call(entry: Any, **inputs: Any) -> object:  # noqa: ANN401 - a student's entry can be anything
    return entry(**inputs) if callable(entry) else entry


def _driver(source: str) -> Callable[..., object]:
    namespace: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math}
    code = _compiled(source)
    exec(code, namespace)  # noqa: S102 - the author's own code
    return next(value for value in namespace.values() if isinstance(value, FunctionType) and value.__code__.co_filename == code.co_filename)


@cache
def _compiled(source: str) -> CodeType:
    return compile(source, "<driver>", "exec")


def _seed(seed: int, device: str) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - students use the global generator
    torch.default_generator.manual_seed(seed)
    if device == "cuda":
        torch.cuda.manual_seed(seed)


@contextmanager
def _gradients_back_on() -> Iterator[None]:
    """Switch gradients back on when a student's function leaves them off."""
    gradients = torch.is_grad_enabled()
    try:
        yield
    finally:
        torch.set_grad_enabled(gradients)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MESSAGE_LENGTH]
    except Exception:  # noqa: BLE001 - an exception whose __str__ fails has no message
        return ""


def _student_frames(error: BaseException) -> Iterator[Frame]:
    """Yield the traceback's lines that stand in the notebook: IPython keeps a cell's source in linecache under a name that is no file."""
    for frame, line in deque(traceback.walk_tb(error.__traceback__), maxlen=_FRAMES):
        source = _cell_source(frame)
        if source is None:
            continue
        lines = source.splitlines()
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        yield Frame(function=frame.f_code.co_name[:100], line=line, text=text[:500], cell_digest=cell_digest(source))


def _cell_source(frame: FrameType) -> str | None:
    entry = linecache.cache.get(frame.f_code.co_filename)
    if entry is None or len(entry) != 4 or entry[1] is not None or "site-packages" in frame.f_code.co_filename:  # noqa: PLR2004 - linecache's own tuple
        return None
    return "".join(entry[2])


def _unchanged(before: Value, now: object) -> bool:
    """Whether a live input still is what was sent, to the bit."""
    if isinstance(before, TensorLeaf):
        return _same_tensor(before, now)
    if isinstance(before, dict):
        return isinstance(now, dict) and before.keys() == now.keys() and all(_unchanged(before[key], now[key]) for key in before)
    if isinstance(before, list | tuple):
        return isinstance(now, list | tuple) and _all_unchanged(before, now)
    return bool(before == now) or (before != before and now != now)  # noqa: PLR0124 - NaN


def _all_unchanged(before: Sequence[Value], now: Sequence[object]) -> bool:
    return len(before) == len(now) and all(_unchanged(one, other) for one, other in zip(before, now, strict=True))


def _same_tensor(before: TensorLeaf, now: object) -> bool:
    if before.kind == "scalar":
        return True
    live = torch.from_numpy(now) if isinstance(now, np.ndarray) else now
    if not isinstance(live, torch.Tensor) or live.shape != before.data.shape or live.dtype != before.data.dtype:
        return False
    if live.is_meta:
        return True
    return torch.equal(_bits(live.detach().cpu()), _bits(before.data))


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().reshape(-1).view(torch.uint8)
