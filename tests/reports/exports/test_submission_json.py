"""Gradescope's results.json, GitHub Classroom's output and check50's JSON: one submission each."""

import base64
import json
from typing import Any

import pytest

from grader.reports.exports.check50 import check50_json
from grader.reports.exports.classroom import classroom_json, classroom_output
from grader.reports.exports.gradescope import gradescope_json
from grader.results import QuestionResult, Verdict
from tests.reports import samples
from tests.reports.exports.given import HOSTILE, mark

GRADESCOPE_KEYS = {
    "score",
    "execution_time",
    "output",
    "output_format",
    "test_output_format",
    "test_name_format",
    "visibility",
    "stdout_visibility",
    "extra_data",
    "tests",
    "leaderboard",
}
GRADESCOPE_TEST_KEYS = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility", "extra_data"}


def gradescope(**fields: Any) -> Any:  # noqa: ANN401 - JSON
    return json.loads(gradescope_json(mark(**fields)))


def test_gradescope_gets_its_own_keys_and_a_test_for_each_question() -> None:
    document = gradescope(result=samples.halfway())

    assert set(document) <= GRADESCOPE_KEYS
    assert all(set(test) == GRADESCOPE_TEST_KEYS for test in document["tests"])
    assert document["score"] == pytest.approx(13.2)
    step = document["tests"][2]
    assert (step["name"], step["number"], step["score"], step["max_score"], step["status"]) == (
        "rnn_step: One step of a recurrent layer with a hidden state",
        "3",
        1.0,
        4.0,
        "failed",
    )
    assert "is every parameter of the layer in use?" in step["output"]
    assert [test["status"] for test in document["tests"]].count("passed") == 2


def test_what_a_run_prints_is_hidden_on_gradescope() -> None:
    assert gradescope()["stdout_visibility"] == "hidden"


def test_gradescope_gets_the_mark_after_penalties_and_is_told_of_them() -> None:
    document = gradescope(score=5.0, raw_score=7.0, late_penalty=2.0)

    assert document["score"] == 5.0
    assert document["output"].splitlines()[:2] == ["5 of 7 points.", "Taken off for handing in late: 2."]


@pytest.mark.parametrize("result", [samples.unreadable(), samples.ours()], ids=["unreadable", "ours"])
def test_without_a_mark_gradescope_gets_no_score_but_the_reason(result: Any) -> None:  # noqa: ANN401 - a result
    document = gradescope(result=result)

    assert "score" not in document
    assert "tests" not in document
    assert result.message in document["output"]


def test_a_run_without_sandbox_is_said() -> None:
    assert "UNSANDBOXED" in gradescope(result=samples.perfect().model_copy(update={"environment": {"sandbox": "none"}}))["output"]


def test_classroom_decodes_what_is_written_to_github_output() -> None:
    line = classroom_output(mark(samples.halfway()))

    name, _, value = line.partition("=")
    document = json.loads(base64.b64decode(value))
    assert (name, line.count("\n")) == ("result", 1)
    assert set(document) == {"version", "status", "max_score", "tests"}
    assert (document["version"], document["status"], document["max_score"]) == (1, "fail", 37.0)
    assert all(set(test) == {"name", "status", "score", "message", "test_code", "line_no"} for test in document["tests"])
    assert sum(test["score"] for test in document["tests"]) == pytest.approx(13.2)
    assert document["tests"][0] == {"name": "Vocab", "status": "pass", "score": 3.0, "message": "", "test_code": 'check("Vocab")', "line_no": 0}


def test_classroom_is_told_whether_all_points_were_earned_or_nothing_could_be_graded() -> None:
    status = [json.loads(classroom_json(mark(result)))["status"] for result in (samples.perfect(), samples.unreadable(), samples.ours())]

    assert status == ["pass", "error", "error"]


def test_check50_gets_a_result_for_each_question() -> None:
    document = json.loads(check50_json(mark(samples.halfway())))

    results = {result["name"]: result for result in document["results"]}
    assert set(document) == {"slug", "results", "version"}
    assert all(set(result) == {"name", "description", "passed", "log", "cause", "data", "dependency"} for result in results.values())
    assert (results["Vocab"]["passed"], results["Vocab"]["cause"]) == (True, None)
    assert (results["rnn_step"]["passed"], results["rnn_step"]["cause"]["rationale"]) == (False, "Partly right")
    assert (results["rnn_forward"]["passed"], results["rnn_forward"]["dependency"]) == (None, "rnn_step")


def test_check50_gets_an_error_where_nothing_could_be_graded() -> None:
    document = json.loads(check50_json(mark(samples.unreadable())))

    assert "results" not in document
    assert "this is a PDF" in document["error"]["value"]


@pytest.mark.parametrize("form", [gradescope_json, classroom_json, check50_json])
def test_hidden_cases_are_not_told(form: Any) -> None:  # noqa: ANN401 - a function of a mark
    assert samples.PRIVATE not in form(mark(samples.halfway()))


@pytest.mark.parametrize("form", [gradescope_json, classroom_json, check50_json])
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text_in_json(form: Any, name: str) -> None:  # noqa: ANN401 - a function of a mark
    question = QuestionResult(name=name, title=name, points=1, score=0, verdict=Verdict.FAILED, message=name)
    result = samples.perfect(name, name).model_copy(update={"questions": (question,), "notes": (name,)})

    text = form(mark(result))
    document = json.loads(text)

    assert text.isascii()
    (test,) = document.get("tests") or document["results"]
    assert "\x1b" not in json.dumps(test, ensure_ascii=False)
    assert "\u202e" not in test["name"]
    assert "\n" not in test["name"]
