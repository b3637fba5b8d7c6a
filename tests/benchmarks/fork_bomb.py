"""Print how long a fork bomb outlives its time: `python -m tests.benchmarks.fork_bomb --rounds 5`.

In each round a cell forks as often as it may, deaf to interrupts. The seconds count from the limit of the cell to the end of the last of its processes;
two of them are the grace that every interrupted cell gets.
"""

import argparse
import asyncio
import os
import select
import statistics
import time

from grader.execution.sandbox.choose import choose_tier
from grader.execution.sandbox.processes import descendants
from tests.execution.lab import Lab, cells

_CELL_SECONDS = 2.0
_BOMB = """
import os, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try: os.fork()
    except OSError: pass
"""


def main() -> None:
    """Run the rounds and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="fork bombs, one after the other")
    parser.add_argument("--sandbox", default="auto", help="the tier: auto, or a name")
    options = parser.parse_args()
    tier = choose_tier(options.sandbox)
    with Lab(tier) as lab:
        rounds = [lab.do(_round(lab)) for _ in range(options.rounds)]
    for processes, seconds in rounds:
        print(f"{processes} processes were gone {seconds:.2f} s after the limit")
    print(f"tier {tier.name}: median {statistics.median(seconds for _, seconds in rounds):.2f} s")


async def _round(lab: Lab) -> tuple[int, float]:
    """Return how many processes a bomb had, and how long after its limit the last of them was gone."""
    before = set(descendants(os.getpid()))
    async with lab.session(cell=_CELL_SECONDS) as session:
        limit = time.monotonic() + _CELL_SECONDS
        bomb = asyncio.create_task(session.run(cells(_BOMB)))
        await asyncio.sleep(_CELL_SECONDS / 2)
        handles = [os.pidfd_open(process) for process in set(descendants(os.getpid())) - before]
        await bomb
        for handle in handles:
            select.select([handle], [], [])
            os.close(handle)
        return len(handles), time.monotonic() - limit


if __name__ == "__main__":
    main()
