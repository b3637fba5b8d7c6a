"""How large a value may be."""

from dataclasses import dataclass

INT_BITS = 4096
DIMENSIONS = 64


@dataclass(frozen=True, kw_only=True)
class Caps:
    """Limits of one value: bytes of its JSON tree and of its tensors, number of tensors, nesting, and number of parts."""

    tree_bytes: int = 8 * 1024**2
    tensor_bytes: int = 64 * 1024**2
    leaves: int = 10_000
    depth: int = 32
    nodes: int = 100_000
