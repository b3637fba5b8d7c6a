"""What one kernel may use."""

from pydantic import BaseModel, ConfigDict


class KernelLimits(BaseModel):
    """Limits of one kernel with all its processes; sizes in bytes, counts in pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_bytes: int = 2 * 1024**3
    processes: int = 64
    open_files: int = 256
    scratch_bytes: int = 256 * 1024**2
    scratch_files: int = 10_000
    cpu_seconds: int = 300
