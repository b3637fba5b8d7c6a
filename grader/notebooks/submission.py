"""A student's submission, as it is graded."""

from dataclasses import dataclass, field

from grader.notebooks.cells import Cell


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One student's notebook for one assignment, with the pristine locked cells back in place.

    `cells` is what will be executed, in order. `answers` maps a question's name to the source of the student's cell for it;
    a question without an answer cell is absent. `notes` are sentences for the report ("A locked cell was restored: ...").
    `digest` is the SHA-256 of the file's bytes as handed in. `tampered` counts locked cells that had been changed.
    """

    student: str
    assignment: str
    path: str
    digest: str
    cells: tuple[Cell, ...]
    answers: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tampered: int = 0
