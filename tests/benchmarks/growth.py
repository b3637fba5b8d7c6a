"""What grading costs as the work grows: `python -m tests.benchmarks.growth`, about ten minutes; with `--full` up to 5,000 submissions in kernels and 10,000 without, and an hour.

Four tables, kept as JSON too:
  submissions   more and more of one class of six questions, graded in kernels
  own work      the same without kernels: every submission gets at once what another one got, and all else is as in a run; then `grader run` again, when
                nothing has changed, `grader report` and `grader export`
  questions     an assignment of more and more copies of one question
  slots         one class on more and more slots

The cost of a line is that of the whole command less that of the table's first line, for each of what was added: a cost that stays is linear growth. The
exponent says the same in one number: 1 is linear, 2 quadratic. Processor time is the whole command's with all kernels where `perf` is at hand, in
instructions where it can count them; else it is that of the grader's own process, as it always is in the table `own work`. Wall time on a busy machine is worth little.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from grader.workflows.new import new_assignment
from tests.benchmarks.course import IMPORTS, ROOT, write_course

MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one command cost; `cpu` are billions of instructions, or seconds."""

    table: str
    size: int
    wall: float
    cpu: float
    peak_bytes: float


def main() -> None:
    """Measure the tables that are asked for, print each when it is there, and keep them all."""
    options = _options()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; processor time in {_unit()}", flush=True)
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        for table, measure in {"submissions": submissions, "own work": own_work, "questions": questions, "slots": slots}.items():
            if table in options.tables:
                found = measure(folder / table.replace(" ", "-"), full=options.full)
                print_table(found)
                costs += found
    about = {"cores": os.cpu_count(), "load": os.getloadavg(), "processor time in": _unit()}
    options.json.write_text(json.dumps({"about": about, "costs": [asdict(cost) for cost in costs]}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", default=["submissions", "own work", "questions", "slots"], metavar="TABLE")
    parser.add_argument("--full", action="store_true", help="up to 5,000 submissions in kernels and 10,000 without: about an hour")
    parser.add_argument("--json", type=Path, default=Path("growth.json"))
    return parser.parse_args()


def submissions(folder: Path, *, full: bool) -> list[Cost]:
    """Grade 1, 10, 100 ... submissions in kernels, on two slots."""
    write_course(folder)
    sizes = [1, 10, 100, 1000, *([5000] if full else [])]
    _write_class(folder, sizes[-1])
    return [one for size in sizes for one in _graded(folder, size, table="submissions", size=size)]


def own_work(folder: Path, *, full: bool) -> list[Cost]:
    """Give 100, 500 ... submissions the results of the first twelve."""
    write_course(folder)
    sizes = [100, 500, 2000, *([10_000] if full else [])]
    _write_class(folder, sizes[-1])
    _graded(folder, 12, table="", size=12, out="model")
    costs = [one for size in sizes for one in _graded(folder, size, "--made-up", str(folder / "model"), table="own work", size=size)]
    return sorted(costs, key=lambda cost: (cost.table, cost.size))


def questions(folder: Path, *, full: bool) -> list[Cost]:  # noqa: ARG001 - the same either way
    """Grade eight submissions with 1, 5 ... questions each."""
    costs = []
    for count in (1, 5, 10, 25, 50):
        course = folder / str(count)
        _write_copies(course, count)
        _write_class(course, 8)
        costs += _graded(course, 8, table="questions", size=count)
    return costs


def slots(folder: Path, *, full: bool) -> list[Cost]:  # noqa: ARG001 - the same either way
    """Grade 40 submissions on 1, 2 ... slots."""
    write_course(folder)
    _write_class(folder, 40)
    cores = os.cpu_count() or 1
    return [one for count in sorted({1, 2, cores, 2 * cores}) for one in _graded(folder, 40, "--slots", str(count), table="slots", size=count)]


def print_table(costs: Sequence[Cost]) -> None:
    """Print what each size cost, and how the cost grows."""
    for table in dict.fromkeys(cost.table for cost in costs):
        lines = [cost for cost in costs if cost.table == table]
        first = lines[0]
        print(f"\n{table:14} {'wall s':>9} {'cpu':>9} {'wall each':>10} {'cpu each':>9} {'peak MB':>8}")
        for cost in lines:
            more = max(1, cost.size - first.size)
            each = f"{(cost.wall - first.wall) / more:10.4f} {(cost.cpu - first.cpu) / more:9.4f}" if cost is not first and table != "slots" else f"{'':20}"
            print(f"{cost.size:14} {cost.wall:9.2f} {cost.cpu:9.2f} {each} {cost.peak_bytes / MEGABYTE:8.0f}")
        if table == "slots":
            print("times one slot: " + ", ".join(f"{cost.size}: {first.wall / cost.wall:.2f}" for cost in lines), flush=True)
        else:
            print(f"growth exponent: wall {_exponent(lines, 'wall'):.2f}, cpu {_exponent(lines, 'cpu'):.2f}", flush=True)


def _exponent(lines: Sequence[Cost], what: str) -> float:
    """Return the slope of cost over size, both on a logarithmic scale and less those of the first line."""
    more = [(cost.size - lines[0].size, getattr(cost, what) - getattr(lines[0], what)) for cost in lines[1:]]
    size, cost = np.log(np.maximum(np.array(more, dtype=float), 1e-9)).T
    return float(np.polyfit(size, cost, 1)[0]) if len(more) > 1 else float("nan")


def _write_copies(course: Path, count: int) -> None:
    """Write a course of one assignment that asks the same again and again."""
    folder = new_assignment("copies", solutions=course / "solutions")
    head, _, question = (folder / "questions.py").read_text().partition("\n\n\n")
    (folder / "questions.py").write_text("\n\n\n".join([head, *(question.replace("affine", f"affine{number}") for number in range(count))]))
    notebook = nbformat.read(folder / "copies.ipynb", as_version=4)
    answer = next(str(cell.source) for cell in notebook.cells if cell.source.startswith("#| question"))
    cells = [new_code_cell(IMPORTS, id="imports"), *(new_code_cell(answer.replace("affine", f"affine{number}"), id=f"a{number}") for number in range(count))]
    (folder / "copies.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
    (course / "grader.toml").write_text("")


def _write_class(course: Path, students: int) -> None:
    """Make up a class of students whose notebooks neither hang nor crash: a few of these would be all that a small class costs."""
    _command([sys.executable, "-m", "grader", "demo", "--students", str(students + students // 10 + 10), "--out", "everybody"], course)
    truth = json.loads((course / "everybody" / "truth.json").read_text())
    kept = [one["path"] for one in truth if one["kind"] not in {"hang", "crash"}]
    (course / "class.json").write_text(json.dumps(kept[:students]))


def _graded(course: Path, students: int, *options: str, table: str, size: int, out: str = "") -> list[Cost]:
    """Grade the first students of a class in a process of its own, and return what each step of it cost."""
    submissions = course / f"class-{students}"
    if not submissions.exists():
        for path in json.loads((course / "class.json").read_text())[:students]:
            (submissions / path).parent.mkdir(parents=True)
            (submissions / path).hardlink_to(course / "everybody" / path)
    reports = course / (out or "out")
    counted = course / "perf.csv"
    perf = ["perf", "stat", "-x,", "-o", str(counted), "-e", "instructions:u,task-clock", "--"] if shutil.which("perf") else []
    said = _command([*perf, sys.executable, "-m", "tests.benchmarks.one_run", str(course), str(submissions), str(reports), *options], ROOT)
    if not out:
        shutil.rmtree(reports)
    steps = json.loads(said.splitlines()[-1])
    if "--made-up" in options:
        return [Cost(table=f"{table}: {step}", size=size, **cost) for step, cost in steps.items()]
    cost = steps["run"] | ({"cpu": _counted(counted)} if perf else {})
    return [Cost(table=table, size=size, **cost)]


def _counted(file: Path) -> float:
    """Return the billions of instructions that perf has counted, or else the seconds."""
    lines = [line.split(",") for line in file.read_text().splitlines() if "," in line]
    said = {line[2]: line[0] for line in lines}
    counted = said.get("instructions:u", "")
    return int(counted) / 1e9 if counted.isdigit() else float(said["task-clock"]) / 1e3


def _unit() -> str:
    if not shutil.which("perf"):
        return "seconds of the grader's own process"
    done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True, check=False)  # noqa: S607 - wherever it is installed
    return "seconds of all processes" if "not" in done.stderr else "billions of instructions of all processes"


def _command(command: Sequence[str], folder: Path) -> str:
    """Run a command to its end and return what it says."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
