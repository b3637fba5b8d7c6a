from rich.cells import cell_len
from rich.console import Console

from grader.reports.terminal import plain_summary, summary_table
from tests.reports import samples

RESULTS = [samples.ours(), samples.perfect("王小明"), samples.unreadable(), samples.halfway(), samples.perfect("Zoë", "attention")]
COUNTS = "3 graded, 1 of them below full points; 1 unreadable; 1 not graded through a fault of ours"


def shown(width: int = 200) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(summary_table(RESULTS))
    return capture.get()


def test_logs_get_one_aligned_line_for_each_submission_sorted_by_assignment() -> None:
    *lines, counts = plain_summary(RESULTS)

    assert [line.split("  ")[0] for line in lines] == ["Zoë", "Ada Lovelace", "Alan Turing", "Charles Babbage", "王小明"]
    assert {cell_len(line[: line.index("rnn-scratch")]) for line in lines[1:]} == {cell_len("Charles Babbage  ")}
    assert counts == COUNTS


def test_a_line_says_score_verdicts_and_problems() -> None:
    line = next(line for line in plain_summary(RESULTS) if "Ada" in line)

    assert "13.2/37" in line
    assert "✓✗◐↷!◐✗◷⊘○" in line
    assert "1 not filled in; 2 cells stopped; not allowed: torch.nn.GRUCell; 1 locked cell changed" in line


def test_what_could_not_be_graded_has_no_score() -> None:
    lines = list(plain_summary(RESULTS))

    assert "not graded" in next(line for line in lines if "Babbage" in line)
    assert "not graded" in next(line for line in lines if "Turing" in line)
    assert not any("0/35" in line for line in lines)


def test_terminals_get_the_same_as_a_table() -> None:
    text = shown()

    assert all(word in text for word in ("Student", "Ada Lovelace", "13.2/37", "✓✗◐↷!◐✗◷⊘○", "our fault: The kernel could not be started"))
    assert COUNTS in text


def test_a_run_without_sandbox_is_said() -> None:
    line, _ = plain_summary([samples.perfect().model_copy(update={"environment": {"sandbox": "none"}})])

    assert "UNSANDBOXED" in line


def test_hidden_cases_are_not_told() -> None:
    assert samples.PRIVATE not in "".join(plain_summary(RESULTS)) + shown()


def test_no_submissions_are_counted_too() -> None:
    assert list(plain_summary([])) == ["0 graded, 0 of them below full points; 0 unreadable; 0 not graded through a fault of ours"]
