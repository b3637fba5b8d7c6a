"""What is asked of a kernel and what can come back; all that comes back is data, and none of it is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from grader.notebooks.cells import Cell
from grader.values.codec import Wire, encode
from grader.values.tree import Value


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One call of a student's entry.

    `driver` is the source of a self-contained function `driver(entry, **inputs)`, or None for the plain call `entry(**inputs)`;
    an entry that is not callable and has no inputs is itself the answer. `forbids` are dotted names whose use is traced.
    `seed` is set for random, numpy and torch before the call.
    """

    entry: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    driver: str | None = None
    forbids: tuple[str, ...] = ()
    seed: int = 0

    @cached_property
    def encoded(self) -> Wire:
        """The inputs as they are sent; made once, however many submissions are asked."""
        return encode({name: value for name, value in self.inputs.items()})  # noqa: C416 - a copy with the wider type of keys


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One line of a traceback inside the student's notebook: 1-based line of the cell with this source digest (SHA-256)."""

    function: str
    line: int
    text: str
    cell_digest: str


@dataclass(frozen=True, kw_only=True)
class Returned:
    """The entry came back with a value. `mutated` holds the inputs that it changed, as they are afterwards."""

    value: Value
    mutated: Mapping[str, Value] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Raised:
    """The entry raised. `types` are the names of the exception's classes, most derived first."""

    types: tuple[str, ...]
    message: str = ""
    frames: tuple[Frame, ...] = ()
    forbidden: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Absent:
    """The notebook defines no such entry."""


@dataclass(frozen=True, kw_only=True)
class TimedOut:
    """No answer within the limit."""

    limit_seconds: float


@dataclass(frozen=True, kw_only=True)
class Died:
    """The kernel was lost during the call; `reason` is a sentence for the student."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Malformed:
    """An answer came that is no value, or too large a one."""

    reason: str


Answer: TypeAlias = Returned | Raised | Absent | TimedOut | Died | Malformed


@dataclass(frozen=True, kw_only=True)
class CellRun:
    """What happened to one cell. `outputs` are nbformat outputs, capped, for display only; nothing is decided by any of this."""

    cell_id: str
    status: Literal["ok", "error", "timeout", "died", "skipped", "not run"]
    error: str = ""
    message: str = ""
    outputs: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0


class Session(Protocol):
    """The grader's handle on one kernel.

    A kernel that is lost or hangs is replaced by a fresh one: the cells that ran are replayed, the culprit is skipped.
    `timings` are seconds by stage ("start", "cells", "probes", "replay"), `environment` what the report says about versions,
    device and sandbox tier.
    """

    timings: dict[str, float]
    environment: Mapping[str, str]

    async def run(self, cells: Sequence[Cell]) -> list[CellRun]:
        """Execute the notebook's code cells in order; a failing cell does not stop the rest."""
        ...

    async def probe(self, probe: Probe, *, timeout_seconds: float) -> Answer:
        """Call an entry and return what came back."""
        ...

    async def probe_all(self, probes: Sequence[Probe], *, timeout_seconds: float) -> list[Answer]:
        """Call entries one after the other, each within the limit, and return what came back, up to the first `TimedOut` or `Died`."""
        ...
