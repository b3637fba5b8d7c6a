"""Seeded inputs: the same on every machine, device-free."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

import torch

_T = TypeVar("_T")


class Draw:
    """Draws a question's inputs from a generator seeded with the question's name; tensors lie on the CPU.

    `random` is a seeded `random.Random` for what is no tensor.
    """

    def __init__(self, seed: str) -> None:
        digest = hashlib.sha256(seed.encode()).digest()
        number = int.from_bytes(digest[:7], "big")
        self._generator = torch.Generator().manual_seed(number)
        self.random = random.Random(number)  # noqa: S311 - inputs, no secrets

    def normal(self, *shape: int, scale: float = 0.7, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        """Return normal numbers; the scale keeps tanh and sigmoid away from saturation, where mistakes hide."""
        return (torch.randn(shape, generator=self._generator, dtype=torch.float64) * scale).to(dtype)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        """Return numbers uniform in [low, high)."""
        return (torch.rand(shape, generator=self._generator, dtype=torch.float64) * (high - low) + low).to(dtype)

    def integers(self, *shape: int, low: int = 0, high: int, dtype: torch.dtype = torch.int64) -> torch.Tensor:
        """Return integers in [low, high)."""
        return torch.randint(low, high, shape, generator=self._generator).to(dtype)

    def distribution(self, *shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        """Return positive numbers whose last axis sums to 1."""
        return torch.softmax(self.normal(*shape, scale=1.0), dim=-1).to(dtype)

    def choice(self, options: Sequence[_T]) -> _T:
        """Return one of the options."""
        return self.random.choice(options)

    def text(self, length: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz ") -> str:
        """Return `length` characters of the alphabet."""
        return "".join(self.random.choice(alphabet) for _ in range(length))
