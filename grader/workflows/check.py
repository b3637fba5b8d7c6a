"""`grader check`: what `check()` says in a notebook, said in a terminal, for a student's own notebook on their own machine."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.limits import Limits
from grader.authoring.public import FILE_NAME
from grader.errors import SettingsError
from grader.execution.answers import CellRun
from grader.execution.kernels import ColdKernels
from grader.execution.limits import KernelLimits
from grader.execution.session import KernelSession
from grader.intake.read import read_bytes, read_notebook
from grader.notebooks.cells import Cell, read_options
from grader.settings import Settings

_CHECK = """
from grader.student import report_on as _report_on
_report = _report_on(globals())
print(_report)
assert _report.passed
"""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How the public cases came out, as text, and the notebook's own cells that failed."""

    text: str
    passed: bool
    failed_cells: tuple[CellRun, ...]


def check_notebook(path: Path, settings: Settings) -> Checked:
    """Run a notebook in an ordinary kernel and try the public cases on it; nothing is a sandbox, as in the student's own Jupyter.

    Raises:
        SettingsError: there is no such notebook, or its assignment's public cases are not to be found.
        IntakeError: the file is no notebook.
        ExecutionError: no kernel can be started.
    """
    if not path.is_file():
        message = f"{path} does not exist."
        raise SettingsError(message)
    raw = read_notebook(read_bytes(path.resolve()), path=str(path))
    sources = [cell.source for cell in raw.cells if cell.kind == "code"]
    cells = [Cell(id=str(number), kind="code", source=source, options=read_options(source)) for number, source in enumerate(sources)]
    *runs, checked = asyncio.run(_run([*cells, Cell(id="check", kind="code", source=_CHECK)], _released(path, settings)))
    text = "".join(output["text"] for output in checked.outputs if output["output_type"] == "stream")
    failed = tuple(run for run in runs if run.status not in ("ok", "not run"))
    return Checked(text=text or f"{checked.error}: {checked.message}", passed=checked.status == "ok", failed_cells=failed)


async def _run(cells: Sequence[Cell], folder: Path) -> list[CellRun]:
    limits = Limits()
    async with KernelSession(
        ColdKernels(folder),
        limits=KernelLimits(),
        cell_seconds=limits.cell_seconds,
        total_seconds=limits.total_seconds,
        output_bytes=limits.output_bytes,
    ) as session:
        return await session.run(cells)


def _released(path: Path, settings: Settings) -> Path:
    """Return the folder of the public cases: the notebook's own, else the one of the assignment that the notebook is named after."""
    candidates = (path.resolve().parent, settings.assignments.resolve() / path.stem)
    for folder in candidates:
        if (folder / FILE_NAME).is_file():
            return folder
    message = f"There are no public cases for {path}: {FILE_NAME} lies neither beside it nor in {candidates[1]}."
    raise SettingsError(message)
