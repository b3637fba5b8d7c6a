"""The sandbox with something missing, to see that an attack works where what stops it is not there.

Whatever is missing, the zygote stays inside bubblewrap: attacks that succeed would otherwise do to this machine what they try.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.execution.sandbox.tiers import NAMESPACES
from grader.execution.zygote_process import ZygoteProcess

_START = """
import dataclasses
from grader.execution.sandbox import tiers
tier = tiers.TIERS["namespaces"]
if {bare!r}:
    tier = dataclasses.replace(tiers.NONE, name=tier.name, outer=True)
kept = {{name: tuple(layer for layer in getattr(tier, name) if layer.__name__ not in {without!r}) for name in ("enter", "prepare", "confine", "seal", "lock")}}
tiers.TIERS["namespaces"] = dataclasses.replace(tier, **kept)
{begins}
from grader.execution.zygote import main
main()
"""


@dataclass(frozen=True, kw_only=True)
class Weakening:
    """What is wrong with a sandbox.

    `without` names layers that it lacks; `bare` lacks all of them and has bubblewrap alone; `exposes` are arguments of bubblewrap; `begins` is code
    that the warm process runs first.
    """

    without: tuple[str, ...] = ()
    bare: bool = False
    exposes: Sequence[str] = ()
    begins: str = ""


class WeakenedZygote(ZygoteProcess):
    """A warm process with a weakness."""

    def __init__(self, weakening: Weakening) -> None:
        super().__init__(NAMESPACES)
        self.weakening = weakening

    def command(self) -> list[str]:
        """Return the usual command, with other arguments for bubblewrap and another last one."""
        *usual, _, module = super().command()
        assert module == "grader.execution.zygote"
        sealed = usual.index("--remount-ro")
        start = _START.format(without=self.weakening.without, bare=self.weakening.bare, begins=self.weakening.begins)
        return [*usual[:sealed], *self.weakening.exposes, *usual[sealed:], "-c", start]
