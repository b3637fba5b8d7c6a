"""The bundles of the course's own assignments."""

from functools import cache

import pytest

from grader.grading.bundle import Bundle
from grader.workflows.course import load_bundle
from tests.course.assignments import ROOT, Built, folder_of
from tests.execution.lab import Lab


@pytest.fixture(scope="session")
def built(lab: Lab) -> Built:
    """Build an assignment's bundle once, in real kernels; it is kept in the checkout's cache, where it is found by its content."""

    @cache
    def build(name: str) -> Bundle:
        return lab.do(load_bundle(folder_of(name), lab.slots, ROOT / ".grader"))

    return build
