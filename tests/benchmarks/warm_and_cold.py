"""Time `grader run` on copies of one notebook, warm and cold in turn: `python -m tests.benchmarks.warm_and_cold`.

Prints seconds a submission for both and their ratio for each round, and the medians. Whole processes are timed, start included.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path("tests/submissions/ada/02-rnn.ipynb")


def main() -> None:
    """Run the rounds and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=30, help="submissions a run")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs")
    parser.add_argument("--sample", type=Path, default=SAMPLE, help="the notebook to copy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        submissions = Path(folder) / "submissions"
        for number in range(options.copies):
            (submissions / f"student{number:03}").mkdir(parents=True)
            shutil.copy(options.sample, submissions / f"student{number:03}" / options.sample.name)
        _grade(submissions, Path(folder) / "warm-up")
        pairs = []
        for number in range(options.rounds):
            warm = _grade(submissions, Path(folder) / f"warm{number}")
            cold = _grade(submissions, Path(folder) / f"cold{number}", "--cold")
            pairs.append((warm / options.copies, cold / options.copies))
            print(f"warm {pairs[-1][0]:.3f} s, cold {pairs[-1][1]:.3f} s a submission: {cold / warm:.1f} times", flush=True)
    warm, cold = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(slow / fast for fast, slow in pairs)
    print(f"median: warm {warm:.3f} s, cold {cold:.3f} s a submission: {ratio:.1f} times")


def _grade(submissions: Path, out: Path, *options: str) -> float:
    """Return the seconds that one run takes."""
    command = [sys.executable, "-m", "grader", "run", str(submissions), "--out", str(out), *options]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
