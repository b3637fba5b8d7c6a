"""check(): what students call in their notebook to try the public cases."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.student.attempt import attempt
from grader.student.find import NothingToCheckError, find_questions
from grader.student.show import Report


def check(*names: str) -> None:
    """Try the public cases of the named questions, or of all, on what the notebook defines at this moment, and show how they came out.

    Where there are no public cases (as when the notebook is graded) one line says so.
    """
    if not all(isinstance(name, str) for name in names):
        print('check() takes the names of questions, in quotes: check("rnn_step"), or check() for all of them.')  # noqa: T201 - see below
        return
    shell = _ipython()
    namespace: Mapping[str, Any] = shell.user_ns if shell is not None else sys._getframe(1).f_globals  # noqa: SLF001 - inspect.stack would read every module's path
    try:
        report = report_on(namespace, *names)
    except NothingToCheckError as reason:
        print(reason)  # noqa: T201 - the student asked in a notebook or a terminal
        return
    if shell is None:
        print(report)  # noqa: T201 - see above
    else:
        sys.modules["IPython"].display.display(report)


def report_on(namespace: Mapping[str, Any], *names: str) -> Report:
    """Return how the public cases of the named questions, or of all, come out on what a namespace defines.

    Raises:
        NothingToCheckError: there are no public cases near the working directory, or no such questions.
    """
    return Report([attempt(question, namespace) for question in find_questions(names, start=Path.cwd())])


def _ipython() -> Any:  # noqa: ANN401 - the shell of whichever IPython is there
    """Return the notebook's shell, None in plain Python; IPython is not imported for this."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None
