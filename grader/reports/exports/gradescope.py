"""A result as Gradescope reads it from `/autograder/results/results.json`."""

import json
from typing import Any

from grader.reports.exports.feedback_text import is_full, question_texts, submission_text
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line, plain
from grader.reports.wording import is_unsandboxed, points


def gradescope_json(mark: Mark) -> str:
    """Return `results.json`; without a mark it holds no score, so that Gradescope shows that grading failed instead of nothing of all points.

    All texts are plain: Gradescope shows no markup of them.
    """
    document: dict[str, Any] = {
        "output": _summary(mark),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(sum(mark.result.timings.values()), 2),
        "extra_data": {
            "student": mark.student,
            "assignment": mark.assignment,
            "digest": mark.result.digest,
            "bundle_version": mark.result.bundle_version,
            "environment": mark.result.environment,
        },
    }
    if mark.score is not None:
        document |= {"score": mark.score, "tests": _tests(mark)}
    return json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _tests(mark: Mark) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{one_line(question.name)}: {one_line(question.title)}" if question.title else one_line(question.name),
            "name_format": "text",
            "number": str(number),
            "score": question.score,
            "max_score": question.points,
            "status": "passed" if is_full(question) else "failed",
            "output": f"{words}\n{text}".strip(),
            "output_format": "text",
            "visibility": "visible",
            "tags": [],
            "extra_data": {},
        }
        for number, (question, words, text) in enumerate(question_texts(mark.result), start=1)
    ]


def _summary(mark: Mark) -> str:
    lines = [submission_text(mark.result) if mark.score is None else f"{points(mark.score)} of {points(mark.points)} points."]
    if mark.late_penalty:
        lines.append(f"Taken off for handing in late: {points(mark.late_penalty)}.")
    if is_unsandboxed(mark.result):
        lines.append("Graded without a sandbox (UNSANDBOXED).")
    return plain("\n".join([*lines, *mark.result.notes]))
