"""Exit codes, and errors put into words for people who type commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer


class Exit(IntEnum):
    """Exit codes."""

    GRADED = 0
    BELOW = 1
    USAGE = 2
    OURS = 3
    INTERRUPTED = 130


@contextmanager
def explained(*, interrupted: str = "interrupted") -> Iterator[None]:
    """Print what grader can explain without a traceback, and exit with the code that says whose fault it is."""
    from grader.errors import ExecutionError, GradebookError, GraderError, OutputError  # noqa: PLC0415 - keeps --help quick

    try:
        yield
    except (ExecutionError, GradebookError, OutputError) as error:
        _stop(str(error), Exit.OURS)
    except GraderError as error:
        _stop(str(error), Exit.USAGE)
    except KeyboardInterrupt:
        _stop(interrupted, Exit.INTERRUPTED)


def _stop(message: str, code: Exit) -> NoReturn:
    from grader.reports.safe_text import visible  # noqa: PLC0415 - keeps --help quick

    sys.stderr.write(f"grader: {visible(message)}\n")
    raise typer.Exit(code)
