"""Probes and answers as Jupyter messages: a small JSON content, and the values in binary buffers.

A request holds one probe or several. Answers come back in the same order, in one reply or several: `first` is the number of a reply's first answer,
and `stopped` says that the call of its last answer was interrupted, and that no more will come.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import MalformedValueError
from grader.execution.answers import Absent, Answer, Frame, Malformed, Probe, Raised, Returned
from grader.values.codec import Caps, Wire, decode, encode
from grader.values.tree import Value

REQUEST = "grader_probe_request"
REPLY = "grader_probe_reply"

_VALUE_PARTS = ("tree", "tensors")
_GROWTH = 16  # what describes a value becomes up to so many times as large where that is put together; the data of its tensors does not

Message: TypeAlias = tuple[dict[str, Any], list[bytes]]
"""A message's content and its buffers."""


def pack_probes(probes: Sequence[Probe], device: str) -> Message:
    """Return probes as a message."""
    calls = [{"entry": probe.entry, "driver": probe.driver, "forbids": list(probe.forbids), "seed": probe.seed} for probe in probes]
    return {"calls": calls, "device": device}, [part for probe in probes for part in (probe.encoded.tree, probe.encoded.tensors)]


def unpack_probes(content: Mapping[str, Any], buffers: Sequence[bytes | memoryview]) -> Iterator[Probe]:
    """Yield the probes of a message that comes from the grader; the inputs of each are not looked at before its turn."""
    for call, tree, tensors in zip(content["calls"], buffers[::2], buffers[1::2], strict=True):
        inputs = decode(Wire(tree=bytes(tree), tensors=bytes(tensors)))
        if not isinstance(inputs, dict):
            raise MalformedValueError(reason="inputs are no dict")
        named = {str(name): value for name, value in inputs.items()}
        yield Probe(entry=call["entry"], inputs=named, driver=call["driver"], forbids=tuple(call["forbids"]), seed=call["seed"])


def pack_answers(answers: Sequence[Message], *, first: int, stopped: bool) -> Message:
    """Return packed answers as one message."""
    return {"first": first, "answers": [content for content, _ in answers], "stopped": stopped}, [buffer for _, buffers in answers for buffer in buffers]


def pack_answer(answer: Answer) -> Message:
    """Return an answer as its part of a message; only what a kernel can say about itself is packed."""
    match answer:
        case Returned():
            wire = encode((answer.value, _as_value(answer.mutated)))
            return {"kind": "returned", "forbidden": list(answer.forbidden), "seconds": answer.seconds}, [wire.tree, wire.tensors]
        case Raised():
            frames = [{"function": f.function, "line": f.line, "text": f.text, "cell_digest": f.cell_digest} for f in answer.frames]
            content = {"kind": "raised", "types": list(answer.types), "message": answer.message, "frames": frames}
            return {**content, "forbidden": list(answer.forbidden), "seconds": answer.seconds}, []
        case _:
            return {"kind": "absent"}, []


def _as_value(named: Mapping[str, Value]) -> Value:
    return {name: value for name, value in named.items()}  # noqa: C416 - a copy with the wider type of keys


class _FrameMessage(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    function: str = Field(max_length=200)
    line: int = Field(ge=0, le=10**6)
    text: str = Field(max_length=1_000)
    cell_digest: str = Field(max_length=64)


class _AnswerMessage(BaseModel):
    """What is let in of an answer's content; everything is optional because everything may be missing."""

    model_config = ConfigDict(extra="ignore", strict=True)
    kind: str = Field(max_length=20)
    forbidden: list[str] = Field(default=[], max_length=100)
    seconds: float = Field(default=0.0, ge=0.0, le=10**6, allow_inf_nan=False)
    types: list[str] = Field(default=[], max_length=50)
    message: str = Field(default="", max_length=4_000)
    frames: list[_FrameMessage] = Field(default=[], max_length=100)


class _ReplyMessage(BaseModel):
    """What is let in of a reply's content."""

    model_config = ConfigDict(extra="ignore", strict=True)
    first: int = Field(ge=0, le=10**6)
    answers: list[dict[str, Any]] = Field(max_length=10_000)
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answers to probes number `first` and after; `stopped` says that the last one was interrupted."""

    first: int
    answers: tuple[Answer, ...]
    stopped: bool


@dataclass
class Room:
    """How many bytes of memory answers may still fill."""

    left: int

    def has(self, wire: Wire) -> bool:
        """Take what a value fills, where there is so much: one that is too large leaves the room to smaller ones."""
        layout = min(int.from_bytes(wire.tensors[:8], "little"), len(wire.tensors))
        needed = _GROWTH * (len(wire.tree) + layout) + len(wire.tensors)
        if needed > self.left:
            return False
        self.left -= needed
        return True


def unpack_reply(content: Mapping[str, Any], buffers: Sequence[bytes | memoryview], *, asked: Sequence[Probe], caps: Caps, room: Room) -> Reply | None:
    """Return the answers of a message that comes from a student's kernel, what is not as agreed in them `Malformed`; None where the reply itself is not as agreed."""
    try:
        said = _ReplyMessage.model_validate(content)
    except (ValidationError, RecursionError):
        return None
    answers = []
    rest = list(buffers)
    for one, probe in zip(said.answers, asked[said.first :], strict=False):
        count = len(_VALUE_PARTS) if one.get("kind") == "returned" else 0
        answers.append(_unpack_answer(one, rest[:count], asked=probe, caps=caps, room=room))
        rest = rest[count:]
    return Reply(first=said.first, answers=tuple(answers), stopped=said.stopped)


def _unpack_answer(content: Mapping[str, Any], buffers: Sequence[bytes | memoryview], *, asked: Probe, caps: Caps, room: Room) -> Answer:
    try:
        said = _AnswerMessage.model_validate(content)
        forbidden = tuple(sorted(set(said.forbidden) & set(asked.forbids)))
        if said.kind == "absent":
            return Absent()
        if said.kind == "raised":
            frames = tuple(Frame(function=f.function, line=f.line, text=f.text, cell_digest=f.cell_digest) for f in said.frames)
            types = tuple(name[:200] for name in said.types)
            return Raised(types=types, message=said.message, frames=frames, forbidden=forbidden, seconds=said.seconds)
        if said.kind == "returned" and len(buffers) == len(_VALUE_PARTS):
            return _returned(said, buffers, forbidden, asked=asked, caps=caps, room=room)
    except MalformedValueError as error:
        return Malformed(reason=error.reason)
    except (ValidationError, RecursionError):
        return Malformed(reason="the answer has not the agreed form")
    return Malformed(reason="the answer has not the agreed form")


def _returned(said: _AnswerMessage, buffers: Sequence[bytes | memoryview], forbidden: tuple[str, ...], *, asked: Probe, caps: Caps, room: Room) -> Answer:
    if sum(memoryview(buffer).nbytes for buffer in buffers) > caps.tree_bytes + caps.tensor_bytes:
        return Malformed(reason="the answer is larger than allowed")
    wire = Wire(tree=bytes(buffers[0]), tensors=bytes(buffers[1]))
    if not room.has(wire):
        return Malformed(reason="the answers are larger together than allowed")
    decoded = decode(wire, caps=caps)
    if not (isinstance(decoded, tuple) and len(decoded) == 2 and isinstance(decoded[1], dict)):  # noqa: PLR2004 - a value and what was mutated
        return Malformed(reason="the answer has not the agreed form")
    mutated = {name: value for name, value in decoded[1].items() if isinstance(name, str) and name in asked.inputs}
    return Returned(value=decoded[0], mutated=mutated, forbidden=forbidden, seconds=said.seconds)
