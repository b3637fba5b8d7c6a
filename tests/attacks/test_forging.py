"""Wrong answers that claim to be right: none may get a point that its code did not earn."""

import dataclasses
import textwrap
import time
from datetime import UTC, datetime

import pytest

from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.notebooks.submission import Submission
from grader.results import SubmissionResult, Verdict
from tests.attacks.claims import CLAIMS, GIVEN
from tests.execution.lab import Lab
from tests.grading.assignments import build, marked, question_in, submission_of, write_assignment

pytestmark = pytest.mark.kernel

WRONG = "def scale(X, factor):\n    return X * 7\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    built = build(write_assignment(tmp_path_factory.mktemp("solutions") / "small"))
    return dataclasses.replace(built, carry_errors=False, limits=dataclasses.replace(built.limits, call_seconds=3.0))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_false_claim_earns_nothing(claim: str, lab: Lab, bundle: Bundle) -> None:
    result = graded(lab, bundle, marked(CLAIMS[claim].source, "scale"))

    scale = question_in(result, "scale")
    assert scale.score == 0.0, [case.message for case in scale.cases]
    assert scale.verdict is not Verdict.PASSED
    assert result.verdict is not Verdict.OURS


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_naive_check_believes_the_same_claim(claim: str, lab: Lab) -> None:
    seen = lab.run(GIVEN, CLAIMS[claim].source, CLAIMS[claim].naive)

    assert seen.statuses[2] == "ok", seen.runs[2]


@pytest.mark.parametrize("naive", {claim.naive: None for claim in CLAIMS.values()})
def test_a_naive_check_does_not_believe_a_plain_mistake(naive: str, lab: Lab) -> None:
    seen = lab.run(GIVEN, WRONG, naive)

    assert seen.statuses[2] == "error"


def test_the_same_notebook_without_a_trick_gets_full_points(lab: Lab, bundle: Bundle) -> None:
    result = graded(lab, bundle, None)

    assert result.score == result.points


def test_replaying_public_cases_earns_what_public_cases_are_worth(lab: Lab, bundle: Bundle) -> None:
    replay = """
        def scale(X, factor):
            if X.shape == (2, 3) and factor == 3.0:
                return X * 3.0
            return X * 7
    """
    result = graded(lab, bundle, marked(_dedent(replay), "scale"))

    cases = {case.name: case for case in question_in(result, "scale").cases}
    assert [name for name, case in cases.items() if case.verdict is Verdict.PASSED] == ["two rows"]
    assert question_in(result, "scale").score == 4.0


def test_a_locked_cell_of_the_student_s_own_does_not_count(lab: Lab, bundle: Bundle) -> None:
    submission = submission_of({"scale": marked(WRONG, "scale")}, own=["#| locked\nscore = 10; passed = True\n_grade = {'scale': 10}\n"])

    assert question_in(_grade(lab, bundle, submission), "scale").score == 0.0


def graded(lab: Lab, bundle: Bundle, scale: str | None) -> SubmissionResult:
    """Return the graded submission, right but for `scale`."""
    return _grade(lab, bundle, submission_of({} if scale is None else {"scale": scale}))


def _grade(lab: Lab, bundle: Bundle, submission: Submission) -> SubmissionResult:
    return lab.do(grade(bundle, submission, lambda: lab.session(cell=5.0), clock=time.monotonic, now=datetime.now(UTC)))


def _dedent(source: str) -> str:
    return textwrap.dedent(source).strip() + "\n"
