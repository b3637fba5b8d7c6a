"""Compare grader with itself cold, with other graders, and with the limit, side by side: `python -m tests.benchmarks.compare`.

Makes a demo class of six questions (or of one of the course's assignments) and grades it, in each round once by each contender in turn: `grader run` with as many slots as there are cores, with twice as many
and with one, without the warm process (--cold), nbgrader (autograde and feedback) and Otter where a virtual environment with them is given, and the
limit: the same cells and calls in forks of one warm process, without Jupyter, sandbox or report; also in one slot, which says what a second core is worth on
the machine. Whole processes are timed, start included.

Prints seconds a submission and ratios, medians over the rounds, and keeps them as JSON. Wall time on a busy machine is worth little: compare ratios.
CPU is that of the whole machine, because kernels outlive the count of their parents' children; it means something on a quiet machine only.

Hanging and crashing submissions are graded by `grader run` alone (others wait for 30 seconds or for ever) when the class is checked against the
truth, before the rounds. To set up the others: `python -m venv nb && nb/bin/pip install nbgrader`, likewise `otter-grader`; both must find torch and
ipykernel, for example by a .pth file that names the folder where they are installed.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from grader.execution.sandbox.tiers import NONE
from grader.grading.bundle import Bundle
from grader.grading.store import save
from grader.reports.json_result import read_result
from grader.scheduling.slots import LocalSlots
from grader.settings import load_settings
from grader.workflows.course import load_bundle
from tests.benchmarks.course import NAME, ROOT, write_course
from tests.benchmarks.others import nbgrader_class, otter_class, write_cases


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What grading some submissions took, in seconds a submission."""

    wall: float
    machine_cpu: float


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A way of grading the class, or the first `count` of it; `run` grades them once."""

    name: str
    count: int
    run: Callable[[], None]


def main() -> None:
    """Make the class, check it against the truth, run the rounds, print and keep what they took."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        notebooks, bundle = _prepare(folder, options.assignment, options.students)
        wrong = _check_truth(folder)
        print(f"{options.students} submissions, every verdict as foretold" if not wrong else f"NOT as foretold: {', '.join(wrong)}", flush=True)
        contenders = _contenders(folder, notebooks, bundle, options)
        rounds = []
        for number in range(options.rounds):
            rounds.append({contender.name: _time(contender) for contender in contenders})
            print(f"round {number + 1}: " + ", ".join(f"{name} {timed.wall:.3f}" for name, timed in rounds[-1].items()) + " s a submission", flush=True)
    report = _report(rounds)
    for name, line in report.items():
        print(f"{name:24} {line['wall']:8.3f} s wall {line['machine_cpu']:8.3f} s CPU   {line['ratio']:7.2f} times grader's wall")
    about = {"python": platform.python_version(), "torch": torch.__version__, "cores": os.cpu_count(), "students": options.students, "foretold": not wrong}
    options.json.write_text(json.dumps({"about": about, "medians": report, "rounds": [{k: asdict(v) for k, v in one.items()} for one in rounds]}, indent=1))
    sys.exit(bool(wrong))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--assignment", choices=[NAME, *sorted(folder.name for folder in (ROOT / "assignments").iterdir())], default=NAME, help="what the class hands in"
    )
    parser.add_argument("--students", type=int, default=48, help="size of the class")
    parser.add_argument("--few", type=int, default=4, help="submissions that the slow contenders grade in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nbgrader-venv", type=Path)
    parser.add_argument("--otter-venv", type=Path)
    parser.add_argument("--json", type=Path, default=Path("benchmark.json"))
    return parser.parse_args()


def _prepare(folder: Path, assignment: str, students: int) -> tuple[list[Path], Bundle]:
    """Write course and class; return the notebooks that neither hang nor crash, and the assignment's bundle."""
    if assignment == NAME:
        write_course(folder)
    else:
        shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
    _grader(folder, "demo", "--students", str(students), "--out", "class")
    truth = json.loads((folder / "class" / "truth.json").read_text())

    async def build() -> Bundle:
        async with LocalSlots(tier=NONE, count=1) as slots:
            return await load_bundle(folder / "solutions" / assignment, slots, load_settings(folder).cache)

    bundle = asyncio.run(build())
    save(bundle, folder / "bundle")
    write_cases(bundle, folder / "cases.pt")
    return [folder / "class" / one["path"] for one in truth if one["kind"] not in {"hang", "crash"}], bundle


