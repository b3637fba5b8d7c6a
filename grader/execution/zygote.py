"""The warm process: imports torch and ipykernel once, then forks a confined Jupyter kernel for each request.

Run as `python -I -m grader.execution.zygote`, with a `ZygoteSettings` as JSON on standard input. It says "warm" on standard output
when its control socket answers. On that socket, one connection is one kernel: the request comes as a line of JSON, with the open files of its cgroup where it has one, then a byte `i`
asks for an interrupt, and closing the connection ends everything that belongs to the kernel. Back come lines of JSON:
`{"ready": seconds by stage}`, for each interrupt `{"waited": seconds}` without a processor, then `{"exit": status, "reason": sentence}`.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import selectors
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

from grader.execution.cuda import compute_alike, loaded_driver, require_untouched
from grader.execution.keeper import keep
from grader.execution.large_pages import use_large_pages
from grader.execution.requests import KernelRequest, ZygoteSettings
from grader.execution.sandbox.confinement import CgroupFiles
from grader.execution.sandbox.tiers import TIERS, Tier


def main() -> None:
    """Warm up, then serve until standard input closes or the process is killed."""
    settings = ZygoteSettings.model_validate_json(sys.stdin.readline())
    tier = TIERS[settings.tier]
    gc.disable()  # what is imported stays: looking through it again and again takes half a second
    _warm_up()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(Path(settings.sockets) / "control"))
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    gc.enable()
    use_large_pages()
    print("warm", flush=True)  # noqa: T201 - the agreed sign for the process that started this one
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        connection, _ = listener.accept()
        require_untouched(loaded_driver())
        try:
            forked = 0 if tier.single_use else tier.fork()
        except OSError:
            _complain(connection)
        else:
            if forked == 0:
                listener.close()
                _serve(connection, settings, tier)
        connection.close()


def _serve(connection: socket.socket, settings: ZygoteSettings, tier: Tier) -> None:
    """In the forked child, or where a zygote makes one kernel only in itself: enter the sandbox, keep the kernel, never return."""
    try:
        # read here, not before the fork: the keys of earlier kernels would stay behind in the memory that all inherit
        line, descriptors, _, _ = socket.recv_fds(connection, 65536, 2)
        request = KernelRequest.model_validate_json(line)
        cgroup = CgroupFiles(entrance=descriptors[0], processor=descriptors[1]) if descriptors else None
        started = time.perf_counter()
        with contextlib.suppress(PermissionError):  # a sandbox's own process leads its session already
            os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for enter in tier.enter:
            enter()
        keep(connection, request, settings, tier, cgroup=cgroup, started=started)
    except BaseException:  # noqa: BLE001 - the child must never fall back into the zygote's loop
        _complain(connection)
    os._exit(1)


def _complain(connection: socket.socket) -> None:
    """Tell who asked for a kernel what is being handled."""
    with contextlib.suppress(OSError):  # it has hung up
        connection.sendall(json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")


def _warm_up() -> None:
    """Import what nearly every notebook needs and what a kernel imports late; start no thread and no CUDA."""
    for name in _WARM:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    # kernels have no epoll: see seccomp.py
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment]
    import torch  # noqa: PLC0415 - see above

    from grader.execution.kernel import prepare_kernel  # noqa: PLC0415 - the same

    prepare_kernel()
    torch.set_num_threads(1)
    # the other way sends descriptors between processes, of which Linux counts those on their way for all students together
    torch.multiprocessing.set_sharing_strategy("file_system")  # type: ignore[no-untyped-call]
    compute_alike()


_WARM = (
    "torch",
    "torch.nn.functional",
    "torch.utils.data",
    # what torch imports at the first gradient and the first optimizer: more than a second in every fork
    "torch.fx.experimental.symbolic_shapes",
    "torch._dynamo",
    "numpy",
    "IPython",
    "IPython.core.magics",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    # all of pyplot but itself: it chooses its backend when a kernel's shell is there
    "matplotlib.figure",
    "matplotlib.axes",
    "matplotlib.dates",
    "matplotlib.projections",
    "matplotlib.backends.backend_agg",
    "grader.student",
    "grader.execution.kernel",
)

if __name__ == "__main__":
    main()
