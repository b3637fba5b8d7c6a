"""A filter over system calls: what no notebook needs and what escapes have needed is refused.

The filter is a classic BPF program over `struct seccomp_data` (see seccomp(2)): number at offset 0, architecture at 4, arguments from 16,
eight bytes each, low half first.
"""

import ctypes
import errno
import platform
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from grader.execution.sandbox.confinement import Confinement
from grader.execution.sandbox.syscalls import PR_SET_NO_NEW_PRIVS, checked, libc, prctl

_LOAD, _AND, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _THIRD, _FOURTH, _HIGH_HALF = 0, 4, 16, 24, 32, 40, 4
_X32 = 0x40000000
_NOT_ONE_S_OWN = 0x7E028080  # all CLONE_NEW* flags, and CLONE_PARENT, by which the keeper has children without end to bury
_THREAD, _SAME_FILES = 0x10000, 0x400  # CLONE_THREAD, CLONE_FILES
_FILES_OF_ITS_OWN = 2  # CLOSE_RANGE_UNSHARE
_TERMINAL_TRICKS = (0x5412, 0x541C, 0x5423)  # TIOCSTI and TIOCLINUX type into a terminal, TIOCSETD loads modules
_BRIDGES_AND_VLANS = (0x8940, 0x8941, 0x8982, 0x8983, 0x89A0, 0x89A1)  # whoever asks any socket for one has its module loaded
_OF_ITS_OWN_PROCESS = (22, 62)  # PR_SET_SECCOMP, PR_SCHED_CORE
_FIRST_NEW_OF_ITS_OWN_PROCESS = 65  # what prctl got after 6.2
_CONTROL_KIND, _KIND_TERMINALS_AND_PIPES = 0xFFFFFF00, 0x5400
_SOCKET_KIND = 0xF  # without SOCK_CLOEXEC and SOCK_NONBLOCK
_RARE_KINDS = 3  # from here on: neither streams nor datagrams
_PROTOCOLS = (0, socket.IPPROTO_TCP, socket.IPPROTO_UDP)
_SHARED_AND_ANONYMOUS, _HUGE_PAGES = 0x21, 0x40000  # of mmap
_LIMIT_OF_CORES = 4
_LOCKS_OF_BYTES = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
_SIZE_OF_PIPES = 1031
_WATCH = 1  # EPOLL_CTL_ADD
_BUFFER_SIZES, _FILTERS_AND_PINS = (socket.SO_SNDBUF, socket.SO_RCVBUF), (26, 50, 51, 52, 60)  # the last is SO_ZEROCOPY
_FIRST_NEW = 457  # what Linux got after 6.7
_SET_MODE_FILTER, _TSYNC = 1, 1

