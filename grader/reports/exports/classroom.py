"""A result as GitHub Classroom's autograding reporter takes it from a step's output `result`."""

import base64
import json
from typing import Any

from grader.reports.exports.feedback_text import is_full, question_texts
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line, plain


def classroom_json(mark: Mark) -> str:
    """Return the JSON that the reporter finds when it decodes the output; its status is "error" where there is no mark."""
    tests = [
        {
            "name": one_line(question.name),
            "status": "pass" if is_full(question) else "fail",
            "score": question.score,
            "message": "" if is_full(question) else f"{words}\n{text}".strip(),
            "test_code": f'check("{one_line(question.name)}")',
            "line_no": 0,
        }
        for question, words, text in question_texts(mark.result)
    ]
    if mark.score is None:
        tests = [{"name": "notebook", "status": "error", "score": 0, "message": plain(mark.result.message), "test_code": "", "line_no": 0}]
    document: dict[str, Any] = {"version": 1, "status": _status(mark), "max_score": mark.points, "tests": tests}
    return json.dumps(document, ensure_ascii=True, allow_nan=False)


def classroom_output(mark: Mark) -> str:
    """Return the line to append to `$GITHUB_OUTPUT`."""
    return f"result={base64.b64encode(classroom_json(mark).encode()).decode()}\n"


def _status(mark: Mark) -> str:
    if mark.score is None:
        return "error"
    return "pass" if mark.score >= mark.points else "fail"
