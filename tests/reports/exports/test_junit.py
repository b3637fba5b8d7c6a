"""JUnit XML, read as continuous integration reads it."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

import pytest

from grader.reports.exports.junit import junit_xml
from grader.reports.exports.marks import Mark
from grader.results import QuestionResult, Verdict
from tests.reports import samples
from tests.reports.exports.given import HOSTILE, MARKS, mark


def suites_of(marks: Iterable[Mark]) -> list[ET.Element]:
    return list(
        ET.fromstring("".join(junit_xml(marks, hostname="ci")))  # noqa: S314 - our own text
    )


def test_it_has_the_elements_and_attributes_that_pytest_writes() -> None:
    text = "".join(junit_xml(MARKS, hostname="ci"))

    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?><testsuites name="grader"><testsuite name="rnn-scratch: Ada Lovelace" errors=')
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "properties", "property", "failure", "error"}
    assert all(set(suite.attrib) == {"name", "errors", "failures", "skipped", "tests", "time", "timestamp", "hostname"} for suite in root)
    assert all(set(case.attrib) == {"classname", "name", "time"} for case in root.iter("testcase"))


def test_the_counts_are_those_of_the_cases() -> None:
    for suite in suites_of(MARKS):
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(suite.attrib["errors"]) == sum(case.find("error") is not None for case in cases)


def test_a_question_without_all_points_is_a_failure_that_says_why() -> None:
    (suite,) = suites_of([mark(samples.halfway())])

    cases = {case.attrib["name"]: case for case in suite.findall("testcase")}
    failure = cases["rnn_step"].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "1 of 4 points: Partly right"
    assert "is every parameter of the layer in use?" in (failure.text or "")
    assert cases["Vocab"].find("failure") is None
    assert cases["predict"].find("failure") is not None


@pytest.mark.parametrize(("score", "message"), [(4, None), (3, "3 of 4 points: Set by your instructor")])
def test_what_an_instructor_gave_for_a_right_answer_fails_only_without_all_points(score: float, message: str | None) -> None:
    question = samples.passed("step", "", 4).model_copy(update={"score": score, "overridden": True})
    (suite,) = suites_of([mark(samples.perfect().model_copy(update={"questions": (question,)}))])

    failure = suite.find("testcase/failure")
    assert (None if failure is None else failure.attrib["message"]) == message


def test_a_question_that_was_made_up_for_passes() -> None:
    (suite,) = suites_of([mark(samples.halfway())])

    assert next(case for case in suite.findall("testcase") if case.attrib["name"] == "rnn_forward").find("failure") is None


def test_a_file_that_cannot_be_read_and_a_fault_of_ours_are_errors() -> None:
    unreadable, ours = suites_of([mark(samples.unreadable()), mark(samples.ours())])

    assert [suite.attrib["errors"] for suite in (unreadable, ours)] == ["1", "1"]
    error = unreadable.find("testcase/error")
    assert error is not None
    assert "this is a PDF, not a notebook" in error.attrib["message"]


def test_a_question_that_we_failed_to_grade_is_an_error_and_no_failure() -> None:
    question = QuestionResult(name="q", title="", points=1, score=0, verdict=Verdict.OURS)
    (suite,) = suites_of([mark(samples.perfect().model_copy(update={"questions": (question,)}))])

    assert (suite.attrib["errors"], suite.attrib["failures"]) == ("1", "0")


def test_properties_hold_the_points() -> None:
    (suite,) = suites_of([mark(score=5.5)])

    assert {one.attrib["name"]: one.attrib["value"] for one in suite.findall("properties/property")}["score"] == "5.5"
    assert [one.attrib["value"] for one in suite.findall("testcase/properties/property[@name='points']")] == ["3", "4"]


def test_hidden_cases_are_not_told() -> None:
    assert samples.PRIVATE not in "".join(junit_xml(MARKS, hostname="ci"))


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text_in_xml(name: str) -> None:
    question = QuestionResult(name=name, title=name, points=1, score=0, verdict=Verdict.FAILED, message=name)
    result = samples.unreadable(name).model_copy(update={"message": name, "assignment": name})

    suites = suites_of([mark(result), mark(samples.perfect(name).model_copy(update={"questions": (question,)}))])

    assert {element.tag for suite in suites for element in suite.iter()} <= {"testsuite", "testcase", "properties", "property", "failure", "error"}
    assert [len(suite.findall("testcase")) for suite in suites] == [1, 1]
