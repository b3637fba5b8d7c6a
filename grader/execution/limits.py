"""What one kernel may use."""

from pydantic import BaseModel, ConfigDict

CPU_USED_UP = "your code used more processor time than it may"


class KernelLimits(BaseModel):
    """Limits of one kernel with all its processes; sizes in bytes, counts in pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_bytes: int = 2 * 1024**3
    processes: int = 64
    open_files: int = 256
    scratch_bytes: int = 256 * 1024**2
    scratch_files: int = 10_000
    cpu_seconds: int = 300


def explain_refusal(message: str, limits: KernelLimits) -> str:
    """Return an exception's message with the limit that is behind it, where the system says no more than an error number."""
    return next((f"{message} ({said})" for sign, said in _refusals(limits).items() if sign in message), message)


def _refusals(limits: KernelLimits) -> dict[str, str]:
    processes = f"your code may run {limits.processes} processes and threads at a time"
    return {
        "[Errno 11] ": processes,
        "can't start new thread": processes,
        "[Errno 24] ": f"your code may have {limits.open_files} files open at a time",
        "[Errno 27] ": f"your code may write {limits.scratch_bytes / 1024**2:g} MiB",
        "[Errno 28] ": f"your code may write {limits.scratch_bytes / 1024**2:g} MiB in {limits.scratch_files} files",
    }
