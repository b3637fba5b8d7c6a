"""A result as `check50 --output json` prints it."""

import json
from importlib.metadata import version
from typing import Any

from grader.reports.exports.feedback_text import is_full, question_texts
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line, plain
from grader.results import QuestionResult, Verdict


def check50_json(mark: Mark) -> str:
    """Return a check for each question: `passed` is null where its own answer could not be told from that of one it depends on, or the fault was ours."""
    document: dict[str, Any] = {"slug": one_line(mark.assignment), "version": version("grader")}
    if mark.score is None:
        document["error"] = {"type": "NotGraded", "value": plain(mark.result.message)}
    else:
        document["results"] = [_check(question, words, text) for question, words, text in question_texts(mark.result)]
    return json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _check(question: QuestionResult, words: str, text: str) -> dict[str, Any]:
    passed = _passed(question)
    return {
        "name": one_line(question.name),
        "description": one_line(question.title),
        "passed": passed,
        "log": [],
        "cause": None if passed else {"rationale": words, "help": text or None},
        "data": {"score": question.score, "points": question.points},
        "dependency": one_line(question.carried.replaced[0]) if question.carried and question.carried.replaced else None,
    }


def _passed(question: QuestionResult) -> bool | None:
    if question.verdict is Verdict.OURS or (question.carried is not None and question.verdict is not Verdict.PASSED and is_full(question)):
        return None
    return is_full(question)
