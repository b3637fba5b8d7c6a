"""The real command, run in a course's folder as people run it."""

import contextlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from grader.cli import app
from grader.reports.json_result import read_result
from grader.results import SubmissionResult

ROOT = Path(__file__).parents[2]
SUBMISSIONS = ROOT / "tests" / "submissions"
TIMEOUT_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Course:
    """A folder with a grader.toml that points at this repository's solutions."""

    folder: Path

    @property
    def out(self) -> Path:
        """Where reports are written."""
        return self.folder / "reports"

    def grader(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, in a process of its own."""
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603 - our own command

    def here(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command in this process, which has imported torch already."""
        with contextlib.chdir(self.folder):
            ran = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
        return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)

    def results(self) -> dict[tuple[str, str], SubmissionResult]:
        """Return what was graded, by student and assignment."""
        found = [read_result(path) for path in self.out.glob("*/result.json")]
        return {(result.student, result.assignment): result for result in found}


def make_course(folder: Path) -> Course:
    """Make a course of this repository's solutions; bundles are kept between tests, they are found by their content."""
    text = f'solutions = "{ROOT / "solutions"}"\nassignments = "{ROOT / "assignments"}"\ncache = "{ROOT / ".grader"}"\ngradebook = "sqlite:///gradebook.db"\n'
    (folder / "grader.toml").write_text(text)
    return Course(folder=folder)
