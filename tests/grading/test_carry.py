"""A mistake costs once: questions that depend on a failed one are graded again with the reference in its place."""

from dataclasses import replace

from grader.grading.bundle import Bundle
from grader.grading.carry import with_references
from grader.results import Verdict
from tests.fakes import FakeKernels
from tests.grading.assignments import SOLUTIONS, STUBS, grade_now, marked, question_in, submission_of

WRONG_SCALE = marked("def scale(X, factor):\n    return X - factor\n", "scale")
WRONG_SHIFT = marked("def shift(X):\n    return scale(X, 2.0) + 3\n", "shift")
WRONG_TOTAL = marked("def total(X):\n    return shift(X).mean()\n", "total")


def test_what_only_went_wrong_because_of_an_earlier_answer_costs_nothing(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of({"scale": WRONG_SCALE}))
    shift, total = question_in(result, "shift"), question_in(result, "total")

    assert question_in(result, "scale").score == 0
    assert (shift.score, total.score) == (4, 2)
    assert shift.carried is not None
    assert (shift.carried.replaced, shift.carried.score_before, shift.carried.score) == (("scale",), 0, 4)
    assert total.carried is not None
    assert total.carried.replaced == ("scale",)
    assert result.score == 20 - 10


def test_the_first_runs_verdict_and_cases_stay(bundle: Bundle) -> None:
    shift = question_in(grade_now(bundle, submission_of({"scale": WRONG_SCALE})), "shift")

    assert shift.verdict is Verdict.FAILED
    assert shift.cases[0].verdict is Verdict.FAILED
    assert shift.cases[0].got is not None


def test_an_answer_that_was_right_after_all_gets_no_hint(bundle: Bundle) -> None:
    off = marked("def scale(X, factor):\n    return X * factor + 5\n", "scale")
    shift = question_in(grade_now(bundle, submission_of({"scale": off})), "shift")

    assert shift.diagnosis is None
    assert [case.diagnosis for case in shift.cases] == [None, None]


def test_an_untouched_dependency_is_replaced_too(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of({"scale": STUBS["scale"]}))

    assert question_in(result, "shift").score == 4


def test_a_dependency_without_a_cell_is_put_before_what_needs_it(bundle: Bundle) -> None:
    given = with_references(submission_of({"scale": None, "shift": None}), [q for q in bundle.questions if q.name in ("scale", "shift")], bundle)

    assert [cell.options.question for cell in given.cells] == [None, "scale", "shift", "total", "root", "pick"]
    assert given.answers["scale"] == SOLUTIONS["scale"]


def test_of_several_cells_for_a_question_the_last_is_replaced(bundle: Bundle) -> None:
    submission = submission_of({"scale": WRONG_SCALE})
    twice = replace(submission, cells=(submission.cells[0], submission.cells[1], *submission.cells[1:]))
    given = with_references(twice, [bundle.questions[0]], bundle)

    assert [cell.source for cell in given.cells[1:3]] == [WRONG_SCALE, SOLUTIONS["scale"]]


def test_another_answer_in_the_cell_of_a_failed_one_is_kept(bundle: Bundle) -> None:
    both = WRONG_SCALE + "\n" + SOLUTIONS["shift"].partition("\n")[2]
    submission = submission_of({"scale": both, "shift": None})
    submission = replace(submission, answers=submission.answers | {"shift": both})

    result = grade_now(bundle, submission)

    assert question_in(result, "scale").score == 0
    assert question_in(result, "shift").score == 4


def test_ones_own_mistake_still_costs(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of({"scale": WRONG_SCALE, "total": WRONG_TOTAL}))

    assert (question_in(result, "shift").score, question_in(result, "total").score) == (4, 0)
    assert question_in(result, "total").carried is None


def test_the_answer_itself_is_never_replaced(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of({"shift": WRONG_SHIFT}))

    assert question_in(result, "shift").score == 0
    assert question_in(result, "shift").carried is None
    assert question_in(result, "total").score == 2


def test_an_untouched_question_is_not_asked_again(bundle: Bundle) -> None:
    kernels = FakeKernels()
    grade_now(bundle, submission_of({"scale": WRONG_SCALE, "shift": STUBS["shift"], "total": STUBS["total"]}), kernels)

    assert len(kernels.sessions) == 1


def test_no_more_sessions_are_opened_than_needed(bundle: Bundle) -> None:
    answers = [{}, {"shift": WRONG_SHIFT}, {"scale": WRONG_SCALE}, {"scale": WRONG_SCALE, "shift": WRONG_SHIFT}]
    opened = []
    for given in answers:
        kernels = FakeKernels()
        grade_now(bundle, submission_of(given), kernels)
        opened.append(len(kernels.sessions))

    assert opened == [1, 2, 2, 3]


def test_the_reference_never_enters_the_first_session(bundle: Bundle) -> None:
    kernels = FakeKernels()
    grade_now(bundle, submission_of({"scale": WRONG_SCALE}), kernels)

    first, *others = [[cell.source for cell in session.cells] for session in kernels.sessions]
    assert SOLUTIONS["scale"] not in first
    assert all(SOLUTIONS["scale"] in cells for cells in others)


def test_a_forbidden_dependency_is_not_held_against_what_uses_it(bundle: Bundle) -> None:
    questions = tuple(replace(question, forbids=("torch.mul",)) if question.name == "shift" else question for question in bundle.questions)
    strict = replace(bundle, questions=questions)
    cheating = marked("def scale(X, factor):\n    return torch.mul(X, factor) if factor > 0 else X * 0\n", "scale")

    result = grade_now(strict, submission_of({"scale": cheating}))

    assert question_in(result, "scale").score == 0
    assert (question_in(result, "shift").forbidden, question_in(result, "shift").score) == ((), 4)
    assert question_in(result, "shift").message == "Your own code is right: it went wrong only because of scale."


def test_an_assignment_can_switch_it_off(bundle: Bundle) -> None:
    result = grade_now(replace(bundle, carry_errors=False), submission_of({"scale": WRONG_SCALE}))

    assert question_in(result, "shift").score == 0
    assert question_in(result, "shift").carried is None
