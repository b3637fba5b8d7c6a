"""What a kernel shows: each thread sends for itself, whole messages one after the other, in the place of ipykernel's thread for outputs.

To hand every message and every flush over to a thread, and wait for it, is a fifth of a short notebook's processor time.
"""

import codecs
import io
import os
import select
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import zmq
from jupyter_client.session import Session, extract_header

_SECONDS = 0.2
_MUCH = 4 * 1024**2  # in JSON at most six times as long, which is less than a message may be
_CHUNK = 64 * 1024


class Outputs:
    """The socket of outputs, for any thread to send on; what waits in a stream goes before all else that is sent."""

    def __init__(self, socket: "zmq.Socket[bytes]") -> None:
        self.socket = socket
        self.streams: list[Stream] = []
        self.lock = threading.RLock()
        self.process = os.getpid()

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Let no other thread send meanwhile, and no interrupt come before the end: half a message would spoil the next."""
        with _interrupts_wait(), self.lock:
            yield

    def send_multipart(self, parts: Sequence[Any], **_: object) -> None:
        """Send a message; what forked children show is dropped, as they have no sockets of their own."""
        if os.getpid() != self.process:
            return
        with self.in_turn():
            for stream in self.streams:
                stream.flush()
            self.socket.send_multipart(parts)

    def keep_sending(self) -> None:
        """Start the thread that takes what others write, and sends what waits."""
        threading.Thread(target=self._keep_sending, name="outputs", daemon=True).start()

    def _keep_sending(self) -> None:
        pipes = {stream.pipe: stream for stream in self.streams}
        poll = select.poll()
        for pipe in pipes:
            poll.register(pipe, select.POLLIN)
        due = time.monotonic() + _SECONDS
        while True:
            for pipe, _ in poll.poll(1000 * max(0.0, due - time.monotonic())):
                if not pipes[pipe].take():
                    poll.unregister(pipe)
            if time.monotonic() >= due:
                for stream in self.streams:
                    stream.flush()
                due = time.monotonic() + _SECONDS


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # no other is interrupted
        yield
        return
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


class Stream(io.TextIOBase):
    """What Python calls sys.stdout or sys.stderr.

    What is written waits until it is flushed, until something else is to be sent after it, until it is much, or for a fifth of a second. File descriptor
    1 or 2, to which other programs, libraries in C and forked children write, becomes a pipe that leads here too.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, descriptor: int, session: Session, outputs: Outputs) -> None:
        self.name = name
        self.pipe, end = os.pipe()
        os.set_blocking(self.pipe, False)
        os.dup2(end, descriptor)
        os.close(end)
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._session = session
        self._outputs = outputs
        self._parent: dict[str, Any] = {}
        self._waiting: list[str] = []
        self._length = 0
        outputs.streams.append(self)

    def fileno(self) -> int:
        """Return what a program may be given to write to."""
        return self._descriptor

    def writable(self) -> bool:
        """Say yes."""
        return True

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Say for which request it is that things are shown from now on."""
        self.flush()
        self._parent = extract_header(parent)

    def write(self, text: object, /) -> int:
        """Take some text."""
        if not isinstance(text, str):
            message = f"write() argument must be str, not {type(text)}"
            raise TypeError(message)
        if os.getpid() == self._outputs.process:
            self._keep(text)
        else:
            os.write(self._descriptor, text.encode(errors="replace"))
        return len(text)

    def take(self) -> bool:
        """Take what others have written to the descriptor; False when nobody can any more."""
        with self._outputs.lock:
            try:
                read = os.read(self.pipe, _CHUNK)
            except BlockingIOError:
                return True
            self._keep(self._decoder.decode(read))
        return bool(read)

    def flush(self) -> None:
        """Send what waits."""
        if os.getpid() != self._outputs.process:
            return
        with self._outputs.in_turn():
            self.take()
            self._send()

    def _keep(self, text: str) -> None:
        with self._outputs.lock:
            self._waiting.append(text)
            self._length += len(text)
        if self._length > _MUCH:
            self._send()

    def _send(self) -> None:
        with self._outputs.in_turn():
            text, self._waiting, self._length = "".join(self._waiting), [], 0
            if text:
                content, topic = {"name": self.name, "text": text}, f"stream.{self.name}".encode()
                self._session.send(self._outputs.socket, "stream", content, parent=self._parent, ident=topic)
