"""One warm process for all attacks."""

from collections.abc import Iterator

import pytest

from grader.execution.sandbox.tiers import NAMESPACES
from tests.execution.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_CANARY", "a secret of the host")
        with Lab(NAMESPACES) as lab:
            yield lab