# name: (x86_64, aarch64); None where the architecture has no such call
_REFUSED: Mapping[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "kcmp": (312, 272), "process_madvise": (440, 440), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_setup": (206, 0), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "swapon": (167, 224), "swapoff": (168, 225),
    "reboot": (169, 142), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
    "vhangup": (153, 58), "lookup_dcookie": (212, 18), "personality": (135, 92), "shmget": (29, 194), "semget": (64, 190),
    "msgget": (68, 186), "shmat": (30, 196), "shmctl": (31, 195), "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "mq_unlink": (241, 181), "mq_open": (240, 180),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "fanotify_init": (300, 262),
    "memfd_secret": (447, 447), "memfd_create": (319, 279), "inotify_init": (253, None), "inotify_init1": (294, 26),
    "process_mrelease": (448, 448), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274), "ustat": (136, None), "sysfs": (139, None), "uselib": (134, None),
    "nfsservctl": (180, 42), "vmsplice": (278, 75), "splice": (275, 76), "tee": (276, 77),
    "sendfile": (40, 71), "sync": (162, 81), "syncfs": (306, 267), "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446),
}  # fmt: skip
# what the owner of a file may do to it, which Landlock leaves alone; sockets that are sent to others' addresses; files that are kept on their way
_REFUSED_TO_OWNERS: Mapping[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55),
    "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "connect": (42, 203), "sendmsg": (46, 211), "sendmmsg": (307, 269),
}  # fmt: skip
_CLONE3, _SCHEDULER, _CLONE, _SOCKET, _SOCKETPAIR, _IOCTL, _PRLIMIT, _SETAFFINITY, _SETRLIMIT, _MMAP, _FCNTL, _SETSOCKOPT, _PRCTL, _CLOSE_RANGE = (
    (435, 435),
    (144, 119),
    (56, 220),
    (41, 198),
    (53, 199),
    (16, 29),
    (302, 261),
    (203, 122),
    (160, 164),
    (9, 222),
    (72, 25),
    (54, 208),
    (157, 167),
    (436, 436),
)
_FLUSHES = ((74, 82), (75, 83), (26, 227))  # fsync, fdatasync, msync
_ATTRIBUTES = ((188, 5), (189, 6), (190, 7))  # setxattr, lsetxattr, fsetxattr
_EPOLL, _EPOLL_CTL = ((213, None), (291, 20)), (233, 21)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_Instruction = tuple[int, int, int, int]
_ALLOWED: _Instruction = (_RETURN, 0, 0, _ALLOW)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filter_system_calls(place: Confinement) -> None:
    """Install the filter on every thread of this process; raises OSError where the architecture or kernel cannot."""
    _install((socket.AF_UNIX, socket.AF_INET, socket.AF_INET6), _allow_to_gpus(place))


def filter_system_calls_and_network(place: Confinement) -> None:
    """Install the filter, without any network: for tiers whose processes share the host's; raises OSError as above."""
    _install((socket.AF_UNIX,), _allow_to_gpus(place))


def filter_system_calls_of_owners(_: Confinement) -> None:
    """Install the filter for a student who is the grader's own user; raises OSError as above.

    Refused as well is what changes the attributes of a file that Landlock lets them read, and every socket but pairs that can be connected to nothing else.
    """
    _install((), _refuse_to_owners)


def _install(families: Sequence[int], first: Callable[[int], list[_Instruction]] = lambda _: []) -> None:
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call table for {machine}")
    column, architecture = _ARCHITECTURES[machine]
    instructions = _program(column, architecture, families, first(column))
    packed = b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)
    memory = ctypes.create_string_buffer(packed, len(packed))
    program = _Program(len(instructions), ctypes.addressof(memory))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    number = 317 if machine == "x86_64" else 277
    checked(libc.syscall(ctypes.c_long(number), ctypes.c_ulong(_SET_MODE_FILTER), ctypes.c_ulong(_TSYNC), ctypes.byref(program)), "seccomp")


