"""The Jupyter kernel that a fork becomes."""

import atexit
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import zmq
from ipykernel import ipkernel
from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

from grader.execution.outputs import Outputs, Stream
from grader.execution.probe import answer
from grader.execution.sandbox.confinement import Confinement
from grader.execution.wire import REPLY, REQUEST, pack_answer, pack_answers, unpack_probes

_CONFIG = Config(
    {
        "HistoryManager": {"enabled": False, "hist_file": ":memory:"},
        "InteractiveShell": {"colors": "nocolor"},
        "IPCompleter": {"use_jedi": False},
        # for what it does not copy ZeroMQ starts threads with epoll, too late: see seccomp.py
        "Session": {"copy_threshold": sys.maxsize},
    },
)
_TOGETHER_SECONDS = 0.02
_TOGETHER_BYTES = 4 * 1024**2


class _NoThread:
    """In the place of ipykernel's thread that sorts messages for subshells: there are none, and every cell runs in the main thread."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class _ProfileDir(ProfileDir):
    """IPython's folder without the usual ones in it: nobody looks for them."""

    def check_dirs(self) -> None:
        """Make none of them."""


class _Shell(ZMQInteractiveShell):
    """A shell that is made before the fork, and learns after it whose it is and where its files may lie."""

    _transformed = ("", "\n")

    def transform_cell(self, raw_cell: str) -> str:
        """Tokenize a cell once: ipykernel asks for it, and then IPython."""
        if raw_cell != self._transformed[0]:
            self._transformed = raw_cell, super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
        return self._transformed[1]

    def init_ipython_dir(self, ipython_dir: str | None) -> None:
        """Leave it open."""

    def init_profile_dir(self, profile_dir: ProfileDir | None) -> None:
        """Leave it open."""

    def belong_to(self, kernel: ipkernel.IPythonKernel) -> None:
        """Be this kernel's shell, in its working directory."""
        self.parent = self.kernel = kernel
        self.profile_dir = kernel.profile_dir
        self.ipython_dir = os.environ["IPYTHONDIR"]
        self.user_ns["_dh"][:] = [Path.cwd()]


class _Kernel(ipkernel.IPythonKernel):
    """IPythonKernel without subshells, and without its list of all modules, which only a debugger reads: to make it copies 15 MiB that a fork shares."""

    _supports_kernel_subshells = False
    _execute_sleep = 0.0  # what a cell shows is sent before its end: there is nothing to wait for
    shell_class = _Shell

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - traitlets
        vars(ipkernel)["sys"] = SimpleNamespace(**vars(sys) | {"modules": {}})
        try:
            super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        finally:
            vars(ipkernel)["sys"] = sys
        self.shell_channel_thread = _NoThread()

    def _publish_execute_input(self, code: str, parent: object, execution_count: int) -> None:
        """Send nothing: the grader knows what it has asked for."""

    def _publish_status(self, status: str, channel: str, parent: object = None) -> None:
        """Say when a cell has ended; that it has begun nobody waits for."""
        if status == "idle":
            super()._publish_status(status, channel, parent)  # type: ignore[no-untyped-call]


