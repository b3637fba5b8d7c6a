"""What a comparison finds."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["type", "structure", "shape", "dtype", "device", "gradient", "finiteness", "value"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How one part of an answer differs. `path` leads to it, such as "[0]['W_xh']"; "" is the whole answer.

    `first_index`, `differing` and `total` are about the elements of a tensor (or the characters of a string, `first_index` alone);
    `largest_error` is absolute.
    """

    kind: Kind
    message: str
    path: str = ""
    first_index: tuple[int, ...] | None = None
    largest_error: float | None = None
    differing: int | None = None
    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The difference that says most, None where there is none, and sentences about what was accepted by allowance."""

    difference: Difference | None
    notes: tuple[str, ...] = ()
