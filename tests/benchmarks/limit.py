"""What nothing can beat: the same cells and calls in forks of one warm process, without Jupyter, sandbox, comparison or report.

Run as `python -m tests.benchmarks.limit SLOTS BUNDLE NOTEBOOK...`.
"""

import contextlib
import gc
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from grader.execution.large_pages import use_large_pages
from grader.execution.probe import call
from grader.grading.bundle import Bundle, probe_of
from grader.grading.store import load


def main() -> None:
    """Fork for each notebook, as many at a time as there are slots."""
    slots, bundle = int(sys.argv[1]), load(Path(sys.argv[2]))
    torch.set_num_threads(1)
    solved = [cell.source for cell in bundle.pristine if cell.options.locked] + [question.reference for question in bundle.questions]
    _execute(bundle, solved)  # what torch imports late is imported before the forks
    gc.freeze()
    use_large_pages()
    running = 0
    for path in sys.argv[3:]:
        if running == slots:
            os.wait()
            running -= 1
        if os.fork() == 0:
            _execute(bundle, _sources(Path(path)))
            os._exit(0)
        running += 1
    for _ in range(running):
        os.wait()


def _sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def _execute(bundle: Bundle, sources: Sequence[str]) -> None:
    """Run the cells, then call every case; nobody looks at what comes back."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for source in sources:
            with contextlib.suppress(Exception):
                exec(source, namespace)  # noqa: S102 - the demo class's own code
        for question in bundle.questions:
            for case in question.cases if question.entry in namespace else ():
                call(namespace[question.entry], probe_of(question, case))


if __name__ == "__main__":
    main()
