"""One warm process for all tests of a folder."""

from collections.abc import Iterator

import pytest

from grader.execution.sandbox.tiers import NAMESPACES
from tests.execution.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with Lab(NAMESPACES) as lab:
        yield lab
