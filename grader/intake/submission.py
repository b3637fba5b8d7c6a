"""Reading one file that was found into a submission."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.errors import IntakeError
from grader.intake.assemble import assemble
from grader.intake.layouts import Found
from grader.intake.read import read_bytes, read_notebook
from grader.intake.recognise import recognise
from grader.notebooks.cells import Cell
from grader.notebooks.submission import Submission


def read_submission(found: Found, *, pristine: Mapping[str, Sequence[Cell]], entries: Mapping[str, Mapping[str, str]]) -> Submission:
    """Return the submission in a file that was found; `pristine` and `entries` are by assignment.

    Raises:
        IntakeError: the file is no notebook, is set aside, or is the notebook of another assignment.
    """
    path = found.place
    if found.problem or found.assignment is None:
        raise IntakeError(path=path, reason=found.problem or "it is not clear which assignment this is")
    data = read_bytes(found.path)
    raw = read_notebook(data, path=path)
    submission = assemble(
        raw,
        pristine[found.assignment],
        entries=entries[found.assignment],
        student=found.student,
        assignment=found.assignment,
        path=path,
        digest=hashlib.sha256(data).hexdigest(),
    )
    if not submission.answers and (other := recognise(raw, pristine)) not in {None, found.assignment}:
        reason = f"this is the notebook of {other}, handed in as {found.assignment}"
        raise IntakeError(path=path, reason=reason)
    return replace(submission, notes=(*found.notes, *submission.notes))
