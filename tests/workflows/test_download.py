"""The way from what Canvas lets an instructor download back into Canvas's gradebook."""

import asyncio
from pathlib import Path

import pytest

from grader.reports.exports.formats import Format
from grader.settings import Settings, load_settings
from grader.workflows.demo import demo
from grader.workflows.export import ExportRequest, export
from grader.workflows.new import new_assignment
from grader.workflows.run import run
from grader.workflows.run_request import Progress, RunRequest
from tests.intake.zips import archive, member
from tests.reports.exports.given import rows_of

GRADEBOOK = """Student,ID,SIS Login ID,Section,affine (77)
    Points Possible,,,,2
"=cmd|' /C calc'!A0",11,x,A,
"Late, Lucy",12,y,A,
"Broken, Bob",13,z,A,
"""
DOWNLOADED_LONG_AFTER = (2024, 1, 20, 8, 0, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    new_assignment("affine", solutions=tmp_path / "solutions")
    (tmp_path / "grader.toml").write_text('[late.affine]\ndue = "2024-01-01T12:00:00Z"\npenalty_per_day = 0.25\n')
    return load_settings(tmp_path, slots=1)


def right_notebook(settings: Settings, folder: Path) -> bytes:
    """Return a notebook with everything right."""
    truth = asyncio.run(demo([], settings, students=1, seed=0, out=folder))
    assert truth
    return next(folder.rglob("*.ipynb")).read_bytes()


@pytest.mark.kernel
@pytest.mark.usefixtures("warm")
def test_a_canvas_download_is_graded_and_goes_back_into_canvas(settings: Settings, tmp_path: Path) -> None:
    notebook = right_notebook(settings, tmp_path / "class")
    path = archive(
        tmp_path / "submissions.zip",
        (member("cmdccalca0_11_901_affine.ipynb", when=DOWNLOADED_LONG_AFTER), notebook),
        (member("latelucy_LATE_12_902_affine-1.ipynb", when=(2024, 1, 2, 8, 0, 0)), notebook),
        (member("brokenbob_13_903_affine.ipynb", when=DOWNLOADED_LONG_AFTER), b"{"),
    )
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK)
    progress = Progress(
        total=lambda _: None, building=lambda _: None, started=lambda _: None, stopped=lambda _: None, graded=lambda _: None, said=lambda _: None
    )

    asyncio.run(run(RunRequest(paths=(path,)), settings, progress))
    exported = export(ExportRequest(format=Format.CANVAS, template=tmp_path / "gradebook.csv"), settings)

    _, formula, late, broken = rows_of(exported.text)
    assert (formula["Student"], formula["affine (77)"]) == ("'=cmd|' /C calc'!A0", "2")
    assert (late["Student"], late["affine (77)"]) == ("Late, Lucy", "1.5")
    assert broken["affine (77)"] == ""
    assert [problem.partition(":")[0] for problem in exported.problems] == ["brokenbob"]
