"""A GPU that is not there, for what can be seen without one."""

from grader.execution.devices import GIB, Gpu


def pretended_gpu(index: int = 0, *, free_gib: float = 80.0, nodes: tuple[str, ...] = ()) -> Gpu:
    """Return a GPU that the sandbox and the slots take for one; CUDA would not."""
    return Gpu(
        index=index,
        name="Pretended",
        visible=f"GPU-{index}",
        total_bytes=80 * GIB,
        free_bytes=int(free_gib * GIB),
        driver="570.1",
        cuda="12.8",
        nodes=nodes,
    )
