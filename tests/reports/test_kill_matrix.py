"""What `grader validate` shows."""

from grader.reports.kill_matrix import MatrixColumn, MatrixRow, MatrixSection, MatrixTable, plain_kill_matrix


def test_one_of_a_kind_is_not_told_as_several() -> None:
    columns = tuple(MatrixColumn(number=number, name=f"case {number}", group="public", teaching=False) for number in (1, 2))
    row = MatrixRow(id="transposed", name="transposed", caught_by=frozenset())
    table = MatrixTable(question="affine", title="Affine", columns=columns, rows=(row,), hidden_only=())

    section = MatrixSection(assignment="07", tables=(table,), problems=())

    assert plain_kill_matrix(section).splitlines()[0] == "07: 1 question, 2 cases, 1 known mistake"
