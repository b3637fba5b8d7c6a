"""A sandbox with something missing, to see that an attack works where what stops it is not there.

Whatever is missing, the zygote stays inside bubblewrap, its own or a simulated container's: attacks that succeed would otherwise do to this
machine what they try.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from grader.execution.sandbox.tiers import Tier
from grader.execution.zygote_process import ZygoteProcess

_START = """
import dataclasses
from pathlib import Path
from grader.execution import zygote
from grader.execution.sandbox import tiers
serve = zygote._serve
def serve_weakened(connection, settings, tier):
    lacks = Path(settings.sockets, "lacks").read_text().split()
    phases = ("enter", "prepare", "confine", "seal", "lock", "watch", "clean_up")
    kept = {{phase: tuple(layer for layer in getattr(tier, phase) if layer.__name__ not in lacks) for phase in phases}}
    serve(connection, settings, dataclasses.replace(tier, **kept))
zygote._serve = serve_weakened
if {bare!r}:
    tiers.TIERS[{tier!r}] = dataclasses.replace(tiers.NONE, name={tier!r}, outer={outer!r})
{begins}
zygote.main()
"""


@dataclass(frozen=True, kw_only=True)
class Weakening:
    """What is wrong with a sandbox.

    `without` names layers that it lacks; `bare` lacks all of them; `exposes` are arguments of its bubblewrap; `begins` is code that the warm
    process runs first.
    """

    without: tuple[str, ...] = ()
    bare: bool = False
    exposes: Sequence[str] = ()
    begins: str = ""


class WeakenedZygote(ZygoteProcess):
    """A warm process with a weakness; which layers its kernels lack can be changed from kernel to kernel."""

    def __init__(self, tier: Tier, weakening: Weakening) -> None:
        super().__init__(tier)
        self.weakening = weakening

    async def __aenter__(self) -> Self:
        """Start the process and wait until it is warm."""
        await super().__aenter__()
        self.lack(self.weakening)
        return self

    def lack(self, weakening: Weakening) -> None:
        """Let the kernels from now on lack other layers."""
        lacks = self.sockets / "lacks"
        lacks.write_text(" ".join(weakening.without))
        lacks.chmod(0o644)

    def command(self) -> list[str]:
        """Return the usual command, with other arguments for bubblewrap and another last one."""
        *usual, _, module = super().command()
        assert module == "grader.execution.zygote"
        if self.tier.outer:
            sealed = usual.index("--remount-ro")
            usual[sealed:sealed] = self.weakening.exposes
        start = _START.format(bare=self.weakening.bare, tier=self.tier.name, outer=self.tier.outer, begins=self.weakening.begins)
        return [*usual, "-c", start]
