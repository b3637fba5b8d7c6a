"""What all tests share."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, nullcontext

import pytest
import torch

from grader.execution.devices import Gpu
from grader.execution.sandbox.tiers import NAMESPACES, Tier
from grader.execution.zygote_process import ZygoteProcess
from tests.execution.lab import Lab


def pytest_configure(config: pytest.Config) -> None:  # noqa: ARG001 - pytest's signature
    """Compute with one thread, as kernels do: several test processes share the cores."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Give one warm process for all tests: to start one costs a processor three seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_CANARY", "a secret of the host")
        with Lab(NAMESPACES) as lab:
            yield lab


@pytest.fixture(scope="module")
def warm(lab: Lab) -> Iterator[None]:
    """Let whole runs in this process fork from the lab's warm process instead of one of their own."""

    def process(tier: Tier, gpu: Gpu | None) -> AbstractAsyncContextManager[ZygoteProcess]:
        return nullcontext(lab.zygote) if tier is NAMESPACES and gpu is None else ZygoteProcess(tier, gpu)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grader.scheduling.device_kernels.ZygoteProcess", process)
        yield
