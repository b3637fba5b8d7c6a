"""What one kernel may use."""

from pydantic import BaseModel, ConfigDict

CPU_USED_UP = "your code used more processor time than it may"
GPU_MEMORY_USED_UP = "your code used more GPU memory than its share"


def memory_used_up(memory_bytes: int) -> str:
    """Return the sentence about the limit of memory."""
    return f"your code used more than {memory_bytes / 1024**3:.3g} GiB of memory"


class KernelLimits(BaseModel):
    """Limits of one kernel with all its processes; sizes in bytes, counts in pieces. `gpu_memory_bytes` is its share of a GPU, 0 where it has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_bytes: int = 2 * 1024**3
    processes: int = 64
    open_files: int = 256
    scratch_bytes: int = 256 * 1024**2
    scratch_files: int = 10_000
    cpu_seconds: int = 300
    gpu_memory_bytes: int = 0


def explain_refusal(message: str, limits: KernelLimits) -> str:
    """Return an exception's message with the limit that is behind it, where the system says no more than an error number."""
    return next((f"{message} ({said})" for sign, said in _refusals(limits).items() if sign in message), message)


def _refusals(limits: KernelLimits) -> dict[str, str]:
    processes = f"your code may run {limits.processes} processes and threads at a time"
    elsewhere = "make new tensors where the inputs lie: device=X.device"
    return {
        **({"out of memory": f"{GPU_MEMORY_USED_UP} of {limits.gpu_memory_bytes / 1024**3:.3g} GiB"} if limits.gpu_memory_bytes else {}),
        "Expected all tensors to be on the same device": elsewhere,
        "is not on the expected device": elsewhere,
        "are not at the same device": elsewhere,
        "device type for generator but found": elsewhere,
        "[Errno 11] ": processes,
        "can't start new thread": processes,
        "[Errno 24] ": f"your code may have {limits.open_files} files open at a time",
        "[Errno 27] ": f"your code may write {limits.scratch_bytes / 1024**2:g} MiB",
        "[Errno 28] ": f"your code may write {limits.scratch_bytes / 1024**2:g} MiB in {limits.scratch_files} files",
    }
