"""What a default Docker container is to a sandbox: root with few capabilities, no new namespaces, no mounts."""

import subprocess
import sys
from pathlib import Path

from grader.execution.sandbox.outer import bubblewrap_path, python_folders

_CAPABILITIES = "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,audit_write,setfcap"
_NO_NAMESPACES = """
import os, sys
from grader.execution.sandbox import seccomp
landlock = {{"landlock_create_ruleset": (444, 444)}}
refused = ("mount", "umount2", "unshare", "setns", "pivot_root", "move_mount", "open_tree", "fsopen", "fsmount", "keyctl", "bpf", "ptrace", "perf_event_open")
seccomp._REFUSED = {{name: seccomp._REFUSED[name] for name in refused}} | {landlock}
seccomp._LIMIT_OF_CORES = 99  # a container lets its root set it
seccomp._EPOLL, seccomp._WATCH = (), 99  # and has epoll
seccomp._install((1, 2, 10, 16))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


_SHARED = ("/tmp", "/dev/shm")  # noqa: S108 - the container's own
# a container's root may not write settings of the machine either: Docker, too, lays /proc/sys read-only over its own
_APART = (
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--tmpfs", "/run"),
    *(word for folder in _SHARED for word in ("--perms", "1777", "--tmpfs", folder)),
    *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"),
)


def in_a_container(*arguments: str, root: bool = True, landlock: bool = True, apart: bool = False, seconds: float = 100.0) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments where no namespaces can be made; as an ordinary user when it is not to be `root`, on a kernel with Landlock or without.

    `apart` gives it a read-only file system, processes and a network of its own, as containers have: attacks may succeed in there.
    """
    package = Path(__file__).resolve().parents[2]
    folders = sorted({*python_folders(), package})
    command = [bubblewrap_path() or "bwrap", *(_APART if apart else ("--dev-bind", "/", "/"))]
    closed = {parent for folder in folders for parent in list(folder.parents)[:-1] if not parent.stat().st_mode & 1}
    for hidden in sorted(closed):
        command += ["--tmpfs", str(hidden), "--chmod", "0755", str(hidden)]
    for folder in folders:
        covered = [parent for parent in reversed(folder.parents) if any(map(parent.is_relative_to, {*closed, *map(Path, _SHARED)} if apart else closed))]
        # folders that bubblewrap makes by itself can be entered by nobody else
        command += [word for parent in covered for word in ("--dir", str(parent))]
        command += ["--ro-bind", str(folder), str(folder)] if covered else []
    user = [] if root else ["--reuid=61998", "--regid=61998", "--clear-groups"]
    kept = "".join(f",+{name}" for name in _CAPABILITIES.split(",")) if root else ""
    command += ["--", "setpriv", *user, f"--bounding-set=-all{kept}", "--inh-caps=-all", "--"]
    command += [sys.executable, "-c", _NO_NAMESPACES.format(landlock={} if landlock else "landlock"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, cwd=package)  # noqa: S603 - the test's own command
