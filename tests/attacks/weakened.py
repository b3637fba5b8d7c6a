"""The sandbox with a layer taken out, to see that the attack works where the layer is missing."""

from collections.abc import Sequence

from grader.execution.sandbox.tiers import NAMESPACES, Tier
from grader.execution.zygote_process import ZygoteProcess

_START = """
import dataclasses
from grader.execution.sandbox import tiers
tier = tiers.TIERS[{name!r}]
kept = {{name: tuple(layer for layer in getattr(tier, name) if layer.__name__ not in {without!r}) for name in ("enter", "prepare", "confine", "seal", "lock")}}
tiers.TIERS[{name!r}] = dataclasses.replace(tier, **kept)
from grader.execution.zygote import main
main()
"""


class WeakenedZygote(ZygoteProcess):
    """A warm process whose tier lacks the layers of these names."""

    def __init__(self, without: Sequence[str], tier: Tier = NAMESPACES) -> None:
        super().__init__(tier)
        self.without = tuple(without)

    def command(self) -> list[str]:
        """Return the usual command, with another last argument."""
        *usual, _, module = super().command()
        assert module == "grader.execution.zygote"
        return [*usual, "-c", _START.format(name=self.tier.name, without=self.without)]
