"""System calls by name, for attacks that go past Python; those of x86_64 and of aarch64."""

import ctypes
import os
import platform

_NUMBERS = {
    "add_key": (248, 217), "bpf": (321, 280), "capget": (125, 90), "chroot": (161, 51), "clone": (56, 220), "clone3": (435, 435), "close_range": (436, 436), "epoll_ctl": (233, 21), "fdatasync": (75, 83), "finit_module": (313, 273), "fsync": (74, 82),
    "fsopen": (430, 430), "inotify_init1": (294, 26), "io_uring_setup": (425, 425), "io_setup": (206, 0), "ioprio_set": (251, 30), "kcmp": (312, 272), "kexec_load": (246, 104),
    "keyctl": (250, 219), "landlock_create_ruleset": (444, 444), "listmount": (458, 458), "memfd_create": (319, 279), "mount": (165, 40), "move_mount": (429, 429), "mq_open": (240, 180), "msync": (26, 227), "msgget": (68, 186),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428), "open_tree_attr": (467, 467), "perf_event_open": (298, 241), "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434), "pivot_root": (155, 41), "prctl": (157, 167), "prlimit64": (302, 261), "process_madvise": (440, 440),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60), "reboot": (169, 142),
    "request_key": (249, 218), "sched_getscheduler": (145, 120), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "seccomp": (317, 277), "semget": (64, 190),
    "setdomainname": (171, 162), "sethostname": (170, 161), "setns": (308, 268), "setpriority": (141, 140), "settimeofday": (164, 170),
    "shmat": (30, 196), "shmctl": (31, 195), "shmget": (29, 194), "splice": (275, 76), "swapon": (167, 224), "sync": (162, 81), "syslog": (103, 116), "umount2": (166, 39), "unshare": (272, 97), "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
}  # fmt: skip
# not CDLL, which lets other threads run meanwhile: a clone would wait for ever for the lock that one of them held
_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def call(name: str, *arguments: object) -> int:
    """Return what a system call returns; raises OSError where it is refused."""
    number = _NUMBERS[name][platform.machine() == "aarch64"]
    result: int = _libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result
