"""What all tests share."""

import pytest
import torch


def pytest_configure(config: pytest.Config) -> None:  # noqa: ARG001 - pytest's signature
    """Compute with one thread, as kernels do: several test processes share the cores."""
    torch.set_num_threads(1)
