"""Every exception that grader raises on purpose; a student's failure is a result, never one of these.

They are not frozen: `contextlib` sets the traceback of an exception that leaves a context manager.
"""

from dataclasses import dataclass


class GraderError(Exception):
    """Something that grader can explain to the person who called it."""


@dataclass(kw_only=True, eq=False)
class AuthorError(GraderError):
    """An assignment's author wrote something that cannot work; says where and what to do."""

    file: str
    problem: str
    remedy: str
    question: str | None = None
    case: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.question is not None:
            place.append(f"question {self.question}")
        if self.case is not None:
            place.append(f"case {self.case!r}")
        return f"{', '.join(place)}: {self.problem}. {self.remedy}"


@dataclass(kw_only=True, eq=False)
class IntakeError(GraderError):
    """A submission that cannot be read; the run goes on and the report says why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(kw_only=True, eq=False)
class MalformedValueError(GraderError):
    """Bytes that claim to be a value and are not, or are larger than allowed."""

    reason: str

    def __str__(self) -> str:
        return self.reason


class SettingsError(GraderError):
    """A setting, option or path that does not fit; the message says which and what would."""


class ReleaseError(GraderError):
    """A release that is stale, or that would give something of the solution away."""


class ExecutionError(GraderError):
    """Kernels cannot be started or talked to: our fault or the machine's, not the student's."""


class OutputError(GraderError):
    """Reports that cannot be written: the disk is full, or not ours; the message says where."""


class GradebookError(GraderError):
    """A gradebook that cannot be opened, read or written; the message says which and what to do."""
