import os
import select
import subprocess
import sys

WAITS = "import time\nfrom grader.execution.sandbox.trial import end_with_caller\nend_with_caller()\nprint('waiting', flush=True)\ntime.sleep(600)"
CALLS = f"""
import subprocess, sys, time
trial = subprocess.Popen([sys.executable, "-c", {WAITS!r}], stdout=subprocess.PIPE)
trial.stdout.readline()
print(trial.pid, flush=True)
time.sleep(600)
"""


def test_a_trial_ends_with_the_process_that_started_it_even_when_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", CALLS], stdout=subprocess.PIPE, text=True) as caller:  # noqa: S603 - the test's own program
        assert caller.stdout is not None
        trial = os.pidfd_open(int(caller.stdout.readline()))

        caller.kill()
        ended, _, _ = select.select([trial], [], [], 20.0)

    os.close(trial)
    assert ended