def _program(column: int, architecture: int, families: Sequence[int], first: Sequence[_Instruction]) -> list[_Instruction]:
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL_PROCESS), (_LOAD, 0, 0, _NUMBER)]
    if column == 0:
        program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL_PROCESS)]
    program += [*first, *_all_refused(_REFUSED, column)]
    # as on an older kernel, for which libraries are made too: nobody has looked at these
    program += [(_AT_LEAST, 0, 1, _FIRST_NEW), _refuse(errno.ENOSYS)]
    # glibc falls back to clone, whose flags can be read here
    program += _when(_CLONE3[column], [_refuse(errno.ENOSYS)])
    # ZeroMQ sets the scheduling of its threads and aborts when it may not: it is told that all went well, and nothing happens
    program += _when(_SCHEDULER[column], [_refuse(0)])
    program += _when(_CLONE[column], _clones())
    program += _when(_CLOSE_RANGE[column], [(_LOAD, 0, 0, _THIRD), (_ANY_BIT, 0, 1, _FILES_OF_ITS_OWN), _refuse(errno.EPERM), _ALLOWED])
    program += _when(_SOCKET[column], _sockets(families))
    program += _when(_SOCKETPAIR[column], _only(families, errno.EAFNOSUPPORT))
    program += _when(_IOCTL[column], _but(_SECOND, (*_TERMINAL_TRICKS, *_BRIDGES_AND_VLANS)))
    # process 0 is the caller itself; no other process is a student's to limit
    program += _when(_SETAFFINITY[column], _only((0,), errno.EPERM))
    program += _when(_PRLIMIT[column], [(_LOAD, 0, 0, _FIRST), (_EQUAL, 1, 0, 0), _refuse(errno.EPERM), *_reads_limit_of_cores()])
    program += _when(_SETRLIMIT[column], _but(_FIRST, (_LIMIT_OF_CORES,)))
    program += _when(_MMAP[column], _counted_memory())
    # a user has so many watches: ZeroMQ has its own by now, and where there is no epoll Python's `selectors` take poll
    program += [instruction for number in _EPOLL for instruction in _when(number[column], [_refuse(errno.ENOSYS)]) if number[column] is not None]
    program += _when(_EPOLL_CTL[column], _but(_SECOND, (_WATCH,)))
    # granted without being kept, as a student's files are their own: the system has no limit of them, and each is memory of its own
    program += _when(_FCNTL[column], [*_but(_SECOND, (_SIZE_OF_PIPES,))[:-1], *_but(_SECOND, _LOCKS_OF_BYTES, error=0)])
    options = [*_but(_THIRD, _FILTERS_AND_PINS)[:-1], *_but(_THIRD, _BUFFER_SIZES, error=0)]
    # as where a file system has none, so that files are copied without
    program += [instruction for number in _ATTRIBUTES for instruction in _when(number[column], [_refuse(errno.ENOTSUP)])]
    # nobody needs a student's files after the kernel, and for any file, also one that it may only read, a disk writes all that it holds
    program += [instruction for number in _FLUSHES for instruction in _when(number[column], [_refuse(0)])]
    # what is new in it can be memory without limit that is no process's, as a table for futexes of a gigabyte is
    new = [(_LOAD, 0, 0, _FIRST), (_AT_LEAST, 0, 1, _FIRST_NEW_OF_ITS_OWN_PROCESS), _refuse(errno.EINVAL)]
    program += _when(_PRCTL[column], [*new, *_but(_FIRST, _OF_ITS_OWN_PROCESS)])
    program += _when(_SETSOCKOPT[column], [(_LOAD, 0, 0, _SECOND), (_EQUAL, 1, 0, socket.SOL_SOCKET), _ALLOWED, *options])
    return [*program, _ALLOWED]


def _clones() -> list[_Instruction]:
    """Return what refuses namespaces, and threads with files of their own: who looks at a process sees those of one thread."""
    threads = [(_AND, 0, 0, _THREAD | _SAME_FILES), (_EQUAL, 0, 1, _THREAD), _refuse(errno.EPERM), _ALLOWED]
    return [(_LOAD, 0, 0, _FIRST), (_ANY_BIT, 0, 1, _NOT_ONE_S_OWN), _refuse(errno.EPERM), *threads]


def _sockets(families: Sequence[int]) -> list[_Instruction]:
    """Return what allows families, and of the internet's TCP and UDP alone: for a socket of another protocol the kernel would load its module."""
    internet = [family for family in families if family in (socket.AF_INET, socket.AF_INET6)]
    checked_further = [(_LOAD, 0, 0, _SECOND), (_AND, 0, 0, _SOCKET_KIND), (_AT_LEAST, 0, 1, _RARE_KINDS), _refuse(errno.EPROTONOSUPPORT)]
    checked_further += [(_LOAD, 0, 0, _THIRD), *_any_of(_PROTOCOLS), _refuse(errno.EPROTONOSUPPORT)]
    body = [(_LOAD, 0, 0, _FIRST), *_any_of(family for family in families if family not in internet)]
    body += [(_EQUAL, len(internet) - number, 0, family) for number, family in enumerate(internet)]
    return [*body, _refuse(errno.EAFNOSUPPORT), *checked_further]


