import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.settings import load_settings
from grader.workflows.new import new_assignment
from grader.workflows.run import Progress, RunRequest, run


def test_without_dask_the_extra_that_a_cluster_needs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "grader.workflows.remote", raising=False)
    monkeypatch.delitem(sys.modules, "grader.scheduling.cluster", raising=False)
    folder = new_assignment("affine", solutions=tmp_path / "solutions")
    shutil.copytree(folder, tmp_path / "class" / "ada")
    progress = Progress(total=lambda _: None, building=lambda _: None, started=lambda _: None, said=lambda _: None, graded=lambda _: None)

    with pytest.raises(SettingsError, match=r"pip install 'grader\[cluster\]' \(distributed is missing\)"):
        asyncio.run(run(RunRequest(paths=(tmp_path / "class",), cold=True), load_settings(tmp_path, cluster="tcp://127.0.0.1:9"), progress))
