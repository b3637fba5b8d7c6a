import pytest

from grader.errors import AuthorError
from grader.release.markers import split_cell


def _split(*lines: str) -> tuple[list[str], tuple[str, ...]]:
    found = split_cell("\n".join(lines), file="steps.ipynb", cell="3 (double)")
    return found.released.splitlines(), found.solutions


def test_a_solution_becomes_a_stub_at_its_indentation() -> None:
    released, solutions = _split("def f(x):", '    """Text."""', "    ### BEGIN SOLUTION", "    y = x", "    return y", "    ### END SOLUTION")

    assert released == ["def f(x):", '    """Text."""', "    # YOUR CODE HERE", "    raise NotImplementedError"]
    assert solutions == ("    y = x\n    return y",)


def test_each_solution_of_a_cell_becomes_a_stub() -> None:
    released, solutions = _split("### BEGIN SOLUTION", "a = 1", "### END SOLUTION", "b = 2", "### BEGIN SOLUTION", "c = 3", "### END SOLUTION")

    assert released == ["# YOUR CODE HERE", "raise NotImplementedError", "b = 2", "# YOUR CODE HERE", "raise NotImplementedError"]
    assert solutions == ("a = 1", "c = 3")


def test_hidden_tests_vanish() -> None:
    released, solutions = _split("check('f')", "### BEGIN HIDDEN TESTS", "assert f(2) == 4", "### END HIDDEN TESTS")

    assert released == ["check('f')"]
    assert solutions == ()


def test_a_cell_without_markers_stays_as_it_is() -> None:
    source = "x = 1\r\n\ny = '\x0c'  # The END\n"

    assert split_cell(source, file="", cell="").released == source


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["x = 1", "### BEGIN SOLUTION"], "line 2: ### BEGIN SOLUTION is never ended"),
        (["x = 1", "  ### END SOLUTION"], "line 2: ### END SOLUTION ends nothing that began"),
        (["### BEGIN SOLUTION", "### BEGIN SOLUTION", "### END SOLUTION"], "line 2: a region begins inside the region that line 1 began"),
        (["### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"], "line 2: a region begins inside the region that line 1 began"),
        (["### BEGIN SOLUTION", "", "### END HIDDEN TESTS"], "line 3: ### END HIDDEN TESTS ends nothing that began"),
        (["### Begin solution", "x = 1"], "line 1: '### Begin solution' looks like a marker and is none"),
        (["### BEGIN SOLUTION # the answer", "x = 1"], "line 1: '### BEGIN SOLUTION # the answer' looks like a marker and is none"),
    ],
)
def test_markers_that_do_not_fit_are_told_with_cell_and_line(lines: list[str], told: str) -> None:
    with pytest.raises(AuthorError) as caught:
        _split(*lines)

    assert f"cell 3 (double), {told}" in str(caught.value)
    assert caught.value.file == "steps.ipynb"
