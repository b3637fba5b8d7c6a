"""Marks with everything that is known of them, one JSON object a line, for scripts."""

import json
from collections.abc import Iterable, Iterator

from grader.reports.exports.marks import Mark
from grader.reports.json_result import json_tree


def json_lines(marks: Iterable[Mark]) -> Iterator[str]:
    """Yield a line for each mark: whose it is, the mark, and under `result` the whole of `result.json`, hidden cases included."""
    for mark in marks:
        about = {
            "student": mark.student,
            "lms_id": mark.lms_id,
            "email": mark.email,
            "assignment": mark.assignment,
            "score": mark.score,
            "points": mark.points,
            "raw_score": mark.raw_score,
            "late_penalty": mark.late_penalty,
            "submitted_at": mark.submitted_at,
            "due": mark.due,
            "result": json_tree(mark.result),
        }
        yield json.dumps(about, ensure_ascii=True, allow_nan=False) + "\n"
