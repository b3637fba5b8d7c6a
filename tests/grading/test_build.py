"""What a bundle holds, and what an author is told when it cannot be built."""

from pathlib import Path

import pytest
import torch

from grader.errors import AuthorError
from grader.execution.answers import Raised, Returned
from grader.grading.bundle import Bundle
from grader.grading.solution import bundle_version
from grader.values.tree import TensorLeaf
from tests.grading.assignments import IMPORTS, QUESTIONS, SOLUTIONS, STUBS, build, pristine, write_assignment

HEAD = 'import torch\nfrom grader.authoring import Assignment, Case, Failure\nassignment = Assignment(title="T")\n'


def build_small(folder: Path, cases: str, solution: str, *, options: str = "", before: str = "") -> Bundle:
    """Build an assignment of one question `f`."""
    questions = f'{HEAD}{before}\n@assignment.question("f", points=1{options})\ndef f(draw):\n    """A title."""\n    {cases}\n'
    source = f"#| question: f\n{solution}\n"
    write_assignment(folder / "one", questions=questions, sources=[IMPORTS, source])
    return build(folder / "one", stubs=[IMPORTS, "#| question: f\ndef f():\n    raise NotImplementedError"])


def test_a_bundle_holds_what_grading_needs(bundle: Bundle) -> None:
    scale = bundle.questions[0]

    assert [question.name for question in bundle.questions] == list(SOLUTIONS)
    assert (bundle.name, bundle.title, bundle.pristine) == ("small", "A small assignment", pristine())
    assert (scale.title, scale.points, scale.entry, scale.reference, scale.stub) == ("Scaling a matrix.", 10, "scale", SOLUTIONS["scale"], STUBS["scale"])
    assert [(case.name, case.group) for case in scale.cases] == [
        ("two rows", "public"),
        ("one row", "hidden"),
        ("float32", "hidden"),
        ("a factor below 0", "edge"),
    ]
    assert bundle.questions[1].depends_on == ("scale",)


def test_expected_values_are_the_references(bundle: Bundle) -> None:
    case = bundle.questions[0].cases[0]
    given = case.inputs["X"]

    assert isinstance(case.expected, Returned)
    assert isinstance(case.expected.value, TensorLeaf)
    assert isinstance(given, TensorLeaf)
    assert torch.equal(case.expected.value.data, given.data * 3)
    assert case.expected.value.requires_grad


def test_an_expected_exception_is_kept_by_its_classes(bundle: Bundle) -> None:
    expected = bundle.questions[3].cases[0].expected

    assert isinstance(expected, Raised)
    assert expected.types[:2] == ("ValueError", "Exception")


def test_every_mistake_has_an_outcome_for_every_case(bundle: Bundle) -> None:
    scale = bundle.questions[0]

    assert all(set(case.mistakes) == {mistake.id for mistake in scale.mistakes} for case in scale.cases)
    assert isinstance(scale.cases[0].mistakes["S07"], Raised)
    in_place = scale.cases[0].mistakes["S05"]
    assert isinstance(in_place, Returned)
    assert set(in_place.mutated) == {"X"}


def test_the_tolerance_follows_from_the_inputs_precision(bundle: Bundle) -> None:
    by_name = {case.name: case.tolerance for case in bundle.questions[0].cases}

    assert by_name["one row"].working == "float64"
    assert by_name["float32"].working == "float32"
    assert by_name["one row"].rounding > 0


def test_an_authors_tolerance_wins(tmp_path: Path) -> None:
    bundle = build_small(tmp_path, 'yield Case("c", public=True, tolerance=0.25, x=1.0)', "def f(x):\n    return x * 2")

    assert bundle.questions[0].cases[0].tolerance.relative == 0.25


def test_a_reference_that_fails_in_another_precision_has_no_rounding(tmp_path: Path) -> None:
    solution = "def f(x):\n    if x.dtype == torch.float32:\n        raise TypeError\n    return x / 3"
    bundle = build_small(tmp_path, 'yield Case("c", public=True, x=draw.normal(3))', solution)

    assert bundle.questions[0].cases[0].tolerance.rounding == 0


