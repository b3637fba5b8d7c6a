"""Results as JUnit XML, as pytest writes it: a suite a submission, a test case a question."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

from grader.reports.exports.feedback_text import is_full, question_texts
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line, plain
from grader.reports.wording import is_graded, points
from grader.results import QuestionResult, Verdict

# What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(marks: Iterable[Mark], *, hostname: str) -> Iterator[str]:
    """Yield the test suites of all submissions, one by one; an answer without all of its points is a failure, a fault of ours or an unreadable file an error."""
    yield '<?xml version="1.0" encoding="utf-8"?><testsuites name="grader">'
    for mark in marks:
        yield ET.tostring(_suite(mark, hostname), encoding="unicode")
    yield "</testsuites>\n"


def _suite(mark: Mark, hostname: str) -> ET.Element:
    cases = [_case(mark, question, words, text) for question, words, text in question_texts(mark.result)]
    if not is_graded(mark.result):
        cases.append(_ungraded(mark))
    suite = _element(
        "testsuite",
        name=f"{one_line(mark.assignment)}: {one_line(mark.student)}",
        errors=_count(cases, "error"),
        failures=_count(cases, "failure"),
        skipped=_count(cases, "skipped"),
        tests=str(len(cases)),
        time=_seconds(sum(mark.result.timings.values())),
        timestamp=mark.result.graded_at,
        hostname=hostname,
    )
    suite.append(_properties(score="" if mark.score is None else points(mark.score), points=points(mark.points), path=mark.result.path))
    suite.extend(cases)
    return suite


def _case(mark: Mark, question: QuestionResult, words: str, text: str) -> ET.Element:
    seconds = sum(case.seconds for case in question.cases)
    case = _test_case(mark, question.name, seconds)
    case.append(_properties(score=points(question.score), points=points(question.points), title=question.title))
    if not is_full(question):
        kind = "error" if question.verdict is Verdict.OURS else "failure"
        message = f"{points(question.score)} of {points(question.points)} points: {words}"
        case.append(_element(kind, text, message=message))
    return case


def _ungraded(mark: Mark) -> ET.Element:
    case = _test_case(mark, "notebook", 0)
    case.append(_element("error", mark.result.message, message=one_line(mark.result.message)))
    return case


def _test_case(mark: Mark, name: str, seconds: float) -> ET.Element:
    return _element("testcase", classname=f"{one_line(mark.assignment)}.{one_line(mark.student)}", name=name, time=_seconds(seconds))


def _properties(**values: str) -> ET.Element:
    properties = ET.Element("properties")
    properties.extend(_element("property", name=name, value=value) for name, value in values.items())
    return properties


def _element(tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.Element(tag, {name: _xml_text(value) for name, value in attributes.items()})
    element.text = _xml_text(text) or None
    return element


def _xml_text(text: str) -> str:
    return _NO_XML.sub("\ufffd", plain(text))


def _count(cases: Iterable[ET.Element], kind: str) -> str:
    return str(sum(case.find(kind) is not None for case in cases))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
