import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.settings import Settings, load_settings
from grader.workflows.new import new_assignment
from grader.workflows.place import local_device
from grader.workflows.run import run
from grader.workflows.run_request import Progress, RunRequest
from tests.execution.lab import cells

CPU_CELLS = cells("import torch", "def f(X): return X.to(X.device)")
GPU_CELLS = cells("import torch\ntorch.set_default_device('cuda' if torch.cuda.is_available() else 'cpu')")


def test_gpus_are_taken_by_themselves_only_for_notebooks_that_speak_of_cuda() -> None:
    auto, asked = Settings(), Settings(device="cuda:1")

    assert [local_device(auto, [CPU_CELLS]), local_device(auto, [CPU_CELLS, GPU_CELLS])] == ["cpu", "auto"]
    assert [local_device(asked, [CPU_CELLS]), local_device(asked, [GPU_CELLS])] == ["cuda:1", "cuda:1"]


def test_where_a_cluster_grades_this_machine_s_gpus_are_left_alone() -> None:
    assert local_device(Settings(device="cuda", cluster="tcp://127.0.0.1:9"), [GPU_CELLS]) == "cpu"


def test_without_dask_the_extra_that_a_cluster_needs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "grader.workflows.remote", raising=False)
    monkeypatch.delitem(sys.modules, "grader.scheduling.cluster", raising=False)
    folder = new_assignment("affine", solutions=tmp_path / "solutions")
    shutil.copytree(folder, tmp_path / "class" / "ada")
    progress = Progress(
        total=lambda _: None, building=lambda _: None, started=lambda _: None, stopped=lambda _: None, said=lambda _: None, graded=lambda _: None
    )

    with pytest.raises(SettingsError, match=r"pip install 'grader\[cluster\]' \(distributed is missing\)"):
        asyncio.run(run(RunRequest(paths=(tmp_path / "class",), cold=True), load_settings(tmp_path, cluster="tcp://127.0.0.1:9"), progress))
