"""Whole submissions, graded in this process."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies

from grader.execution.answers import Answer, Died, Frame, Malformed, Probe, Raised, Returned, TimedOut
from grader.grading.bundle import Bundle
from grader.notebooks.cells import cell_digest
from grader.notebooks.submission import Submission
from grader.results import SubmissionResult, Verdict
from grader.values.tree import TensorLeaf
from tests.fakes import FakeClock, FakeKernels
from tests.grading.assignments import SOLUTIONS, STUBS, grade_now, marked, question_in, submission_of, with_limits

SCALE_ADDS = marked("def scale(X, factor):\n    return X + factor if factor > 0 else torch.zeros_like(X)\n", "scale")


def test_the_solution_gets_all_points(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of())

    assert result.verdict is Verdict.PASSED
    assert result.score == result.points == 20
    assert all(case.verdict is Verdict.PASSED for question in result.questions for case in question.cases)
    assert result.graded_at == "2030-01-02T03:04:05+00:00"
    assert result.bundle_version == bundle.version


def test_an_untouched_notebook_is_missing_everything(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of(base=STUBS))

    assert result.verdict is Verdict.MISSING
    assert result.score == 0
    assert {question.verdict for question in result.questions} == {Verdict.MISSING}
    assert question_in(result, "scale").message == "The cell is as it was handed out."


def test_a_stub_with_another_comment_and_layout_is_still_a_stub(bundle: Bundle) -> None:
    source = marked("def scale( X,factor ):\n    # todo\n\n    raise NotImplementedError", "scale")

    assert question_in(grade_now(bundle, submission_of({"scale": source})), "scale").verdict is Verdict.MISSING


def test_untouched_choices_are_missing_whatever_their_layout(bundle: Bundle) -> None:
    source = marked('answers = {"C1": None,   # my choice\n           "C2": None}', "pick")

    assert question_in(grade_now(bundle, submission_of({"pick": source})), "pick").verdict is Verdict.MISSING


def test_an_untouched_cell_that_raises_is_not_called_broken(bundle: Bundle) -> None:
    stub = marked("raise NotImplementedError", "pick")
    untouched = replace(bundle, questions=tuple(replace(question, stub=stub) if question.name == "pick" else question for question in bundle.questions))

    assert question_in(grade_now(untouched, submission_of({"pick": stub})), "pick").message == "The cell is as it was handed out."


def test_a_cell_that_still_raises_not_implemented_is_missing(bundle: Bundle) -> None:
    source = marked("def scale(X, factor):\n    size = X.shape\n    raise NotImplementedError", "scale")
    question = question_in(grade_now(bundle, submission_of({"scale": source})), "scale")

    assert question.verdict is Verdict.MISSING
    assert question.score == 0
    assert "NotImplementedError" in question.message


def test_a_question_without_a_cell_is_missing(bundle: Bundle) -> None:
    question = question_in(grade_now(bundle, submission_of({"root": None})), "root")

    assert question.verdict is Verdict.MISSING
    assert "no cell" in question.message


def test_an_answer_that_calls_a_missing_one_is_an_error_not_missing(bundle: Bundle) -> None:
    question = question_in(grade_now(bundle, submission_of({"scale": STUBS["scale"]})), "shift")

    assert question.verdict is Verdict.ERROR
    assert question.cases[0].error_type == "NotImplementedError"


def test_a_cell_that_does_not_run_leaves_its_entry_undefined(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of({"scale": marked("def scale(X, factor)\n    return X * factor", "scale")}))
    question = question_in(result, "scale")

    assert question.verdict is Verdict.ERROR
    assert question.score == 0
    assert {case.verdict for case in question.cases} == {Verdict.MISSING}
    assert question.message.startswith("The notebook does not define `scale`. Its cell did not run to its end (SyntaxError")
    assert question.error_line == 2
    assert [cell.status for cell in result.cells] == ["error"]


def test_a_public_case_shows_inputs_expected_and_got(bundle: Bundle) -> None:
    case = question_in(grade_now(bundle, submission_of({"scale": SCALE_ADDS})), "scale").cases[0]

    assert case.verdict is Verdict.FAILED
    assert set(case.inputs) == {"X", "factor"}
    assert case.inputs["factor"].text == "3.0"
    assert case.expected is not None
    assert case.got is not None
    assert case.expected.shape == case.got.shape == (2, 3)
    assert case.difference is not None
    assert case.difference.kind == "value"
    assert "elements differ" in case.message


def test_a_hidden_case_tells_the_kind_and_no_number(bundle: Bundle) -> None:
    case = next(case for case in question_in(grade_now(bundle, submission_of({"scale": SCALE_ADDS})), "scale").cases if case.group == "hidden")

    assert (case.inputs, case.expected, case.got) == ({}, None, None)
    assert case.message == "the values differ"
    assert case.difference is not None
    assert case.difference.model_dump(exclude_defaults=True) == {"kind": "value", "message": "the values differ"}
    assert case.got_digest


def test_equal_wrong_answers_are_known_as_equal_and_right_ones_are_not_counted(bundle: Bundle) -> None:
    wrong = [question_in(grade_now(bundle, submission_of({"scale": SCALE_ADDS + ending})), "scale") for ending in ("", "\n# another style")]
    right = question_in(grade_now(bundle, submission_of({"scale": SOLUTIONS["scale"]})), "scale")

    assert [case.got_digest for case in wrong[0].cases] == [case.got_digest for case in wrong[1].cases]
    assert all(case.got_digest for case in wrong[0].cases if case.verdict is Verdict.FAILED)
    assert {case.got_digest for case in right.cases} == {""}


def test_the_way_to_an_exception_does_not_spell_out_a_hidden_input(bundle: Bundle) -> None:
    digits = "\n".join(f"def d{digit}(rest): return globals()['d' + rest[0]](rest[1:])" for digit in range(10))
    source = marked(f"{digits}\ndef scale(X, factor):\n    return d0(str(abs(int(X.flatten()[0] * 10**9))))", "scale")

    cases = question_in(grade_now(bundle, submission_of({"scale": source})), "scale").cases

    assert {case.group: len(case.frames) > 1 for case in cases} == {"public": True, "hidden": False, "edge": False}
    assert {case.seconds for case in cases if case.group != "public"} == {0.0}


def test_a_public_answer_cannot_tell_what_the_hidden_inputs_of_an_earlier_question_were(bundle: Bundle) -> None:
    keeps = marked("seen = []\ndef scale(X, factor):\n    seen.append(factor)\n    return X * factor if factor > 0 else torch.zeros_like(X)\n", "scale")
    tells = marked("def root(number):\n    return seen", "root")
    result = grade_now(bundle, submission_of({"scale": keeps, "root": tells}))

    assert question_in(result, "scale").verdict is Verdict.PASSED
    told = [case.got.text for case in question_in(result, "root").cases if case.group == "public" and case.got is not None]
    assert told
    assert all("3.0" in text for text in told)  # of the public case
    assert not any(hidden in text for text in told for hidden in ("0.5", "1.5", "-1.0"))


def test_what_a_student_raises_does_not_carry_hidden_inputs_out(bundle: Bundle) -> None:
    source = marked("def scale(X, factor):\n    raise type('X' + str(factor), (ValueError,), {})(str(X))", "scale")
    cases = question_in(grade_now(bundle, submission_of({"scale": source})), "scale").cases

    assert cases[0].error_type == "X3.0"
    assert {case.error_type for case in cases[1:]} == {"ValueError"}
    assert {case.message for case in cases[1:]} == {"your code raised ValueError"}


@pytest.mark.parametrize(("factor", "told"), [(3.0, " (exit status 77)"), (0.5, "")])
def test_how_a_process_ended_does_not_carry_hidden_inputs_out(factor: float, told: str, bundle: Bundle) -> None:
    ends = Died(reason="your code ended the Python process (exit status 77)")
    kernels = FakeKernels(instead=lambda probe: ends if probe.inputs.get("factor") == factor else None)
    cases = question_in(grade_now(bundle, submission_of(), kernels), "scale").cases

    assert next(case.message for case in cases if case.verdict is Verdict.DIED) == f"your code ended the Python process{told}"


def test_an_exception_is_located_in_the_students_own_cell(bundle: Bundle) -> None:
    source = marked("def scale(X, factor):\n    if factor:\n        return X * factor * nothing\n", "scale")
    question = question_in(grade_now(bundle, submission_of({"scale": source})), "scale")

    assert question.verdict is Verdict.ERROR
    assert question.error_line == 4
    frame = question.cases[0].frames[-1]
    assert (frame.function, frame.line, frame.text) == ("scale", 4, "return X * factor * nothing")
    assert question.cases[0].message == "NameError: name 'nothing' is not defined"


def test_forbidden_names_cost_all_points_and_are_named(bundle: Bundle) -> None:
    source = marked("def scale(X, factor):\n    return torch.mul(X, factor) if factor > 0 else X * 0", "scale")
    question = question_in(grade_now(bundle, submission_of({"scale": source})), "scale")

    assert (question.verdict, question.score) == (Verdict.FAILED, 0)
    assert question.forbidden == ("torch.mul",)
    assert "torch.mul" in question.message
    assert question.error_line == 3


def test_a_forbidden_call_that_the_source_hides_is_seen_when_it_runs(bundle: Bundle) -> None:
    source = marked("def scale(X, factor):\n    return vars(torch)['m' + 'ul'](X, factor) if factor > 0 else X * 0", "scale")
    question = question_in(grade_now(bundle, submission_of({"scale": source})), "scale")

    assert (question.verdict, question.score) == (Verdict.FAILED, 0)
    assert question.forbidden == ("torch.mul",)


def test_a_helper_that_uses_what_is_forbidden_is_found(bundle: Bundle) -> None:
    source = marked("def scale(X, factor):\n    return helper(X, factor)", "scale")
    helper = "def helper(X, factor):\n    return F.relu(X) * factor"

    assert question_in(grade_now(bundle, submission_of({"scale": source}, own=[helper])), "scale").forbidden == ("torch.nn.functional.relu",)


def test_after_a_timeout_the_other_cases_of_the_question_are_not_asked(bundle: Bundle) -> None:
    kernels = FakeKernels(instead=_when("scale", TimedOut(limit_seconds=5)))
    result = grade_now(bundle, submission_of(), kernels)
    question = question_in(result, "scale")

    assert question.verdict is Verdict.TIMEOUT
    assert question.score == 0
    assert question.cases[0].message == "no answer within 5 seconds"
    assert {case.message for case in question.cases[1:]} == {"not run, because case 'two rows' did not finish"}
    assert sum(probe.entry == "scale" for probe in kernels.sessions[0].probes) == 1
    assert question_in(result, "root").verdict is Verdict.PASSED


def test_the_name_of_a_hidden_case_that_hangs_is_not_told(bundle: Bundle) -> None:
    kernels = FakeKernels(instead=lambda probe: Died(reason="it used too much memory") if probe.inputs.get("factor") == 0.5 else None)
    question = question_in(grade_now(bundle, submission_of(), kernels), "scale")

    assert [case.verdict for case in question.cases] == [Verdict.PASSED, Verdict.DIED, Verdict.DIED, Verdict.DIED]
    assert question.cases[1].message == "it used too much memory"
    assert question.cases[2].message == "not run, because an earlier hidden case did not finish"
    assert question.score == 4


def test_a_malformed_answer_is_worth_nothing(bundle: Bundle) -> None:
    kernels = FakeKernels(instead=_when("root", Malformed(reason="too many parts")))
    question = question_in(grade_now(bundle, submission_of(), kernels), "root")

    assert (question.verdict, question.score) == (Verdict.FAILED, 0)
    assert question.cases[0].message == "your answer could not be read: too many parts"


def test_when_the_time_for_the_notebook_is_used_up_the_rest_times_out(bundle: Bundle) -> None:
    kernels = FakeKernels()
    result = grade_now(with_limits(bundle, 14), submission_of(), kernels, FakeClock(step=4))

    verdicts = [case.verdict for question in result.questions for case in question.cases]
    assert verdicts[0] is Verdict.PASSED
    assert verdicts[-1] is Verdict.TIMEOUT
    assert result.questions[-1].cases[-1].message == "the time for the whole notebook was used up"
    assert len(kernels.sessions[0].probes) < len(verdicts)
    assert kernels.sessions[0].timeouts[0] == 5
    assert kernels.sessions[0].timeouts[-1] < 5


def test_a_call_that_uses_the_time_of_the_notebook_up_is_told_so(bundle: Bundle) -> None:
    clock = FakeClock()

    def hang(probe: Probe) -> Answer | None:
        clock.now += 1000
        return TimedOut(limit_seconds=5) if probe.entry else None

    result = grade_now(bundle, submission_of(), FakeKernels(instead=hang), clock)

    assert {case.message for question in result.questions for case in question.cases} == {"the time for the whole notebook was used up"}


def test_public_cases_are_asked_first(bundle: Bundle) -> None:
    assert [case.name for case in question_in(grade_now(bundle, submission_of()), "root").cases] == ["nine", "below 0"]


def test_a_forged_traceback_shows_only_what_stands_in_the_cell(bundle: Bundle) -> None:
    source = SOLUTIONS["root"]
    forged = [
        Frame(function="0.1234", line=3, text="the hidden input is 0.1234", cell_digest=cell_digest(source)),
        Frame(function="root", line=99, text="beyond the end", cell_digest=cell_digest(source)),
        Frame(function="root", line=1, text="elsewhere", cell_digest="0" * 64),
    ]
    kernels = FakeKernels(instead=_when("root", Raised(types=("KeyError",), frames=tuple(forged))))
    case = question_in(grade_now(bundle, submission_of(), kernels), "root").cases[0]

    assert [(frame.function, frame.line, frame.text) for frame in case.frames] == [("", 3, "if number < 0:")]


def test_a_traceback_repeats_no_cell_that_is_one_line(bundle: Bundle) -> None:
    source = marked(f"def root(number):\n    return root(number)  # {'x' * 400_000}", "root")
    frames = (Frame(function="root", line=3, text="", cell_digest=cell_digest(source)),) * 100
    result = grade_now(bundle, submission_of({"root": source}), FakeKernels(instead=_when("root", Raised(types=("RecursionError",), frames=frames))))

    assert len(question_in(result, "root").cases[0].frames) == 100
    assert len(result.model_dump_json()) < 2_000_000


@pytest.mark.parametrize("most", [0, 1])
def test_kernels_that_cannot_be_had_are_our_fault_and_no_exception(bundle: Bundle, most: int) -> None:
    result = grade_now(bundle, submission_of({"scale": SCALE_ADDS}), FakeKernels(most=most))

    assert result.verdict is Verdict.OURS
    assert (result.message, result.score, result.questions) == ("No sandbox.", 0, ())


def test_a_submission_that_grader_trips_over_costs_itself_and_leaves_a_log(bundle: Bundle, caplog: pytest.LogCaptureFixture) -> None:
    def trips(_: Probe) -> Answer | None:
        message = "\x1b[2J"
        raise RecursionError(message)

    result = grade_now(bundle, submission_of({"scale": SCALE_ADDS}), FakeKernels(instead=trips))

    assert (result.verdict, result.score) == (Verdict.OURS, 0)
    assert "tripped over this submission (RecursionError)" in result.message
    assert "in trips" in caplog.text
    assert "\x1b" not in caplog.text


def test_a_tensor_from_another_device_is_judged_by_its_numbers(bundle: Bundle) -> None:
    expected = bundle.questions[0].cases[1].expected
    assert isinstance(expected, Returned)
    assert isinstance(expected.value, TensorLeaf)
    on_gpu = replace(expected, value=replace(expected.value, device="cuda"))
    kernels = FakeKernels(instead=lambda probe: on_gpu if probe.inputs.get("factor") == 0.5 else None)

    assert question_in(grade_now(bundle, submission_of(), kernels), "scale").verdict is Verdict.PASSED


def test_what_intake_found_is_passed_on(bundle: Bundle) -> None:
    submission = Submission(
        student="ada",
        assignment="small",
        path="x.ipynb",
        digest="abc",
        cells=submission_of().cells,
        answers=dict(SOLUTIONS),
        notes=("A cell was restored.",),
        tampered=1,
    )
    result = grade_now(bundle, submission)

    assert (result.student, result.path, result.digest, result.notes, result.tampered) == ("ada", "x.ipynb", "abc", ("A cell was restored.",), 1)


def test_points_of_single_cases_add_up(bundle: Bundle) -> None:
    question = question_in(grade_now(bundle, submission_of({"pick": marked("answers = {'C1': 'a', 'C2': 'd'}", "pick")})), "pick")

    assert (question.score, question.verdict) == (1, Verdict.FAILED)


def test_skipped_cells_are_not_run(bundle: Bundle) -> None:
    result = grade_now(bundle, submission_of(own=["#| grade: skip\nraise RuntimeError"]))

    assert result.cells == ()


@pytest.mark.parametrize("entry", ["scale", "total"])
def test_a_result_survives_json(bundle: Bundle, entry: str) -> None:
    result = grade_now(bundle, submission_of({entry: marked(f"def {entry}(X, factor=1):\n    return X / 0", entry)}))

    assert type(result).model_validate_json(result.model_dump_json()).model_dump_json() == result.model_dump_json()


@settings(max_examples=5, deadline=None)
@given(order=strategies.permutations(range(4)))
def test_neither_the_order_of_submissions_nor_a_repeat_changes_a_result(bundle: Bundle, order: list[int]) -> None:
    submissions = [
        submission_of(),
        submission_of({"scale": SCALE_ADDS}, student="bea"),
        submission_of(base=STUBS, student="cem"),
        submission_of({"shift": marked("def shift(X):\n    return torch.rand(2, 3)", "shift")}, student="dia"),
    ]
    first = {submission.student: grade_now(bundle, submission) for submission in submissions}

    for submission in [submissions[index] for index in [*order, *order]]:
        assert _without_times(grade_now(bundle, submission)) == _without_times(first[submission.student])


def _without_times(result: SubmissionResult) -> str:
    return re.sub(r'"seconds":[^,}]+', "", result.model_copy(update={"timings": {}}).model_dump_json())


def _when(entry: str, answer: Answer) -> Callable[[Probe], Answer | None]:
    def instead(probe: Probe) -> Answer | None:
        return answer if probe.entry == entry else None

    return instead
