import random

from grader.reports.similarity import GRAM, alike, fingerprints
from tests.reports.classroom import own_way

RNN_STEP = "def rnn_step(X, H, W_xh, W_hh, b_h):\n    return torch.tanh(X @ W_xh + H @ W_hh + b_h)\n"


def ways(count: int) -> dict[str, str]:
    rng = random.Random(3)  # noqa: S311 - a sample
    return {f"student {number}": own_way(rng) for number in range(count)}


def pairs(sources: dict[str, str]) -> list[set[str]]:
    return [{pair.first, pair.second} for pair in alike({name: fingerprints(source) for name, source in sources.items()})]


def test_renamed_reformatted_and_commented_code_is_found() -> None:
    sources = ways(20)
    sources["copy"] = "# all mine\n" + sources["student 7"].replace("gates", "g").replace("    ", "\t").replace(" = ", "=") + "\n# the end"

    assert pairs(sources) == [{"student 7", "copy"}]


def test_a_part_that_was_copied_into_more_code_is_found() -> None:
    sources = ways(20)
    sources["copy"] = own_way(random.Random(99)) + sources["student 4"]  # noqa: S311 - a sample

    assert pairs(sources) == [{"student 4", "copy"}]


def test_equal_answers_of_a_few_lines_are_no_reason_to_look() -> None:
    assert pairs(dict.fromkeys(["ada", "grace", "alan", "emmy"], RNN_STEP)) == []


def test_what_many_write_is_no_reason_to_look() -> None:
    usual = own_way(random.Random(1))  # noqa: S311 - a sample

    assert pairs({f"student {number}": usual for number in range(12)}) == []


def test_what_many_write_does_not_hide_a_copy() -> None:
    usual = own_way(random.Random(1))  # noqa: S311 - a sample
    sources = {name: usual + source for name, source in ways(30).items()}
    sources["copy"] = sources["student 2"].replace("X", "inputs")

    assert pairs(sources) == [{"student 2", "copy"}]


def test_code_with_a_syntax_error_is_compared_too() -> None:
    sources = {name: source + "if (:\n  'open\n" for name, source in ways(10).items()}
    sources["copy"] = sources["student 3"]

    assert pairs(sources) == [{"student 3", "copy"}]


def test_short_code_has_no_fingerprints() -> None:
    assert fingerprints("x = 1\n") == frozenset()
    assert len(fingerprints("x = " + " + ".join("y" * GRAM))) > 0


def test_strings_without_an_end_are_read_in_one_go() -> None:
    escaped = '\\"' * 500_000

    assert fingerprints(f'x = """{escaped}') == frozenset()
    assert fingerprints(f"x = '{escaped}") == frozenset()
