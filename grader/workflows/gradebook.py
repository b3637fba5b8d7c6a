"""A course's gradebook."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from grader.errors import SettingsError
from grader.gradebook.book import Gradebook
from grader.settings import Settings


@contextmanager
def open_gradebook(settings: Settings) -> Iterator[Gradebook]:
    """Give the course's gradebook, with the late policies of its settings.

    Raises:
        GradebookError: it cannot be opened.
        SettingsError: the setting `gradebook` does not fit.
    """
    with Gradebook(settings.gradebook) as gradebook:
        gradebook.set_late_policies(settings.late)
        yield gradebook


def extend(settings: Settings, student: str, assignment: str, due: str, author: str | None) -> datetime:
    """Give a student another due date, and return it.

    Raises:
        SettingsError: there is no such student, the assignment has no late policy, or `due` is no date.
        GradebookError: it cannot be kept.
    """
    if assignment not in settings.late:
        message = f"{assignment!r} is never late: grader.toml has due dates for {', '.join(settings.late) or 'no assignment'}."
        raise SettingsError(message)
    until = moment(due)
    with open_gradebook(settings) as gradebook:
        gradebook.extension(student, assignment, until, author=author or login_name())
    return until


def moment(text: str) -> datetime:
    """Return a date and time that a person typed, in this machine's zone where it names none; a date alone means its last minute.

    Raises:
        SettingsError: it is no date.
    """
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError as error:
        message = f"{text!r} is no date: say it like 2026-12-01 or '2026-12-01 18:00'."
        raise SettingsError(message) from error
    is_date = len(text.strip()) <= len("2026-12-01")
    said = said.replace(hour=23, minute=59) if is_date else said
    return said if said.tzinfo else said.astimezone()


def login_name() -> str:
    """Return the name of the person at the keyboard, "unknown" where the system does not tell."""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"
