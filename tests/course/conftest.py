"""The bundles of the course's own assignments."""

from functools import cache

import pytest

from grader.authoring.case import Case
from grader.authoring.load import draw_cases
from grader.authoring.question import Question
from grader.grading.bundle import Bundle
from grader.workflows.course import load_bundle
from tests.course.assignments import ROOT, TRAINED, Built, folder_of, questions_of
from tests.execution.lab import Lab


@pytest.fixture(scope="session")
def built(lab: Lab) -> Built:
    """Build an assignment's bundle once, in real kernels; it is kept in the checkout's cache, where it is found by its content."""

    @cache
    def build(name: str) -> Bundle:
        kept = ROOT / ".grader"
        if TRAINED.isdisjoint(question.name for question in questions_of(name).questions):
            return lab.do(load_bundle(folder_of(name), lab.slots, kept))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.grading.build.draw_cases", _quick_cases)
            return lab.do(load_bundle(folder_of(name), lab.slots, kept / "quick"))

    return build


def _quick_cases(assignment: str, question: Question) -> list[Case]:
    return [case for case in draw_cases(assignment, question) if case.public or question.name not in TRAINED]
