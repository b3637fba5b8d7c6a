"""The trusted parent of one kernel: sets the stage, starts it, watches what it uses, and ends everything with it."""

import dataclasses
import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from grader.execution.cuda import take_no_more_than
from grader.execution.relay import Relay
from grader.execution.requests import KernelRequest, ZygoteSettings
from grader.execution.sandbox.confinement import CgroupFiles, Confinement
from grader.execution.sandbox.processes import waited_seconds
from grader.execution.sandbox.tiers import Tier
from grader.execution.watchdog import ProcessorClock, Watchdog

_WATCH_SECONDS = 0.1
_MOST_REAPED = 256


def keep(connection: socket.socket, request: KernelRequest, settings: ZygoteSettings, tier: Tier, *, cgroup: CgroupFiles | None, started: float) -> None:
    """Start the kernel, pass interrupts on, and return when the kernel has ended or the grader has hung up."""
    stages = {"fork": time.perf_counter() - started}
    place = Confinement(
        kernel_sockets=Path(settings.sockets) / request.id,
        scratch=Path(settings.sockets),
        scratch_bytes=request.scratch_bytes,
        scratch_files=request.scratch_files,
        memory_bytes=request.memory_bytes,
        processes=request.processes,
        open_files=request.open_files,
        cpu_seconds=request.cpu_seconds,
        devices=settings.devices,
        cgroup=cgroup,
    )
    for prepare in tier.prepare:
        place = prepare(place)
    stages["sandbox"] = time.perf_counter() - started - sum(stages.values())
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    try:
        kernel, limits = _start(connection, request, place, tier)
        if kernel is not None:
            stages["kernel"] = time.perf_counter() - started - sum(stages.values())
            _say(connection, {"ready": stages})
            _watch(connection, kernel, limits)
    finally:
        for clean_up in tier.clean_up:
            clean_up(place)


def _start(connection: socket.socket, request: KernelRequest, place: Confinement, tier: Tier) -> tuple[int | None, Sequence[Callable[[], str]]]:
    """Return the kernel's process, None where it did not start (which is told), and what looks at its limits."""
    inside = place.scratch / ".kernel"
    inside.mkdir(mode=0o700)
    if place.user is not None:
        os.chown(inside, place.user, place.user)
    excess = threading.Event()
    relay = Relay(outside=place.kernel_sockets, inside=inside, on_excess=excess.set)
    for seal in tier.seal:
        seal(place)
    bound_read, bound_write = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(bound_read)
        connection.close()
        relay.close()
        _become_kernel(request, dataclasses.replace(place, kernel_sockets=inside), tier, bound_write)
    os.close(bound_write)
    complaint = os.read(bound_read, 65536)
    os.close(bound_read)
    if complaint != b"bound":
        status = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
        _say(connection, {"failed": complaint.decode(errors="replace") or f"the kernel ended with status {status} before its sockets were bound"})
        return None, ()
    relay.start()
    watchdog = (
        ProcessorClock(place.cgroup.processor, cpu_seconds=request.cpu_seconds)
        if place.cgroup
        else Watchdog(memory_bytes=request.memory_bytes, cpu_seconds=request.cpu_seconds)
    )
    # memory last: where processes multiply it is the dearest to look at
    return kernel, (partial(_exceeded, excess), *(partial(watch, place) for watch in tier.watch), watchdog.crossed)


def _become_kernel(request: KernelRequest, place: Confinement, tier: Tier, bound: int) -> None:
    import traceback  # noqa: PLC0415 - only a kernel that fails to start needs it

    from grader.execution.kernel import start_kernel  # noqa: PLC0415 - ipykernel is heavy, and warm by now

    try:
        # a signal to one's process group must not reach the keeper, nor through a shared group the neighbours
        os.setsid()
        for confine in tier.confine:
            confine(place)
        run = start_kernel(place, request.key, partial(_lock, place, tier))
        if request.gpu_memory_bytes:
            take_no_more_than(request.gpu_memory_bytes)
        os.write(bound, b"bound")
        os.close(bound)
        run()
    except BaseException:  # noqa: BLE001 - told to the grader, which has no other way to know
        os.write(bound, traceback.format_exc().encode())
    finally:
        os._exit(1)


def _lock(place: Confinement, tier: Tier) -> None:
    for lock in tier.lock:
        lock(place)


def _watch(connection: socket.socket, kernel: int, limits: Sequence[Callable[[], str]]) -> None:
    """Return when the grader hangs up or the kernel ends; interrupt it when asked, kill it when it has crossed a limit."""
    ended = os.pidfd_open(kernel)
    reason = ""
    while True:
        readable, _, _ = select.select([connection.fileno(), ended], [], [], _WATCH_SECONDS)
        if ended in readable:
            _, status = os.waitpid(kernel, 0)
            _say(connection, {"exit": os.waitstatus_to_exitcode(status), "reason": reason})
            return
        if connection.fileno() in readable:
            if not connection.recv(1):
                return
            _say(connection, {"waited": waited_seconds(kernel)})
            os.kill(kernel, signal.SIGINT)
        reason = reason or next(filter(None, (crossed() for crossed in limits)), "")
        if reason:
            os.kill(kernel, signal.SIGKILL)
        _reap(kernel)


def _exceeded(excess: threading.Event) -> str:
    return "your code printed or returned too much at once" if excess.is_set() else ""


def _reap(kernel: int) -> None:
    """Collect orphans that have ended, but never the kernel itself: its status is still to be told; and of many no more than leave time to watch."""
    for _ in range(_MOST_REAPED):
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None or ended.si_pid == kernel:
            return
        os.waitpid(ended.si_pid, 0)


def _say(connection: socket.socket, message: dict[str, object]) -> None:
    try:
        connection.sendall(json.dumps(message).encode() + b"\n")
    except OSError:  # the grader has hung up: nobody is left to tell
        return
