"""Frozen records of what grading found; every report reads these and nothing else."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1


class Record(BaseModel):
    """Base of all records: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Verdict(StrEnum):
    """How a case, a question or a submission came out."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    DIED = "died"
    MISSING = "missing"
    OURS = "ours"


class Shown(Record):
    """A value as people read it.

    `text` is a short one-line form. For tensors and arrays `shape` and `dtype` are set, and `rows` is a two-dimensional slice
    (at most 12 x 12) of the numbers, with `slice_label` such as "[0, :, :]" where the tensor has more.
    """

    text: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    rows: tuple[tuple[float | int | bool | str, ...], ...] | None = None
    slice_label: str = ""
    truncated: bool = False


class Differing(Record):
    """How an answer differs from what was expected."""

    kind: Literal["type", "structure", "shape", "dtype", "device", "finiteness", "value", "exception", "mutated", "forbidden", "property", "gradient"]
    message: str
    path: str = ""
    first_index: tuple[int, ...] | None = None
    largest_error: float | None = None
    differing: int | None = None
    total: int | None = None


class Diagnosis(Record):
    """What a wrong answer was recognised as: a known mistake (with its id) or a generic reading."""

    source: Literal["known mistake", "generic"]
    hint: str
    where: str = ""
    mistake: str | None = None
    credit: float = 0.0


class Located(Record):
    """A line of the student's own cell in a traceback; `line` counts from 1 in that cell."""

    function: str
    line: int
    text: str


class CaseResult(Record):
    """One case. `inputs`, `expected` and `got` are set for public cases only; `got_digest` groups equal wrong answers, and is empty for right ones."""

    name: str
    group: Literal["public", "hidden", "edge"]
    verdict: Verdict
    message: str = ""
    difference: Differing | None = None
    diagnosis: Diagnosis | None = None
    inputs: dict[str, Shown] = {}
    expected: Shown | None = None
    got: Shown | None = None
    error_type: str = ""
    frames: tuple[Located, ...] = ()
    notes: tuple[str, ...] = ()
    got_digest: str = ""
    seconds: float = 0.0


class Carried(Record):
    """A question that was graded again with the reference in the place of the failed questions it depends on."""

    replaced: tuple[str, ...]
    score_before: float
    score: float


class QuestionResult(Record):
    """One question: its score, its cases, what was recognised, and the student's code; `overridden` where a person gave the score."""

    name: str
    title: str
    points: float
    score: float
    verdict: Verdict
    message: str = ""
    cases: tuple[CaseResult, ...] = ()
    diagnosis: Diagnosis | None = None
    carried: Carried | None = None
    code: str = ""
    error_line: int | None = None
    forbidden: tuple[str, ...] = ()
    overridden: bool = False


class CellResult(Record):
    """One executed cell whose run is worth showing: it failed, hung, or killed the kernel."""

    cell_id: str
    status: Literal["ok", "error", "timeout", "died", "skipped", "not run"]
    source: str = ""
    error: str = ""
    message: str = ""
    outputs: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0


class SubmissionResult(Record):
    """One graded submission. `verdict` is `ours` when the fault is the grader's, `error` when the file could not be read (`message` says why).

    `timings` are seconds by stage. `lms_id` is what a learning platform calls the student, where the file came from one. `overridden` is set where a
    person gave the whole mark.
    """

    schema_version: int = SCHEMA_VERSION
    student: str
    assignment: str
    title: str
    path: str
    digest: str
    bundle_version: str
    verdict: Verdict
    message: str = ""
    score: float
    points: float
    questions: tuple[QuestionResult, ...] = ()
    cells: tuple[CellResult, ...] = ()
    notes: tuple[str, ...] = ()
    tampered: int = 0
    environment: dict[str, str] = {}
    timings: dict[str, float] = {}
    graded_at: str = ""
    lms_id: str = ""
    overridden: bool = False
