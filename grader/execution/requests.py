"""What a zygote is told, and what it is asked for."""

from pydantic import BaseModel, ConfigDict


class ZygoteSettings(BaseModel):
    """What a zygote is told once: the folder of its sockets, as it sees it, the tier of its sandbox, and the device nodes of its GPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sockets: str
    tier: str
    devices: tuple[str, ...] = ()


class KernelRequest(BaseModel):
    """What a kernel is made with: its name in the sockets folder, the key of its messages, and its limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    key: str
    memory_bytes: int
    processes: int
    open_files: int
    scratch_bytes: int
    scratch_files: int
    cpu_seconds: int
    gpu_memory_bytes: int
