import pytest
import torch

from grader.execution.answers import Absent, Died, Probe, Raised, Returned, TimedOut
from grader.values.snapshot import snapshot
from grader.values.tree import TensorLeaf
from tests.execution.lab import Lab

pytestmark = pytest.mark.kernel


def test_what_an_entry_returns_comes_back_whole(lab: Lab) -> None:
    probe = Probe(entry="f", inputs={"X": snapshot(torch.tensor([[1.0, 2.0]])), "n": 2})
    seen = lab.run("def f(X, n): return {'scaled': X * n, 'n': [n, None, 'ä']}", probes=[probe])

    answer = seen.answers[0]
    assert isinstance(answer, Returned)
    assert isinstance(answer.value, dict)
    scaled = answer.value["scaled"]
    assert isinstance(scaled, TensorLeaf)
    assert torch.equal(scaled.data, torch.tensor([[2.0, 4.0]]))
    assert answer.value["n"] == [2, None, "ä"]
    assert answer.mutated == {}


def test_what_an_entry_raises_comes_back_with_the_student_s_line(lab: Lab) -> None:
    seen = lab.run("def f():\n    helper()\n\ndef helper():\n    raise ValueError('no good')", probes=["f"])

    answer = seen.answers[0]
    assert isinstance(answer, Raised)
    assert answer.types[:2] == ("ValueError", "Exception")
    assert answer.message == "no good"
    assert [(frame.function, frame.line, frame.text) for frame in answer.frames] == [("f", 2, "helper()"), ("helper", 5, "raise ValueError('no good')")]


def test_even_a_system_exit_is_an_answer(lab: Lab) -> None:
    seen = lab.run("def f():\n    raise SystemExit(0)\ndef g(): return 1", probes=["f", "g"])

    assert isinstance(seen.answers[0], Raised)
    assert isinstance(seen.answers[1], Returned)


def test_an_entry_that_is_not_there_is_absent(lab: Lab) -> None:
    assert lab.run("x = 1", probes=["f"]).answers == [Absent()]


def test_a_call_that_hangs_is_interrupted_and_the_next_one_answered(lab: Lab) -> None:
    seen = lab.run("import time\ndef f(): time.sleep(60)\ndef g(): return 1", probes=["f", "g"], call=1.0)

    assert seen.answers[0] == TimedOut(limit_seconds=1.0)
    assert isinstance(seen.answers[1], Returned)
    assert seen.timings["replay"] == 0.0


def test_a_call_that_kills_its_kernel_says_so_and_the_next_one_is_answered_by_a_fresh_one(lab: Lab) -> None:
    seen = lab.run("import os\ndef f(): os._exit(0)\ndef g(): return 1", probes=["f", "g"])

    assert seen.answers[0] == Died(reason="your code ended the Python process (exit status 0)")
    assert isinstance(seen.answers[1], Returned)


def test_inputs_that_an_entry_changes_come_back_as_they_are_afterwards(lab: Lab) -> None:
    probe = Probe(entry="f", inputs={"X": snapshot(torch.zeros(2)), "Y": snapshot(torch.zeros(2))})
    seen = lab.run("def f(X, Y):\n    X += 1\n    return 0", probes=[probe])

    answer = seen.answers[0]
    assert isinstance(answer, Returned)
    assert set(answer.mutated) == {"X"}


def test_each_call_gets_inputs_of_its_own(lab: Lab) -> None:
    probe = Probe(entry="f", inputs={"X": snapshot(torch.zeros(2))})
    seen = lab.run("def f(X):\n    X += 1\n    return float(X.sum())", probes=[probe, probe])

    assert [answer.value for answer in seen.answers if isinstance(answer, Returned)] == [2.0, 2.0]


def test_a_forbidden_function_is_seen_where_student_code_calls_it(lab: Lab) -> None:
    probe = Probe(entry="f", forbids=("torch.nn.functional.cross_entropy", "torch.softmax"))
    seen = lab.run("import torch\nfrom torch.nn.functional import cross_entropy as c\ndef f(): return c(torch.zeros(1, 2), torch.tensor([0]))", probes=[probe])

    answer = seen.answers[0]
    assert isinstance(answer, Returned)
    assert answer.forbidden == ("torch.nn.functional.cross_entropy",)


