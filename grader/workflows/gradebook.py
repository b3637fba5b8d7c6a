"""A course's gradebook."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from grader.gradebook.book import Gradebook
from grader.settings import Settings
from grader.workflows.course import find_assignments


@contextmanager
def open_gradebook(settings: Settings) -> Iterator[Gradebook]:
    """Give the course's gradebook, with the late policies of its settings.

    Raises:
        GradebookError: it cannot be opened.
        SettingsError: the setting `gradebook` does not fit, or a late policy is for an assignment that does not exist.
    """
    if settings.late:
        find_assignments(settings.solutions, settings.late)
    with Gradebook(settings.gradebook) as gradebook:
        gradebook.set_late_policies(settings.late)
        yield gradebook


def login_name() -> str:
    """Return the name of the person at the keyboard, "unknown" where the system does not tell."""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"
