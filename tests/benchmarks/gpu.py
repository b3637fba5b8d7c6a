"""Measure grading on GPUs: `python -m tests.benchmarks.gpu`, with `--device cuda:0` for one of several.

Prints how long CUDA takes to start in a kernel (a context for each submission), and submissions per second on the CPU and on the GPUs in turn, start of
the command included. The class is that of `tests.benchmarks.compare`, with a cell that makes the GPU torch's default device, so that every call is
answered there; its tensors are small, so this is what a GPU costs, and not what it gains.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from grader.execution.gpus import find_gpus
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.choose import choose_tier
from grader.notebooks.cells import Cell
from grader.reports.json_result import read_result
from grader.scheduling.slots import LocalSlots
from tests.benchmarks.course import NAME, write_course

_CONTEXTS = 5
_ROUNDS = 3
_HALF_A_DIGIT = 0.005
_ASKS = '\ntorch.set_default_device("cuda" if torch.cuda.is_available() else "cpu")\n'
_STARTS = Cell(
    id="starts",
    kind="code",
    source="import time, torch\nbegun = time.perf_counter()\ntorch.ones(1, device='cuda').item()\nprint(time.perf_counter() - begun)",
)


def main() -> None:
    """Print the figures, or that there is no GPU to measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--students", type=int, default=60)
    options = parser.parse_args()
    gpus = find_gpus()
    if not gpus:
        print("There is no GPU here that torch can use: nothing was measured.")
        return
    for gpu in gpus:
        print(f"{gpu}, driver {gpu.driver}, CUDA {gpu.cuda}")
    starts = asyncio.run(_starts(options.device))
    print(f"CUDA starts in {statistics.median(starts):.2f} s (median of {len(starts)} kernels, {min(starts):.2f} to {max(starts):.2f})")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        count = make_class(folder, options.students)
        rates: dict[str, list[float]] = {"cpu": [], options.device: []}
        for _ in range(_ROUNDS):
            for device, found in rates.items():
                started = time.monotonic()
                wrong = grade(folder, device)
                found.append(count / (time.monotonic() - started))
                print(f"{device}: {found[-1]:.2f} submissions per second, marks not as foretold: {', '.join(wrong) or 'none'}", flush=True)
        print("medians: " + ", ".join(f"{device} {statistics.median(found):.2f} submissions per second" for device, found in rates.items()))


def make_class(folder: Path, students: int) -> int:
    """Write a course whose notebook asks for a GPU, and a class of which nobody hangs or crashes; return how many they are."""
    write_course(folder)
    path = folder / "solutions" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += _ASKS
    nbformat.write(notebook, path)
    _grader(folder, "demo", "--students", str(students), "--out", "class")
    for one in _truth(folder):
        if one["kind"] in {"hang", "crash"}:
            (folder / "class" / one["path"]).unlink()
    return len(list((folder / "class").glob("*/*.ipynb")))


def grade(folder: Path, device: str) -> list[str]:
    """Grade the class on a device, and return the students whose marks are not those that they were made for."""
    _grader(folder, "run", "class", "--force", "--device", device, "--out", f"reports-{device}")
    results = {result.student: result for result in map(read_result, (folder / f"reports-{device}").glob("*/result.json"))}
    return [one["student"] for one in _truth(folder) if one["student"] in results and abs(results[one["student"]].score - one["score"]) > _HALF_A_DIGIT]


def _truth(folder: Path) -> list[dict[str, Any]]:
    truth: list[dict[str, Any]] = json.loads((folder / "class" / "truth.json").read_text())
    return truth


def _grader(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "grader", *arguments], cwd=folder, check=True, capture_output=True, text=True)


async def _starts(device: str) -> list[float]:
    """Return the seconds that the first tensor on a GPU takes, in kernels of their own."""
    seconds = []
    async with LocalSlots(tier=choose_tier("auto"), count=1, device=device) as slots:
        for _ in range(_CONTEXTS):
            async with slots.session(limits=KernelLimits(), cell_seconds=60.0, total_seconds=60.0, output_bytes=10_000) as session:
                (run,) = await session.run([_STARTS])
            seconds.append(float(run.outputs[0]["text"]))
    return seconds


if __name__ == "__main__":
    main()