@pytest.mark.parametrize(
    ("cases", "solution", "problem"),
    [
        ('yield Case("c", public=True, x=1)', "def f(x):\n    return x\nraise KeyError('k')", "does not run: KeyError"),
        ('yield Case("c", public=True, x=1)', "def g(x):\n    return x", "defines no `f`"),
        ('yield Case("c", public=True, x=1)', "import time\ndef f(x):\n    return time.perf_counter()", "gives something else"),
        ('yield Case("c", public=True, x=1)', "def f(x):\n    yield x", "returns a generator"),
        ('yield Case("c", public=True, x=1)', "def f(x):\n    return y", "case 'c': the reference raises NameError"),
        (
            'yield Case("c", publc=True, x=1)\n    yield Case("d", public=True, x=1)',
            "def f(x):\n    return x",
            "case 'c': the reference raises TypeError: .*publc",
        ),
        ('yield Case("c", public=True, raises=KeyError, x=1)', "def f(x):\n    raise ValueError(x)", "the reference raises ValueError"),
        ('yield Case("c", public=True, raises=KeyError, x=1)', "def f(x):\n    return x", "the reference returns a value, and the case says raises=KeyError"),
    ],
)
def test_a_reference_that_cannot_be_used_is_told(tmp_path: Path, cases: str, solution: str, problem: str) -> None:
    with pytest.raises(AuthorError, match=problem):
        build_small(tmp_path, cases, solution)


def test_a_reference_must_pass_its_own_check(tmp_path: Path) -> None:
    check = 'def positive(got, x):\n    return None if got > 0 else Failure(message="It should be positive.")\n'

    with pytest.raises(AuthorError, match=r"case 'c': the reference itself does not pass: It should be positive\."):
        build_small(tmp_path, 'yield Case("c", public=True, check=positive, x=1)', "def f(x):\n    return -x", before=check)


def test_a_reference_may_not_use_what_it_forbids(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"line 3 of its cell uses torch\.abs"):
        build_small(tmp_path, 'yield Case("c", public=True, x=1)', "def f(x):\n    return torch.abs(x)", options=', forbids=["torch.abs"]')


def test_a_reference_that_hides_what_it_forbids_is_seen_when_it_runs(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"the reference uses torch\.abs, which it forbids"):
        build_small(
            tmp_path,
            'yield Case("c", public=True, x=draw.normal(2))',
            "def f(x):\n    return vars(torch)['a' + 'bs'](x)",
            options=', forbids=["torch.abs"]',
        )


def test_a_forbidden_name_must_exist(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"forbids names torch\.absolutely_not"):
        build_small(tmp_path, 'yield Case("c", public=True, x=1)', "def f(x):\n    return x", options=', forbids=["torch.absolutely_not"]')


def test_a_question_needs_exactly_one_cell(tmp_path: Path) -> None:
    folder = write_assignment(tmp_path / "small", sources=[IMPORTS, *SOLUTIONS.values(), SOLUTIONS["pick"]])

    with pytest.raises(AuthorError, match="question pick: 2 cells answer this question"):
        build(folder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"nbformat": 4, "nbformat_minor": 5}'])
def test_a_notebook_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    folder = write_assignment(tmp_path / "small")
    (folder / "small.ipynb").write_text(text)

    with pytest.raises(AuthorError, match=r"small\.ipynb: it (is no notebook|has the old notebook format 1)"):
        build(folder)


def test_a_notebook_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = write_assignment(tmp_path / "small")
    (folder / "small.ipynb").unlink()

    with pytest.raises(AuthorError, match=r"small\.ipynb: the solution notebook cannot be read"):
        build(folder)


def test_the_version_changes_with_everything_that_counts(tmp_path: Path) -> None:
    folder = write_assignment(tmp_path / "small")
    versions = [bundle_version(folder, pristine())]

    (folder / "questions.py").write_text(QUESTIONS + "\n")
    versions.append(bundle_version(folder, pristine()))
    (folder / "small.ipynb").write_text((folder / "small.ipynb").read_text() + "\n")
    versions.append(bundle_version(folder, pristine()))
    versions.append(bundle_version(folder, pristine()[:-1]))

    assert len(set(versions)) == 4
    assert bundle_version(folder, pristine()) == versions[2]


def test_what_python_and_editors_leave_behind_does_not_change_the_version(tmp_path: Path) -> None:
    folder = write_assignment(tmp_path / "small")
    before = bundle_version(folder, pristine())
    for left in ("__pycache__", ".ipynb_checkpoints"):
        (folder / left).mkdir()
        (folder / left / "x.bin").write_bytes(b"x")

    assert bundle_version(folder, pristine()) == before
