"""The small assignment's bundle, built once."""

import pytest

from grader.grading.bundle import Bundle
from tests.grading.assignments import build, write_assignment


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(write_assignment(tmp_path_factory.mktemp("solutions") / "small"))
