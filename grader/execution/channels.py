"""The grader's end of a kernel's sockets: Jupyter's messages in ZeroMQ's framing (rfc.zeromq.org/spec/23), over plain connections.

ZeroMQ's own library hands each message through a thread and many small objects, which costs the grader several times what reading the message does.
"""

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any, Literal, cast

_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_MORE, _LONG, _COMMAND = 1, 2, 4
_SHORT_BYTES = 255
_EVERYTHING = b"\x01"
_WAITING_MESSAGES = 8
_WAITING_BYTES = 8 * 1024**2
_FRAME_BYTES = 96 * 1024**2
_DELIMITER = b"<IDS|MSG>"
_JSON_BYTES = 8 * 1024**2
_JSON_VALUES = 250_000


class Channel(asyncio.Protocol):
    """One socket of a kernel: `DEALER` sends and receives, `SUB` receives all that is published.

    While several messages or a large one wait to be read no more are taken in, and a frame of over 96 MiB ends the connection; how large a message of many
    frames may be is for the relay between grader and kernel.
    """

    def __init__(self, kind: Literal["DEALER", "SUB"]) -> None:
        self.ready = asyncio.Event()
        self._kind = kind.encode()
        self._received = bytearray()
        self._greeted = False
        self._frames: list[bytes] = []
        self._messages: asyncio.Queue[list[bytes]] = asyncio.Queue()
        self._waiting_bytes = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who is there."""
        self._transport = cast("asyncio.Transport", transport)
        ready = b"\x05READY\x0bSocket-Type" + len(self._kind).to_bytes(4) + self._kind
        self._transport.write(_GREETING + _frame(ready, _COMMAND))

    def data_received(self, data: bytes) -> None:
        """Take messages in, whole or in pieces."""
        received, position = self._received, 0
        received += data
        if not self._greeted:
            if len(received) < len(_GREETING):
                return
            self._greeted, position = True, len(_GREETING)
        while len(received) >= position + 2:
            flags = received[position]
            body, size = (position + 9, int.from_bytes(received[position + 1 : position + 9])) if flags & _LONG else (position + 2, received[position + 1])
            if size > _FRAME_BYTES:
                self.close()
                return
            if len(received) < body + size:
                break
            position = body + size
            self._take(flags, bytes(memoryview(received)[body:position]))
        del received[:position]
        if (self._messages.qsize() >= _WAITING_MESSAGES or self._waiting_bytes >= _WAITING_BYTES) and self._transport is not None:
            self._transport.pause_reading()

    def _take(self, flags: int, frame: bytes) -> None:
        if flags & _COMMAND:
            self._begin()
            return
        self._frames.append(frame)
        if not flags & _MORE:
            self._messages.put_nowait(self._frames)
            self._waiting_bytes += sum(map(len, self._frames))
            self._frames = []

    def _begin(self) -> None:
        """Be ready: only who has been told so may send."""
        if self._kind == b"SUB" and not self.ready.is_set():
            self.send([_EVERYTHING])
        self.ready.set()

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message."""
        assert self._transport is not None  # noqa: S101 - connected
        *first, last = frames
        self._transport.write(b"".join([*(_frame(frame, _MORE) for frame in first), _frame(last, 0)]))

    async def get_msg(self, timeout: None = None) -> dict[str, Any]:  # noqa: ARG002, ASYNC109 - nbclient's signature
        """Return the next message, or wait for it; raises whatever goes wrong where it is none."""
        frames = await self._messages.get()
        self._waiting_bytes -= sum(map(len, frames))
        if self._messages.empty() and self._transport is not None:
            self._transport.resume_reading()
        return _read(frames)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


class Connection:
    """The grader's line to one kernel, which knows the `key` of its messages; in the form in which nbclient asks a kernel to run cells."""

    def __init__(self, key: str) -> None:
        self.shell_channel = Channel("DEALER")
        self.iopub_channel = Channel("SUB")
        self._key = key.encode()
        self._session = secrets.token_hex(8)
        self._numbers = count()

    async def open(self, connect: Callable[[Channel, int], Awaitable[object]]) -> None:
        """Connect both channels by a function of a channel and its socket's number."""
        await connect(self.shell_channel, 1)
        await connect(self.iopub_channel, 2)

    async def greeted(self) -> None:
        """Return when the kernel takes messages, and its outputs reach us: it greets each subscriber."""
        await self.shell_channel.ready.wait()
        while (await self.iopub_channel.get_msg())["msg_type"] != "iopub_welcome":
            pass

    def execute(self, code: str, *, store_history: bool, stop_on_error: bool) -> str:
        """Ask for a cell to be run, and return the number of the message."""
        content = {"code": code, "silent": False, "store_history": store_history, "user_expressions": {}, "allow_stdin": False, "stop_on_error": stop_on_error}
        return self.request("execute_request", content)

    def request(self, kind: str, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> str:
        """Send a message, and return its number; answers to it have that in their `parent_header`."""
        number = f"{self._session}_{next(self._numbers)}"
        header = {"msg_id": number, "msg_type": kind, "username": "grader", "session": self._session, "version": "5.3"}
        parts = [json.dumps(part, ensure_ascii=False).encode("utf-8", "surrogateescape") for part in (header, {}, {}, content)]
        signature = hmac.digest(self._key, b"".join(parts), "sha256").hex().encode()
        self.shell_channel.send([_DELIMITER, signature, *parts, *buffers])
        return number

    async def is_alive(self) -> bool:
        """Say yes: that a kernel has ended is told by who keeps it."""
        return True

    def close(self) -> None:
        """Hang up."""
        self.shell_channel.close()
        self.iopub_channel.close()


def _frame(body: bytes, flags: int) -> bytes:
    size = len(body)
    return (bytes((flags, size)) if size <= _SHORT_BYTES else bytes((flags | _LONG,)) + size.to_bytes(8)) + body


def _read(frames: Sequence[bytes]) -> dict[str, Any]:
    """Return a message; its signature is not looked at, since student code has the key, and nobody else this connection."""
    begin = frames.index(_DELIMITER) + 2
    header, parent, _, content = map(unpack_json, frames[begin : begin + 4])
    return {"header": header, "msg_type": header["msg_type"], "parent_header": parent, "content": content, "buffers": frames[begin + 4 :]}


def unpack_json(text: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return one part of a message, empty where it is too large: a few bytes of JSON can be fifty times as many in memory, and all wait meanwhile.

    Values do not travel in these parts, and outputs of that size are not kept.
    """
    if len(text) > _JSON_BYTES:
        return {}
    # each value of many begins behind one of these
    if sum(map(text.count, (b",", b"[", b"{"))) > _JSON_VALUES:
        return {}
    return json.loads(text.decode("utf-8", "replace"))
