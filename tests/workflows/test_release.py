import asyncio
import json
from pathlib import Path

import pytest

from grader import check
from grader.authoring.public import FILE_NAME
from grader.errors import SettingsError
from grader.settings import Settings
from grader.workflows.new import new_assignment
from grader.workflows.release import ReleaseOutcome, release


def _settings(folder: Path) -> Settings:
    return Settings(solutions=folder / "solutions", assignments=folder / "assignments", cache=folder / "cache", sandbox="none", device="cpu")


@pytest.mark.kernel
def test_a_new_assignment_is_released_and_found_stale_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = _settings(tmp_path)
    folder = new_assignment("attention", solutions=settings.solutions)

    assert asyncio.run(release([], settings, check=True)) == [ReleaseOutcome(name="attention", changed=("attention.ipynb", FILE_NAME))]
    assert not settings.assignments.exists()
    asyncio.run(release([], settings, check=False))
    assert asyncio.run(release(["attention"], settings, check=True)) == [ReleaseOutcome(name="attention", changed=())]

    monkeypatch.chdir(settings.assignments / "attention")
    exec("def affine(X, W, b): return X @ W\ncheck('affine')", {"check": check})  # noqa: S102 - as a student's notebook would
    exec("def affine(X, W, b): return b + X @ W\ncheck('affine')", {"check": check})  # noqa: S102 - as a student's notebook would
    wrong, right = capsys.readouterr().out.split("affine: ")[1:]
    assert "8 of 8 elements differ" in wrong
    assert right.startswith("public cases passed")

    notebook = json.loads((folder / "attention.ipynb").read_text())
    notebook["cells"][1]["source"] = ["# Attention"]
    (folder / "attention.ipynb").write_text(json.dumps(notebook))
    assert asyncio.run(release([], settings, check=True)) == [ReleaseOutcome(name="attention", changed=("attention.ipynb",))]


def test_an_assignment_that_does_not_exist_is_told(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    new_assignment("attention", solutions=settings.solutions)

    with pytest.raises(SettingsError, match="did you mean 'attention'"):
        asyncio.run(release(["atention"], settings, check=True))
