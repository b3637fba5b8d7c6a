"""What the gradebook gives: frozen records, read by workflows and reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from grader.results import SubmissionResult

AttemptId = NewType("AttemptId", int)
RunId = NewType("RunId", int)


@dataclass(frozen=True, kw_only=True)
class Student:
    """A student: `key` is how submissions name them, the rest is what the newest roster says, else empty (the name is the key then)."""

    key: str
    name: str
    lms_id: str = ""
    email: str = ""
    section: str = ""


@dataclass(frozen=True, kw_only=True)
class Override:
    """Points that a person gave; for the whole submission where `question` is None. `old` is the mark that stood before."""

    question: str | None
    points: float
    old: float
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Comment:
    """What a person says to a student, on a question or on the whole submission."""

    question: str | None
    text: str
    author: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MarkedQuestion:
    """A question with the score that grading gave, and the one that counts."""

    name: str
    title: str
    points: float
    graded: float
    score: float
    override: Override | None = None


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A student's mark for an assignment, and what it is made of.

    `score` is what counts: an override of the whole submission, else the sum of the questions (with their overrides) less `penalty`, the points
    that being `days_late` costs. `result` is what grading found, before all that. `due` has the student's extension in it; `attempts` counts
    gradings, the one that stands included.
    """

    student: Student
    assignment: str
    title: str
    score: float
    points: float
    graded: float
    penalty: float
    days_late: int
    handed_in: datetime
    due: datetime | None
    questions: tuple[MarkedQuestion, ...]
    override: Override | None
    comments: tuple[Comment, ...]
    attempt: AttemptId
    attempts: int
    result: SubmissionResult


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to a student's mark for an assignment; `author` is empty for what grading did."""

    at: datetime
    kind: Literal["graded", "override", "withdrawn override", "comment", "withdrawn comment", "extension"]
    what: str
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One `grader run`, and how many results it stands on."""

    id: RunId
    at: datetime
    author: str
    results: int


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a mark moved: on which question and case, where there is one, and what it was before and after."""

    what: str
    question: str | None = None
    case: str | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A mark that moved between two runs; `before` is None where there was none."""

    student: Student
    assignment: str
    before: float | None
    after: float
    points: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The marks that moved between two runs, ordered by assignment and student."""

    before: Run
    after: Run
    moved: tuple[Moved, ...]


@dataclass(frozen=True, kw_only=True)
class RosterChange:
    """What an import did, in numbers of students."""

    added: int
    changed: int
    unchanged: int
