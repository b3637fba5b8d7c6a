"""Answers that are wrong, and meant to be worth something by the rules alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.authoring.checks import run_check
from grader.authoring.load import draw_cases, load_assignment
from grader.authoring.source import source_of
from grader.execution.answers import Returned
from grader.grading.bundle import Bundle
from grader.grading.forbids import forbidden_uses
from grader.grading.judge import judge
from grader.grading.scoring import Mark, question_score
from grader.intake.lms import handed_in
from grader.results import Verdict
from grader.values.compare import compare
from grader.values.dtypes import DTYPES
from grader.values.snapshot import snapshot
from grader.values.tolerance import Tolerance
from tests.attacks.checked import checked
from tests.course.assignments import NAMES, ROOT
from tests.grading.assignments import STUBS, build, grade_now, marked, question_in, submission_of, write_assignment

NARROW = [dtype for dtype in DTYPES.values() if dtype.is_floating_point and dtype.itemsize < torch.float32.itemsize]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(write_assignment(tmp_path_factory.mktemp("solutions") / "small"))


@pytest.mark.parametrize("dtype", NARROW)
def test_an_answer_of_few_bits_is_not_allowed_to_be_as_wrong_as_its_bits_are_few(dtype: torch.dtype) -> None:
    for wrong in (10.0, 11.2, 12.0, 14.0):
        got = snapshot(torch.tensor(wrong).to(dtype))

        assert compare(11.3, got, tolerance=Tolerance(), allow=["number"]).difference is not None, wrong


def test_a_credit_that_is_made_no_number_is_worth_nothing() -> None:
    """A check that gives more credit the nearer an answer comes: NaN is neither near nor far."""
    check = "def check(got, X):\n    return None if got == 1 else Failure(message='not one', credit=1 - abs(got - 1))\n"
    case = checked(check)
    nearly, not_a_number = judge(case, Returned(value=0.75)), judge(case, Returned(value=float("nan")))

    assert (nearly.verdict, nearly.credit) == (Verdict.FAILED, 0.75)
    assert (not_a_number.verdict, not_a_number.credit) == (Verdict.FAILED, 0.0)
    assert question_score(10, [Mark(group="hidden", points=None, credit=not_a_number.credit)]) == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_without_a_number_in_it_agrees_with_no_check_of_the_course(name: str) -> None:
    """PyTorch compares an empty tensor with one of any shape, and finds no number that differs."""
    nothing = torch.empty(0, 1, 1, 1, dtype=torch.float64)
    empty: list[object] = [nothing, (nothing, [nothing]), (nothing, (nothing, nothing)), [], {"epochs": [[]]}]
    answers = [snapshot(answer) for answer in empty]
    cases = [case for question in load_assignment(ROOT / "solutions" / name).questions for case in draw_cases(name, question) if case.check]

    for case in cases:
        given = {key: snapshot(value) for key, value in {**case.inputs, **case.private}.items()}
        assert case.check is not None
        assert None not in [run_check(source_of(case.check), answer, given) for answer in answers], case.name


def test_a_number_that_cannot_be_written_down_is_no_fault_of_the_grader(bundle: Bundle) -> None:
    """A hexadecimal number has no limit of digits, its decimal form has."""
    result = grade_now(bundle, submission_of({"pick": marked(f"answers = {{'C1': 0x{'f' * 5000}, 'C2': 'b'}}\n", "pick")}))

    assert result.verdict is Verdict.FAILED, result.message
    assert question_in(result, "root").verdict is Verdict.PASSED


def test_the_correct_version_of_one_question_is_not_lent_to_another_that_does_not_depend_on_it(bundle: Bundle) -> None:
    """`total` is graded again with `scale` and `shift` in place, `root` with `scale` alone: it may not call that `shift`."""
    needs = {"total": ("scale", "shift"), "root": ("scale",)}
    depending = replace(bundle, questions=tuple(replace(question, depends_on=needs.get(question.name, ())) for question in bundle.questions))
    answers = {
        "scale": marked("def scale(X, factor):\n    return X - factor\n", "scale"),
        "shift": STUBS["shift"],
        "root": marked("def root(number):\n    if shift(number) < 1:\n        raise ValueError\n    return ((shift(number) - 1) / 2) ** 0.5\n", "root"),
    }
    result = grade_now(depending, submission_of(answers))

    assert question_in(result, "total").score == 2
    assert (question_in(result, "root").score, question_in(result, "root").carried) == (0, None)


def test_a_line_that_only_looks_like_a_magic_hides_nothing() -> None:
    cell = "import torch\ndef step(X):\n    return (torch.nn.RNN(2, 3)(X)[0]\n%1)\n"

    assert forbidden_uses(cell, [cell], ["torch.nn.RNN"]) == [("torch.nn.RNN", 3)]


@pytest.mark.parametrize(
    ("others", "hostile"),
    [
        ("annlee_11_101_rnn.ipynb", "eve_13_103_x_1_assignsubmission_file_rnn.ipynb"),
        ("Ann Lee_11_assignsubmission_file_rnn.ipynb", "Eve_13_assignsubmission_file_1_2_rnn.ipynb"),
    ],
    ids=["Canvas", "Moodle"],
)
def test_what_a_student_calls_a_file_does_not_change_whose_the_others_are(others: str, hostile: str, tmp_path: Path) -> None:
    for name in (others, hostile):
        (tmp_path / name).touch()

    assert {name: one.lms_id for name, one in handed_in(tmp_path).items()} == {others: "11", hostile: "13"}
