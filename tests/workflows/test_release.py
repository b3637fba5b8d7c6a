import asyncio
import json
from pathlib import Path
from typing import Literal

import pytest

from grader import check
from grader.authoring.limits import Limits
from grader.authoring.public import FILE_NAME, dump_public, load_public
from grader.errors import SettingsError
from grader.execution.answers import Raised, Returned
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion, Outcome
from grader.settings import Settings
from grader.values.tolerance import Tolerance
from grader.workflows.new import new_assignment
from grader.workflows.release import ReleaseOutcome, public_questions, release


def _settings(folder: Path) -> Settings:
    return Settings(solutions=folder / "solutions", assignments=folder / "assignments", cache=folder / "cache", device="cpu")


@pytest.mark.kernel
@pytest.mark.usefixtures("warm")
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


def _bundled(name: str, group: Literal["public", "hidden", "edge"], expected: Outcome, check: str | None = None) -> BundledCase:
    return BundledCase(
        name=name,
        group=group,
        points=None,
        inputs={"grads": [1.0]},
        driver=None,
        check=check,
        tolerance=Tolerance(relative=0.5),
        allow=frozenset({"numpy"}),
        may_mutate=frozenset({"theta"}),
        teaching=False,
        expected=expected,
        mistakes={},
    )


def test_students_get_the_public_cases_of_a_bundle_and_what_the_reference_gave() -> None:
    question = BundledQuestion(
        name="grad_clipping",
        entry="grad_clipping",
        title="Clip.",
        points=1,
        depends_on=(),
        forbids=("torch.nn.utils.clip_grad_norm_",),
        call_seconds=5,
        reference="",
        stub="",
        mistakes=(),
        cases=(
            _bundled("clips", "public", Returned(value=[0.5], mutated={"grads": [0.5]})),
            _bundled("raises", "public", Raised(types=("ValueError", "Exception"))),
            _bundled("judged", "public", Returned(value=0.25), check="def judge(got, grads): ..."),
            _bundled("hidden", "hidden", Returned(value=0.125)),
        ),
    )
    bundle = Bundle(name="clip", title="Clip", version="", limits=Limits(), carry_errors=True, pristine=(), questions=(question,))

    (public,) = public_questions(bundle)

    assert public.forbids == ("torch.nn.utils.clip_grad_norm_",)
    assert [case.name for case in public.cases] == ["clips", "raises", "judged"]
    assert [case.expected for case in public.cases] == [[0.5], None, None]
    assert [case.raises for case in public.cases] == [(), ("ValueError", "Exception"), ()]
    assert [case.may_mutate for case in public.cases] == [{"theta", "grads"}, {"theta"}, {"theta"}]
    assert load_public(dump_public([public])) == (public,)
