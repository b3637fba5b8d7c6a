"""What a running kernel adds to memory: `python -m tests.benchmarks.memory`.

Starts kernels one after the other beside one warm process; each runs an ordinary notebook's imports, a small network and its gradient. Printed is by how
much the proportional set size (PSS, which counts a page that several processes share in parts) of all processes together grows with each kernel.
Linux only, and best as root: another user's pages may not be looked at otherwise.
"""

import argparse
import asyncio
import itertools
import os
from contextlib import AsyncExitStack
from pathlib import Path

from grader.execution.sandbox.choose import choose_tier
from grader.execution.sandbox.processes import descendants
from tests.execution.lab import Lab, cells

WORK = (
    "import math\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\nfrom grader import check",
    "net = nn.GRU(28, 64)\nout, _ = net(torch.randn(16, 4, 28))\nout.sum().backward()",
)


def main() -> None:
    """Start the kernels and print what each added."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernels", type=int, default=4)
    count = parser.parse_args().kernels
    with Lab(choose_tier("auto")) as lab:
        sizes = lab.do(_sizes(lab, count))
    added = [later - earlier for earlier, later in itertools.pairwise(sizes)]
    print(f"the warm process and nothing else: {sizes[0]:.0f} MB; each kernel adds " + ", ".join(f"{one:.0f}" for one in added) + " MB")


async def _sizes(lab: Lab, count: int) -> list[float]:
    """Return the megabytes of all processes below this one, with no kernel, one, two and so on."""
    sizes = [_megabytes()]
    async with AsyncExitStack() as stack:
        for _ in range(count):
            session = await stack.enter_async_context(lab.session())
            runs = await session.run(cells(*WORK))
            assert [run.status for run in runs] == ["ok"] * len(WORK)
            sizes.append(await asyncio.to_thread(_megabytes))
    return sizes


def _megabytes() -> float:
    return sum(_kilobytes(process) for process in descendants(os.getpid())) / 1000


def _kilobytes(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
