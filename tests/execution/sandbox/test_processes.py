import os
import socket
import subprocess
import sys

from grader.execution.sandbox.processes import sockets_beside, usage_below

ENDS_ITS_CHILDREN_WHILE_THREADS_COME_AND_GO = """
import os, subprocess, threading, time
from grader.execution.sandbox.processes import adopt_orphans, end_descendants

def come_and_go():
    while True:
        one = threading.Thread(target=time.sleep, args=(0,))
        one.start()
        one.join()

adopt_orphans(None)
for _ in range(4):
    threading.Thread(target=come_and_go, daemon=True).start()
for _ in range(50):
    child = subprocess.Popen(["/bin/sh", "-c", "sleep 600 & sleep 600"], start_new_session=True)
    end_descendants(None)
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        continue
    os._exit(1)
os._exit(0)
"""


def test_threads_that_end_meanwhile_hide_no_child() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS_ITS_CHILDREN_WHILE_THREADS_COME_AND_GO], check=False, timeout=60)  # noqa: S603 - the test's own program

    assert done.returncode == 0


def test_sockets_that_were_there_before_count_for_no_student() -> None:
    others = [socket.socketpair() for _ in range(200)]
    before = sockets_beside(os.getpid())

    counted = usage_below(os.getpid(), enough=2**60, sockets_before=0).memory_bytes
    beside = usage_below(os.getpid(), enough=2**60, sockets_before=before).memory_bytes

    for end in (end for pair in others for end in pair):
        end.close()
    assert counted - beside > 300 * 2 * 212_992
