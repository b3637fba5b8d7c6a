"""Cells that behave until the kernel is lost, and turn bad when they are replayed."""

import time

import pytest

from grader.execution.answers import Answer, Probe, Returned
from tests.execution.lab import Lab, cells

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

REPLAYED = """
import os, time
ticks = int(open('/proc/self/stat').read().rsplit(')')[1].split()[19])
age = float(open('/proc/uptime').read().split()[0]) - ticks / os.sysconf('SC_CLK_TCK')
replayed = time.time() - age > {since}
"""


@pytest.mark.parametrize("turns", ["time.sleep(60)", "os._exit(1)"], ids=["hangs", "ends"])
def test_a_cell_that_turns_bad_when_it_is_replayed_costs_only_itself(turns: str, lab: Lab) -> None:
    async def work() -> Answer:
        async with lab.session(cell=2.0) as session:
            cell = REPLAYED.format(since=time.time()) + f"if replayed: {turns}"
            await session.run(cells("import os\ndef ends(): os._exit(1)", *[f"x = {number}\n{cell}" for number in range(3)], "def f(): return 1"))
            await session.probe(Probe(entry="ends"), timeout_seconds=3.0)
            return await session.probe(Probe(entry="f"), timeout_seconds=3.0)

    answer = lab.do(work())
    assert isinstance(answer, Returned), answer
