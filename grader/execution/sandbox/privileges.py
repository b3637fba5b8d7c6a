"""Giving up, for good, what a student's process must not have."""

import ctypes
import resource
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_CAP_AMBIENT, PR_CAPBSET_DROP, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, checked, libc, prctl

_CAPABILITY_VERSION_3 = 0x20080522
_CAP_AMBIENT_CLEAR_ALL = 4
_LOCKED_BYTES = 8 * 1024**2
_SIGNALS = 1024


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def drop_capabilities(_: Confinement) -> None:
    """Drop every capability of the calling thread, also for what it executes later."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    prctl(PR_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    checked(libc.capset(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), ctypes.byref((_Data * 2)())), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 1)


def hide_from_students(place: Confinement) -> Confinement:
    """Let nobody but the host's root look into this process or write its files in /proc."""
    prctl(PR_SET_DUMPABLE, 0)
    return place


def set_resource_limits(place: Confinement) -> None:
    """Set the limits that the kernel keeps by itself; memory is watched from outside, since RLIMIT_AS breaks torch."""
    for name, soft, hard in (
        # 1 and not 0, at which Linux still starts the program that `core_pattern` may name, as root and outside of any sandbox
        (resource.RLIMIT_CORE, 1, 1),
        # between the two SIGXCPU says what was used up; SIGKILL would say nothing
        (resource.RLIMIT_CPU, place.cpu_seconds, place.cpu_seconds + 2),
        (resource.RLIMIT_FSIZE, place.scratch_bytes, place.scratch_bytes),
        (resource.RLIMIT_NOFILE, place.open_files, place.open_files),
        (resource.RLIMIT_NPROC, place.processes, place.processes),
        (resource.RLIMIT_MEMLOCK, _LOCKED_BYTES, _LOCKED_BYTES),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        (resource.RLIMIT_SIGPENDING, _SIGNALS, _SIGNALS),
    ):
        _, ceiling = resource.getrlimit(name)
        most = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
        resource.setrlimit(name, (min(soft, most), most))


def be_killed_first(_: Confinement) -> None:
    """Let the host's out-of-memory killer choose student code before anything else."""
    Path("/proc/self/oom_score_adj").write_text("1000")