class _KernelApp(IPKernelApp):
    """IPKernelApp without what a graded kernel has no use for: a command line, configuration and connection files, a heartbeat, a control channel, a debugger.

    `lock` is called before anything is run, when the grader is connected: until then ZeroMQ needs some of what it refuses.
    """

    lock: Callable[[], None]

    def parse_command_line(self, argv: object = None) -> None:
        """Read nothing: a fork has no command line."""

    def load_config_file(self, *_: object, **__: object) -> None:
        """Read nothing: the configuration is `_CONFIG`."""

    def init_profile_dir(self) -> None:
        """Make one folder."""
        self.profile_dir = _ProfileDir(location=os.environ["IPYTHONDIR"])

    def init_config_files(self) -> None:
        """Make none: they are not read."""

    def init_connection_file(self) -> None:
        """Leave the connection as it was set."""

    def write_connection_file(self, **_: object) -> None:
        """Write nothing: the grader knows the connection."""

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        """Bind the socket of outputs, the last one; what waits for a slow reader waits here, in the student's memory, and is not dropped."""
        context.setsockopt(zmq.SNDHWM, 0)
        socket = context.socket(zmq.XPUB)
        self.iopub_port = self._bind_socket(socket, self.iopub_port)  # type: ignore[no-untyped-call]
        self.iopub_socket = Outputs(socket)

    def init_io(self) -> None:
        """Send to the grader what is printed and shown."""
        sys.stdout = Stream("stdout", 1, self.session, self.iopub_socket)
        sys.stderr = Stream("stderr", 2, self.session, self.iopub_socket)
        self.displayhook = sys.displayhook = ZMQDisplayHook(self.session, self.iopub_socket)  # type: ignore[no-untyped-call]
        self.patch_io()  # type: ignore[no-untyped-call]
        self.iopub_socket.keep_sending()

    def init_control(self, context: zmq.Context[Any]) -> None:
        """Bind nothing and start no threads: the keeper interrupts and ends the kernel."""

    def init_kernel(self) -> None:
        """Make the kernel; its messages go to the main thread at once."""
        self.kernel = _Kernel.instance(
            parent=self,
            session=self.session,
            shell_stream=ZMQStream(self.shell_socket),
            iopub_socket=self.iopub_socket,
            stdin_socket=self.stdin_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        _Shell.instance().belong_to(self.kernel)
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def init_code(self) -> None:
        """Run nothing: there are no startup files."""

    def init_heartbeat(self) -> None:
        """Start no thread for it: the keeper knows whether the kernel lives."""

    def init_poller(self) -> None:
        """Watch nothing: the keeper ends the kernel."""

    def init_crash_handler(self) -> None:
        """Leave sys.excepthook alone."""

    def log_connection_info(self) -> None:
        """Tell nobody."""

    def start(self) -> None:
        """Greet the grader, who waits for it, as soon as outputs reach it, and run what it asks for."""
        self.iopub_socket.socket.recv()
        self.session.send(self.iopub_socket, "iopub_welcome", {"subscription": ""})
        self.shell_socket.poll()
        self.lock()
        super().start()  # type: ignore[no-untyped-call]


def prepare_kernel() -> None:
    """Make, before the fork, what every kernel begins with: its application, a session and a shell."""
    app = _KernelApp.instance(config=_CONFIG)
    app.log.disabled = True  # nobody reads it, and every debug message would be put together
    app.session = Session(parent=app)
    shell = _Shell.instance(config=_CONFIG, compiler_class=XCachingCompiler)
    atexit.unregister(shell.atexit_operations)


def start_kernel(place: Confinement, key: str, lock: Callable[[], None]) -> Callable[[], None]:
    """Bind the prepared kernel's sockets and return what runs it, behind a `lock`; threads exist from here on."""
    os.chdir(place.scratch)  # noqa: TID251 - this process is the student's: its working directory is its own
    os.environ.update(HOME=str(place.scratch), TMPDIR=str(place.scratch), IPYTHONDIR=str(place.scratch / ".ipython"))
    tempfile.tempdir = None  # looked up before the fork, perhaps
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    app = _KernelApp.instance()
    app.session.key, app.session.pid = key.encode(), os.getpid()
    app.transport, app.ip = "ipc", str(place.kernel_sockets / "k")
    app.shell_port, app.iopub_port, app.stdin_port = 1, 2, 3
    app.lock = lock
    app.initialize([])  # type: ignore[no-untyped-call]
    _prepare(app)
    return app.start


def _prepare(app: IPKernelApp) -> None:
    app.kernel.shell_handlers[REQUEST] = _answer_probes
    # IPython's exit and quit end a kernel a little later, in the middle of something else; here they do nothing
    app.kernel.shell.ask_exit = _stay


def _stay() -> None:
    """Do nothing."""


def _answer_probes(stream: Any, ident: Any, parent: dict[str, Any]) -> None:  # noqa: ANN401 - ipykernel's own types
    kernel = IPKernelApp.instance().kernel
    interrupted: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        interrupted.append(number)
        raise KeyboardInterrupt

    def reply() -> None:
        content, buffers = pack_answers(waiting, first=first, stopped=bool(interrupted))
        kernel.session.send(stream, REPLY, content, parent, ident=ident, buffers=buffers)
        _flush(stream)

    first, waiting, since = 0, [], time.monotonic()
    usual = signal.signal(signal.SIGINT, interrupt)
    try:
        for probe in unpack_probes(parent["content"], parent["buffers"]):
            waiting.append(pack_answer(answer(kernel.shell.user_ns, probe, device=parent["content"]["device"])))
            if interrupted:
                break
            if time.monotonic() - since > _TOGETHER_SECONDS or sum(len(buffer) for _, buffers in waiting for buffer in buffers) > _TOGETHER_BYTES:
                reply()
                first, waiting, since = first + len(waiting), [], time.monotonic()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, usual)
    if waiting or interrupted:
        reply()


def _flush(stream: "ZMQStream | zmq.Socket[bytes]") -> None:
    """Let an answer leave at once, and not with the last one; in a kernel that was started cold it is a socket, which does."""
    if isinstance(stream, ZMQStream):
        stream.flush(zmq.POLLOUT)


def main() -> None:
    """Run a kernel that was started cold, with the connection file that the command line names."""
    app = IPKernelApp.instance()
    app.initialize()  # type: ignore[no-untyped-call]
    _prepare(app)
    app.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
