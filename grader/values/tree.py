"""The value tree: what a live object is reduced to before it leaves its process."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch


@dataclass(frozen=True, kw_only=True, eq=False)
class TensorLeaf:
    """A tensor, a numpy array or a numpy scalar, as data on the CPU.

    `data` is detached, contiguous and shares no memory with the live object; on the meta device it has a shape and no data.
    `device` is the kind of device it came from: "cpu", "cuda", "meta".
    """

    data: torch.Tensor
    kind: Literal["tensor", "array", "scalar"] = "tensor"
    device: str = "cpu"
    requires_grad: bool = False


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """Something that is no value: only the name of its type crosses."""

    type_name: str


Value: TypeAlias = "bool | int | float | str | list[Value] | tuple[Value, ...] | dict[str | int | float | bool | None, Value] | TensorLeaf | Foreign | None"
