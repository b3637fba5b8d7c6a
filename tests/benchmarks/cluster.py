"""Compare a cluster of local workers with as many local slots: `python -m tests.benchmarks.cluster`, a few minutes.

A scheduler and two workers of one thread each, every one a process of its own, stay up while the same class is graded by `grader run --slots 2` and by
`grader run --slots 1 --cluster` in turn. Whole commands are timed, and compared less what one submission takes in the same way, which is nearly all
start. The ratio is the cluster's time over that of the slots, the median over the rounds, and goes with all times into a JSON file.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.course import write_course
from tests.scheduling.dask import scheduler, worker


@dataclass(frozen=True, kw_only=True)
class Round:
    """Seconds for one submission and for the class, in slots and on the cluster."""

    slots_one: float
    cluster_one: float
    slots: float
    cluster: float

    @property
    def ratio(self) -> float:
        """How many times as long the cluster takes for all submissions but one."""
        return (self.cluster - self.cluster_one) / (self.slots - self.slots_one)


def main() -> None:
    """Make the class, start the cluster, run the rounds, print and keep what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=60, help="size of the class")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2, help="workers of one thread, and slots")
    parser.add_argument("--json", type=Path, default=Path("cluster.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        _write_class(folder, options.students)
        address, _ = stack.enter_context(scheduler(folder))
        for _ in range(options.workers):
            stack.enter_context(worker(address, folder))
        local, remote = ["--slots", str(options.workers)], ["--slots", "1", "--cluster", address]
        _grade(folder, "one", local)
        _grade(folder, "one", remote)  # from here on workers and bundle are warm
        rounds = []
        for number in range(options.rounds):
            rounds.append(
                Round(
                    slots_one=_grade(folder, "one", local),
                    cluster_one=_grade(folder, "one", remote),
                    slots=_grade(folder, "class", local),
                    cluster=_grade(folder, "class", remote),
                )
            )
            print(f"round {number + 1}: slots {rounds[-1].slots:.2f} s, cluster {rounds[-1].cluster:.2f} s, ratio {rounds[-1].ratio:.3f}", flush=True)
    ratio = statistics.median(one.ratio for one in rounds)
    print(f"{options.students} submissions: the cluster of {options.workers} takes {ratio:.3f} times as long as {options.workers} slots")
    about = {"cores": os.cpu_count(), "load": os.getloadavg(), "students": options.students, "workers": options.workers, "ratio": ratio}
    options.json.write_text(json.dumps({"about": about, "rounds": [asdict(one) for one in rounds]}, indent=1))


def _write_class(folder: Path, students: int) -> None:
    """Make up a class, and one of its first student only; nobody hangs or crashes, which would cost more than all others."""
    write_course(folder)
    _grader(folder, "demo", "--students", str(students + students // 10 + 10), "--out", "everybody")
    truth = json.loads((folder / "everybody" / "truth.json").read_text())
    kept = [one["path"] for one in truth if one["kind"] not in {"hang", "crash"}][:students]
    for name, paths in {"class": kept, "one": kept[:1]}.items():
        for path in paths:
            (folder / name / path).parent.mkdir(parents=True)
            shutil.copy(folder / "everybody" / path, folder / name / path)


def _grade(folder: Path, submissions: str, options: list[str]) -> float:
    """Return the seconds that one run takes."""
    started = time.perf_counter()
    _grader(folder, "run", submissions, "--force", "--out", "reports", *options)
    return time.perf_counter() - started


def _grader(folder: Path, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "grader", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"grader {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")


if __name__ == "__main__":
    main()
