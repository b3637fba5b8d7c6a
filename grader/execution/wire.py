"""Probes and answers as Jupyter messages: a small JSON content, and the values in binary buffers."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import MalformedValueError
from grader.execution.answers import Absent, Answer, Frame, Malformed, Probe, Raised, Returned
from grader.values.codec import Caps, Wire, decode, encode
from grader.values.tree import Value

REQUEST = "grader_probe_request"
REPLY = "grader_probe_reply"

Message: TypeAlias = tuple[dict[str, Any], list[bytes]]
"""A message's content and its buffers."""


def pack_probe(probe: Probe, device: str) -> Message:
    """Return a probe as a message."""
    wire = encode(_as_value(probe.inputs))
    content = {"entry": probe.entry, "driver": probe.driver, "forbids": list(probe.forbids), "seed": probe.seed, "device": device}
    return content, [wire.tree, wire.tensors]


def unpack_probe(content: Mapping[str, Any], buffers: Sequence[bytes | memoryview]) -> tuple[Probe, str]:
    """Return the probe and the device of a message that comes from the grader."""
    inputs = decode(Wire(tree=bytes(buffers[0]), tensors=bytes(buffers[1])))
    if not isinstance(inputs, dict):
        raise MalformedValueError(reason="inputs are no dict")
    named = {str(name): value for name, value in inputs.items()}
    probe = Probe(entry=content["entry"], inputs=named, driver=content["driver"], forbids=tuple(content["forbids"]), seed=content["seed"])
    return probe, content["device"]


def pack_answer(answer: Answer) -> Message:
    """Return an answer as a message; only what a kernel can say about itself is packed."""
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


def unpack_answer(content: Mapping[str, Any], buffers: Sequence[bytes | memoryview], *, asked: Probe, caps: Caps) -> Answer:
    """Return the answer of a message that comes from a student's kernel; whatever is not as agreed is `Malformed`."""
    try:
        said = _AnswerMessage.model_validate(content)
        forbidden = tuple(sorted(set(said.forbidden) & set(asked.forbids)))
        if said.kind == "absent":
            return Absent()
        if said.kind == "raised":
            frames = tuple(Frame(function=f.function, line=f.line, text=f.text, cell_digest=f.cell_digest) for f in said.frames)
            types = tuple(name[:200] for name in said.types)
            return Raised(types=types, message=said.message, frames=frames, forbidden=forbidden, seconds=said.seconds)
        if said.kind == "returned" and len(buffers) == 2:  # noqa: PLR2004 - a tree and its tensors
            return _returned(said, buffers, forbidden, asked, caps)
    except MalformedValueError as error:
        return Malformed(reason=error.reason)
    except (ValidationError, RecursionError):
        return Malformed(reason="the answer has not the agreed form")
    return Malformed(reason="the answer has not the agreed form")


def _returned(said: _AnswerMessage, buffers: Sequence[bytes | memoryview], forbidden: tuple[str, ...], asked: Probe, caps: Caps) -> Answer:
    if sum(memoryview(buffer).nbytes for buffer in buffers) > caps.tree_bytes + caps.tensor_bytes:
        return Malformed(reason="the answer is larger than allowed")
    decoded = decode(Wire(tree=bytes(buffers[0]), tensors=bytes(buffers[1])), caps=caps)
    if not (isinstance(decoded, tuple) and len(decoded) == 2 and isinstance(decoded[1], dict)):  # noqa: PLR2004 - a value and what was mutated
        return Malformed(reason="the answer has not the agreed form")
    mutated = {name: value for name, value in decoded[1].items() if isinstance(name, str) and name in asked.inputs}
    return Returned(value=decoded[0], mutated=mutated, forbidden=forbidden, seconds=said.seconds)
