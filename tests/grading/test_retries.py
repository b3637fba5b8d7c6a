"""What only a check knows, and second chances under other seeds."""

from pathlib import Path

import pytest

from grader.grading.bundle import Bundle
from grader.grading.store import load, save
from grader.results import QuestionResult, Verdict
from grader.values.tree import Value
from tests.fakes import FakeKernels
from tests.grading.assignments import IMPORTS, build, grade_now, question_in, submission_of, write_assignment

QUESTIONS = '''
from grader.authoring import Assignment, Case, Failure

assignment = Assignment(title="Luck")


def near_enough(got, start, label):
    return None if got == label else Failure(message=f"{got} is not enough", credit=got)


@assignment.question("luck", points=10)
def luck(draw):
    """A result that depends on luck"""
    yield Case("the start", public=True, points=1, start=0.0)
    yield Case("one of three", points=9, start=0.5, check=near_enough, private={"label": 1.0}, retries=2)
'''
SOLUTION = "#| question: luck\ndef luck(start):\n    return 1.0 if start else 0.0\n"
STUB = "#| question: luck\ndef luck(start):\n    raise NotImplementedError\n"


@pytest.fixture(scope="module")
def luck(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = write_assignment(tmp_path_factory.mktemp("solutions") / "luck", questions=QUESTIONS, sources=[IMPORTS, SOLUTION])
    return build(folder, stubs=[IMPORTS, STUB])


def graded(bundle: Bundle, by_seed: list[float]) -> tuple[QuestionResult, list[int]]:
    """Return the result of an answer that gives these numbers under the seeds 0, 1, 2, and the seeds that the hidden case was asked with."""
    kernels = FakeKernels()
    source = f"#| question: luck\ndef luck(start):\n    return {by_seed}[torch.initial_seed()] if start else 0.0\n"
    result = grade_now(bundle, submission_of({"luck": source}, base={}), kernels)
    return question_in(result, "luck"), [probe.seed for probe in kernels.sessions[0].probes if probe.inputs["start"]]


@pytest.mark.parametrize(
    ("by_seed", "score", "seeds"),
    [
        ([1.0, 0.0, 0.0], 10, [0]),
        ([0.0, 1.0, 1.0], 10, [0, 1, 2]),
        ([0.0, 1.0, 0.0], 1, [0, 1, 2]),
        ([0.0, 1.0, 0.5], 5.5, [0, 1, 2]),
        ([0.5, 0.5, 1.0], 5.5, [0, 1]),
    ],
)
def test_after_a_miss_the_median_of_three_seeds_counts(luck: Bundle, by_seed: list[float], score: float, seeds: list[int]) -> None:
    result, asked = graded(luck, by_seed)

    assert (result.score, asked) == (score, seeds)
    assert result.verdict is (Verdict.PASSED if score == 10 else Verdict.FAILED)


def test_an_exception_is_no_bad_luck(luck: Bundle) -> None:
    result, asked = graded(luck, [])

    assert (result.score, asked) == (1, [0])


def test_what_is_private_never_enters_a_kernel_and_reaches_the_check(luck: Bundle) -> None:
    kernels = FakeKernels()

    result = grade_now(luck, submission_of({"luck": SOLUTION}, base={}), kernels)

    assert question_in(result, "luck").score == 10
    assert [set(probe.inputs) for session in kernels.sessions for probe in session.probes] == [{"start"}, {"start"}]


def test_private_values_and_retries_are_stored_with_a_bundle(luck: Bundle, tmp_path: Path) -> None:
    save(luck, tmp_path / "luck.bundle")

    case = load(tmp_path / "luck.bundle").questions[0].cases[1]

    private: dict[str, Value] = {"label": 1.0}
    assert (case.private, case.retries) == (private, 2)
