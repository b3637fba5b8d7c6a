"""Between the grader's connections and the kernel's sockets: passes bytes on and measures what the kernel sends.

ZeroMQ bounds the frames of a message but not their number, and holds a message in memory until its last frame is there.
A kernel could therefore fill the grader's memory; here it is cut off before. The framing is that of ZMTP 3 (rfc.zeromq.org/spec/23).
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

_MIB = 1024**2
MOST_BYTES: Mapping[str, int] = {"k-1": 96 * _MIB, "k-2": 32 * _MIB}
"""The largest message of a kernel by socket: shell, iopub."""

_GREETING, _CHUNK = 64, 256 * 1024
_MORE, _LONG, _COMMAND = 1, 2, 4
_FRAME_BYTES = 128  # what a frame costs its reader beside its body


class Meter:
    """Reads along with what one end of a connection sends; messages of more than `most` bytes do not pass."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._greeting = b""
        self._header = b""
        self._body = 0
        self._message = 0

    def passes(self, data: bytes) -> bool:
        """Return whether these bytes, after all before them, still are of the agreed form and size."""
        position = 0
        if len(self._greeting) < _GREETING:
            position = _GREETING - len(self._greeting)
            self._greeting += data[:position]
            if len(self._greeting) >= _GREETING and not self._speaks_zmtp_3():
                return False
        while position < len(data):
            if self._body:
                step = min(self._body, len(data) - position)
                self._body -= step
                position += step
                continue
            self._header += data[position : position + 1]
            position += 1
            if len(self._header) == (9 if self._header[0] & _LONG else 2) and not self._begin_frame():
                return False
        return True

    def _speaks_zmtp_3(self) -> bool:
        # older versions frame otherwise, and the grader would understand them
        return self._greeting[0] == 0xFF and self._greeting[9] == 0x7F and self._greeting[10] == 3  # noqa: PLR2004 - signature and version

    def _begin_frame(self) -> bool:
        flags, self._body = self._header[0], int.from_bytes(self._header[1:])
        self._header = b""
        self._message += self._body + _FRAME_BYTES
        if self._message > self._most:
            return False
        if not flags & (_MORE | _COMMAND):
            self._message = 0
        return True


class Relay:
    """Listens in the folder `outside` for the grader and connects to the kernel's sockets in `inside`; `on_excess` is called when a kernel sends too much."""

    def __init__(self, *, outside: Path, inside: Path, on_excess: Callable[[], None]) -> None:
        self._inside = inside
        self._on_excess = on_excess
        self._listeners: dict[str, socket.socket] = {}
        for name in MOST_BYTES:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(outside / name))
            listener.listen()
            self._listeners[name] = listener

    def close(self) -> None:
        """Forget the listeners, in a fork that is not to have them."""
        for listener in self._listeners.values():
            listener.close()

    def start(self) -> None:
        """Connect to the kernel, which has run no student code yet and so is who it seems to be, and accept the grader's connections."""
        for name, listener in self._listeners.items():
            kernel = socket.socket(socket.AF_UNIX)
            kernel.connect(str(self._inside / name))
            threading.Thread(target=self._accept, args=(listener, kernel, Meter(MOST_BYTES[name])), daemon=True).start()

    def _accept(self, listener: socket.socket, kernel: socket.socket, meter: Meter) -> None:
        grader, _ = listener.accept()
        threading.Thread(target=self._pass_on, args=(grader, kernel, None), daemon=True).start()
        self._pass_on(kernel, grader, meter)

    def _pass_on(self, source: socket.socket, target: socket.socket, meter: Meter | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if meter is not None and not meter.passes(data):
                    self._on_excess()
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