def _reads_limit_of_cores() -> list[_Instruction]:
    """Return what lets the limit of core files be read and not be set: at 0 a machine that pipes them to a program would start that."""
    refused = _refuse(errno.EPERM)
    body = [(_LOAD, 0, 0, _SECOND), (_EQUAL, 1, 0, _LIMIT_OF_CORES), _ALLOWED]
    for half in (_THIRD, _THIRD + _HIGH_HALF):
        body += [(_LOAD, 0, 0, half), (_EQUAL, 1, 0, 0), refused]
    return [*body, _ALLOWED]


def _counted_memory() -> list[_Instruction]:
    """Return what refuses memory that is there without being any process's: of shared memory without a file a page that is mapped keeps all the others."""
    shared = [(_LOAD, 0, 0, _FOURTH), (_AND, 0, 0, _SHARED_AND_ANONYMOUS), (_EQUAL, 0, 1, _SHARED_AND_ANONYMOUS), _refuse(errno.EPERM)]
    return [*shared, (_LOAD, 0, 0, _FOURTH), (_ANY_BIT, 0, 1, _HUGE_PAGES), _refuse(errno.EPERM), _ALLOWED]


def _allow_to_gpus(place: Confinement) -> Callable[[int], list[_Instruction]]:
    """Return what goes before the filter: CUDA does not start without memory files and shared memory, which for others are a way around the limit of memory."""
    if not place.devices:
        return lambda _: []
    return lambda column: [*_when(_REFUSED["memfd_create"][column], [_ALLOWED]), *_when(_MMAP[column], [_ALLOWED])]


def _refuse_to_owners(column: int) -> list[_Instruction]:
    # a pair of datagram sockets could be turned to another address; one of streams cannot
    pairs = [(_LOAD, 0, 0, _SECOND), (_AND, 0, 0, _SOCKET_KIND), (_EQUAL, 0, 1, socket.SOCK_STREAM), _ALLOWED, _refuse(errno.EPROTONOSUPPORT)]
    unix_pairs = [(_LOAD, 0, 0, _FIRST), (_EQUAL, 1, 0, socket.AF_UNIX), _refuse(errno.EAFNOSUPPORT), *pairs]
    kind = [(_LOAD, 0, 0, _SECOND), (_AND, 0, 0, _CONTROL_KIND), (_EQUAL, 1, 0, _KIND_TERMINALS_AND_PIPES), _refuse(errno.ENOTTY), (_LOAD, 0, 0, _NUMBER)]
    return [*_all_refused(_REFUSED_TO_OWNERS, column), *_when(_SOCKETPAIR[column], unix_pairs), *_when(_IOCTL[column], kind)]


def _all_refused(calls: Mapping[str, tuple[int | None, int | None]], column: int) -> Iterator[_Instruction]:
    for numbers in calls.values():
        if numbers[column] is not None:
            yield from _when(numbers[column], [_refuse(errno.EPERM)])


def _when(number: int | None, body: list[_Instruction]) -> list[_Instruction]:
    return [(_EQUAL, 0, len(body), number or 0), *body]


def _only(allowed: Iterable[int], error: int) -> list[_Instruction]:
    return [(_LOAD, 0, 0, _FIRST), *_any_of(allowed), _refuse(error)]


def _any_of(allowed: Iterable[int]) -> Iterator[_Instruction]:
    for value in allowed:
        yield from [(_EQUAL, 0, 1, value), _ALLOWED]


def _but(argument: int, refused: Iterable[int], error: int = errno.EPERM) -> list[_Instruction]:
    body: list[_Instruction] = [(_LOAD, 0, 0, argument)]
    for value in refused:
        body += [(_EQUAL, 0, 1, value), _refuse(error)]
    return [*body, _ALLOWED]


def _refuse(error: int) -> _Instruction:
    return (_RETURN, 0, 0, 0x00050000 | error)