def test_a_driver_exercises_the_entry(lab: Lab) -> None:
    seen = lab.run("def f(x): return x + 1", probes=[Probe(entry="f", inputs={"x": 1}, driver="def twice(entry, x):\n    return entry(entry(x))\n")])

    assert isinstance(seen.answers[0], Returned)
    assert seen.answers[0].value == 3


def test_random_numbers_are_seeded_before_each_call(lab: Lab) -> None:
    source = "import random, numpy as np, torch\ndef f(): return [random.random(), float(np.random.rand()), float(torch.rand(()))]"
    seen = lab.run(source, probes=[Probe(entry="f", seed=3), Probe(entry="f", seed=3), Probe(entry="f", seed=4)])

    values = [answer.value for answer in seen.answers if isinstance(answer, Returned)]
    assert values[0] == values[1]
    assert values[0] != values[2]


def test_several_calls_come_back_in_order(lab: Lab) -> None:
    seen = lab.run("def f(n): return n * n", together=[Probe(entry="f", inputs={"n": n}) for n in range(40)])

    assert [answer.value for answer in seen.answers if isinstance(answer, Returned)] == [n * n for n in range(40)]


def test_calls_that_take_longer_together_than_one_may_are_all_in_time(lab: Lab) -> None:
    seen = lab.run("import time\ndef f(n):\n    time.sleep(0.4)\n    return n", together=[Probe(entry="f", inputs={"n": n}) for n in range(6)], call=1.5)

    assert [answer.value for answer in seen.answers if isinstance(answer, Returned)] == [0, 1, 2, 3, 4, 5]


SOME_HANG = "import os, time\ndef f(n):\n    if n == 5: {}\n    return n"


@pytest.mark.parametrize(
    ("culprit", "replays"),
    [
        ("time.sleep(60)", False),
        ("\n        try: time.sleep(60)\n        except KeyboardInterrupt: pass", False),
        ("\n        import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)", True),
    ],
)
def test_of_several_calls_one_that_hangs_is_the_last_that_counts(lab: Lab, culprit: str, *, replays: bool) -> None:
    seen = lab.run(
        SOME_HANG.format(culprit), together=[Probe(entry="f", inputs={"n": n}) for n in range(9)], probes=[Probe(entry="f", inputs={"n": 8})], call=1.0
    )

    *before, hung, after = seen.answers
    assert [answer.value for answer in before if isinstance(answer, Returned)] == [0, 1, 2, 3, 4]
    assert hung == TimedOut(limit_seconds=1.0)
    assert isinstance(after, Returned)
    assert (seen.timings["replay"] > 0) == replays


def test_of_several_calls_one_that_kills_its_kernel_is_the_last_that_counts(lab: Lab) -> None:
    seen = lab.run(SOME_HANG.format("os._exit(0)"), together=[Probe(entry="f", inputs={"n": n}) for n in range(9)])

    assert [answer.value for answer in seen.answers[:-1] if isinstance(answer, Returned)] == [0, 1, 2, 3, 4]
    assert seen.answers[-1] == Died(reason="your code ended the Python process (exit status 0)")


def test_an_interrupt_of_the_student_s_own_costs_the_other_calls_nothing(lab: Lab) -> None:
    seen = lab.run(SOME_HANG.format("os.kill(os.getpid(), 2)"), together=[Probe(entry="f", inputs={"n": n}) for n in range(9)])

    assert len(seen.answers) == 9
    assert isinstance(seen.answers[5], Raised)
    assert seen.answers[5].types[0] == "KeyboardInterrupt"
    assert isinstance(seen.answers[8], Returned)


def test_an_answer_that_comes_late_is_worth_nothing_though_the_kernel_says_that_it_was_another_call_that_hung(lab: Lab) -> None:
    lies = """
import time
def f(n):
    import grader.execution.kernel as kernel
    pack = kernel.pack_answers
    kernel.pack_answers = lambda answers, first, stopped: pack(answers * 3, first=first, stopped=stopped)
    try: time.sleep(60)
    except KeyboardInterrupt: pass
    return n
"""
    seen = lab.run(lies, together=[Probe(entry="f", inputs={"n": n}) for n in range(5)], call=1.0)

    assert seen.answers == [TimedOut(limit_seconds=1.0)]