def _check_truth(folder: Path) -> list[str]:
    """Grade the whole class once and return the students whose marks or verdicts differ from the truth."""
    _grader(folder, "run", "class", "--out", "checked")
    results = {result.student: result for result in map(read_result, (folder / "checked").glob("*/result.json"))}
    wrong = []
    for marks in json.loads((folder / "class" / "truth.json").read_text()):
        got = results[marks["student"]]
        pairs = zip(marks["questions"], got.questions, strict=True)
        if any(abs(true["score"] - one.score) > 1e-6 or true["verdict"] not in {"", one.verdict} for true, one in pairs):
            wrong.append(got.student)
    return wrong


def _contenders(folder: Path, notebooks: Sequence[Path], bundle: Bundle, options: argparse.Namespace) -> list[Contender]:
    few = notebooks[: options.few]
    everything, some = list(map(str, notebooks)), list(map(str, few))
    cores = str(os.cpu_count() or 1)
    empty = folder / "empty"
    empty.mkdir()

    def ours(paths: list[str], *given: str) -> Callable[[], None]:
        return lambda: _grader(folder, "run", *paths, "--force", "--out", "reports", *given)

    def limit(slots: str) -> Callable[[], None]:
        # in a folder without public cases, as kernels are: check() would run them
        return lambda: _command([sys.executable, "-m", "tests.benchmarks.limit", slots, str(folder / "bundle"), *everything], empty, {"PYTHONPATH": str(ROOT)})

    contenders = [
        Contender(name="grader", count=len(notebooks), run=ours(everything)),
        Contender(name="grader, two slots a core", count=len(notebooks), run=ours(everything, "--slots", str(2 * int(cores)))),
        Contender(name="grader, one slot", count=len(notebooks), run=ours(everything, "--slots", "1")),
        Contender(name="limit", count=len(notebooks), run=limit(cores)),
        Contender(name="limit, one slot", count=len(notebooks), run=limit("1")),
        Contender(name="grader, cold", count=len(few), run=ours(some, "--cold")),
    ]
    if options.nbgrader_venv:
        course = folder / "nbgrader"
        commands, environment = nbgrader_class(bundle, few, course, folder / "cases.pt", options.nbgrader_venv.absolute())
        _command(commands[0], course, environment)
        contenders.append(Contender(name="nbgrader", count=len(few), run=lambda: _all(commands[1:], course, environment)))
    if options.otter_venv:
        others, its = otter_class(bundle, few, folder / "otter", folder / "cases.pt", options.otter_venv.absolute())
        contenders.append(Contender(name="otter", count=len(few), run=lambda: _all(others, folder / "otter", its)))
    return contenders


def _time(contender: Contender) -> Timed:
    busy, started = _busy_seconds(), time.perf_counter()
    contender.run()
    wall, cpu = time.perf_counter() - started, _busy_seconds() - busy
    return Timed(wall=wall / contender.count, machine_cpu=cpu / contender.count)


def _report(rounds: Sequence[Mapping[str, Timed]]) -> dict[str, dict[str, float]]:
    """Return the medians of each contender, and of its wall time over grader's in the same round."""
    return {
        name: {
            "wall": statistics.median(one[name].wall for one in rounds),
            "machine_cpu": statistics.median(one[name].machine_cpu for one in rounds),
            "ratio": statistics.median(one[name].wall / one["grader"].wall for one in rounds),
        }
        for name in rounds[0]
    }


def _busy_seconds() -> float:
    """Return the time for which the machine's cores have worked, whoever for."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _grader(folder: Path, *arguments: str) -> None:
    _command([sys.executable, "-m", "grader", *arguments], folder)


def _all(commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str]) -> None:
    for command in commands:
        _command(command, folder, environment)


def _command(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a command to its end; what it says is shown only when it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:6])} ended with {done.returncode}:\n{done.stdout[-3000:]}")


if __name__ == "__main__":
    main()
