"""Putting the pristine notebook and a student's cells together."""

from dataclasses import replace

import pytest
from hypothesis import given as given_examples, settings, strategies as st

from grader.intake.assemble import assemble
from grader.intake.read import RawCell, RawNotebook
from grader.notebooks.cells import Cell, CellOptions
from grader.notebooks.submission import Submission
from tests.intake.handed_in import given

IMPORTS = given("c-02", "#| locked\nimport math\nimport torch\nfrom torch import nn")
TRAIN = given("c-06", "#| grade: skip\nfor epoch in range(500):\n    train(net)\nplot(losses)")
DATA = given("c-04", "#| locked\ntext = load('time machine')\nvocab = Vocab(text)")
PRISTINE = (
    given("c-01", "# Recurrent networks"),
    IMPORTS,
    given("q-one_hot", "#| question: one_hot\ndef one_hot(X, n):\n    raise NotImplementedError"),
    DATA,
    given("q-rnn_step", "#| question: rnn_step\ndef rnn_step(X, H):\n    raise NotImplementedError"),
    TRAIN,
    given("c-07", "check()"),
)
ENTRIES = {"one_hot": "one_hot", "rnn_step": "rnn_step"}


def raw(cell: Cell) -> RawCell:
    """Return a cell as Jupyter saves it."""
    return RawCell(id=cell.id, kind=cell.kind, source=cell.source, question=cell.options.question)


def stripped(cell: RawCell) -> RawCell:
    """Return a cell as an editor saves it that knows neither our ids nor our metadata."""
    return replace(cell, id=None, question=None)


def assembled(*cells: RawCell, pristine: tuple[Cell, ...] = PRISTINE, entries: dict[str, str] = ENTRIES) -> Submission:
    return assemble(RawNotebook(cells=cells), pristine, entries=entries, student="ada", assignment="02-rnn", path="ada/02-rnn.ipynb", digest="0123")


HANDED_IN = tuple(map(raw, PRISTINE))
ONE_HOT, RNN_STEP = "def one_hot(X, n):\n    return F.one_hot(X.T, n)", "def rnn_step(X, H):\n    return X"


def answering(source: str, place: int = 4) -> RawCell:
    return replace(HANDED_IN[place], source=source)


def with_cells(**changed: RawCell) -> list[RawCell]:
    """Return the handed-in notebook with other cells at some places: `with_cells(c4=cell)`."""
    return [changed.get(f"c{place}", cell) for place, cell in enumerate(HANDED_IN)]


def test_an_untouched_notebook_is_the_pristine_one() -> None:
    submission = assembled(*HANDED_IN)

    assert submission.cells == PRISTINE
    assert submission.answers == {"one_hot": PRISTINE[2].source, "rnn_step": PRISTINE[4].source}
    assert (submission.notes, submission.tampered) == ((), 0)
    assert (submission.student, submission.assignment, submission.path, submission.digest) == ("ada", "02-rnn", "ada/02-rnn.ipynb", "0123")


def test_an_untouched_notebook_from_an_editor_that_drops_ids_and_metadata_is_the_pristine_one() -> None:
    assert assembled(*map(stripped, HANDED_IN)).cells == PRISTINE


def test_trailing_blanks_are_no_change() -> None:
    spaced = [replace(cell, source=cell.source.replace("\n", "  \n") + "\n\n") for cell in HANDED_IN]

    assert assembled(*spaced).tampered == 0


@pytest.mark.parametrize(
    "cell",
    [
        RawCell(source=f"#| question: rnn_step\n{RNN_STEP}"),
        RawCell(id="q-rnn_step", source=RNN_STEP),
        RawCell(question="rnn_step", source=RNN_STEP),
        RawCell(source=RNN_STEP),
        RawCell(id="q-one_hot", question="one_hot", source=f"#| question: rnn_step\n{RNN_STEP}"),
        RawCell(id="abc", question="another_course", source=RNN_STEP),
        RawCell(source=f"%%time\n{RNN_STEP}"),
        RawCell(source="rnn_step = lambda X, H: X"),
        RawCell(source="class rnn_step: ..."),
    ],
    ids=["mark", "id", "metadata", "definition", "mark before id", "foreign metadata", "magic", "variable", "class"],
)
def test_an_answer_is_found_by_its_mark_its_id_its_metadata_or_what_it_defines(cell: RawCell) -> None:
    submission = assembled(*with_cells(c4=cell))

    assert submission.answers["rnn_step"] == cell.source
    assert submission.cells[4] == Cell(id="q-rnn_step", kind="code", source=cell.source, options=CellOptions(question="rnn_step"))
    assert submission.answers["one_hot"] == PRISTINE[2].source


def test_a_question_is_found_by_its_entry_where_that_has_another_name() -> None:
    submission = assembled(*with_cells(c4=RawCell(source="answers = {'C1': 'b'}")), entries={"rnn_step": "answers"})

    assert submission.answers["rnn_step"] == "answers = {'C1': 'b'}"


def test_a_deleted_answer_cell_is_no_answer() -> None:
    submission = assembled(*HANDED_IN[:4])

    assert list(submission.answers) == ["one_hot"]


def test_of_several_definitions_the_last_is_the_answer_and_all_are_kept() -> None:
    second = RawCell(id="mine", source=RNN_STEP)

    submission = assembled(*HANDED_IN[:5], second, *HANDED_IN[5:])

    assert submission.answers["rnn_step"] == RNN_STEP
    assert [cell.source for cell in submission.cells if cell.options.question == "rnn_step"] == [PRISTINE[4].source, RNN_STEP]
    assert submission.notes == ("rnn_step: 2 cells define it; the last one counts.",)


def test_the_half_of_a_split_cell_that_defines_the_entry_is_the_answer() -> None:
    test_of_it = RawCell(question="rnn_step", source="rnn_step(torch.ones(2, 5), torch.ones(2, 4))")

    submission = assembled(*with_cells(c4=answering(RNN_STEP)), test_of_it)

    assert submission.answers["rnn_step"] == RNN_STEP


def test_an_answer_in_the_cell_of_another_question_is_found() -> None:
    both = answering(f"#| question: one_hot\n{ONE_HOT}\n\n{RNN_STEP}", 2)

    submission = assembled(*HANDED_IN[:2], both, HANDED_IN[3])

    assert submission.answers == {"one_hot": both.source, "rnn_step": both.source}
    assert submission.notes == ("rnn_step: the answer was found in the cell of another question.",)


def test_an_answer_written_into_a_locked_cell_counts_and_the_cell_is_put_back() -> None:
    submission = assembled(*with_cells(c1=replace(HANDED_IN[1], source=f"{IMPORTS.source}\n{RNN_STEP}")), RawCell(source="# end"))

    assert IMPORTS in submission.cells
    assert submission.answers["rnn_step"] in {cell.source for cell in submission.cells}


def test_an_answer_in_a_text_cell_is_pointed_out() -> None:
    submission = assembled(*with_cells(c4=replace(HANDED_IN[4], kind="markdown")))

    assert "rnn_step" not in submission.answers
    assert submission.notes == ("rnn_step: its cell is a text cell, so it does not run; turn it into a code cell.",)


def test_a_mistyped_question_is_pointed_out() -> None:
    submission = assembled(*with_cells(c4=RawCell(source="#| question: rnn_stp\nx = 1")))

    assert submission.notes == ("A cell is marked for the question 'rnn_stp', which this assignment does not have.",)


@pytest.mark.parametrize(
    "cell",
    [
        replace(HANDED_IN[1], source="import os"),
        RawCell(source=f"{IMPORTS.source}\nimport numpy as np"),
        RawCell(source="import math\nimport torch\nimport numpy as np"),
        RawCell(source="#| locked\n" + "\n".join(f"x{number} = {number}" for number in range(9))),
        RawCell(id="abc", kind="markdown", source=IMPORTS.source),
    ],
    ids=["id", "a line more", "without the mark", "another content under the mark", "turned into text"],
)
def test_a_changed_locked_cell_is_restored_and_counted(cell: RawCell) -> None:
    submission = assembled(*with_cells(c1=cell))

    assert submission.cells == PRISTINE
    assert submission.tampered == 1
    assert submission.notes == ("A locked cell had been changed and was restored: the one that begins `import math`.",)


@pytest.mark.parametrize(("gone", "place"), [(1, 1), (3, 3)])
def test_a_missing_locked_cell_is_put_back_behind_its_predecessor(gone: int, place: int) -> None:
    submission = assembled(*HANDED_IN[:gone], *HANDED_IN[gone + 1 :])

    assert submission.cells == PRISTINE
    assert submission.cells[place].options.locked
    assert "was missing and was put back" in submission.notes[0]
    assert submission.tampered == 0


def test_locked_cells_stand_in_front_of_a_notebook_that_has_none_of_the_given_cells() -> None:
    submission = assembled(RawCell(source="print(1)"))

    assert [cell.source for cell in submission.cells] == [IMPORTS.source, DATA.source, "print(1)"]


def test_the_student_s_own_cells_stay_between_their_neighbours() -> None:
    helper, text = RawCell(id="h", source="def helper(x): ..."), RawCell(kind="markdown", source="My thoughts")

    submission = assembled(helper, *HANDED_IN[:4], text, helper, *HANDED_IN[4:])

    assert [cell.source for cell in submission.cells] == [
        helper.source,
        *(cell.source for cell in PRISTINE[:4]),
        text.source,
        helper.source,
        *(cell.source for cell in PRISTINE[4:]),
    ]


def test_a_moved_answer_stays_where_the_student_put_it() -> None:
    moved = [*HANDED_IN[:2], HANDED_IN[4], *HANDED_IN[2:4], *HANDED_IN[5:]]

    assert [cell.id for cell in assembled(*moved).cells] == ["c-01", "c-02", "q-rnn_step", "q-one_hot", "c-04", "c-06", "c-07"]


def test_unlocked_cells_are_the_student_s_version_and_are_not_put_back() -> None:
    submission = assembled(*HANDED_IN[:5], replace(HANDED_IN[6], source="check('rnn_step')"))

    assert [cell.source for cell in submission.cells[5:]] == ["check('rnn_step')"]
    assert submission.notes == ()


@pytest.mark.parametrize(
    "cell",
    [
        replace(HANDED_IN[5], source="for epoch in range(9):\n    train(net)\nplot(losses)"),
        RawCell(source="for epoch in range(9):\n    train(net)\nplot(losses)"),
        stripped(HANDED_IN[5]),
    ],
)
def test_a_skipped_cell_is_skipped_whatever_the_student_changed(cell: RawCell) -> None:
    submission = assembled(*with_cells(c5=cell))

    assert submission.cells[5] == Cell(id="c-06", kind="code", source=cell.source, options=CellOptions(skip=True))


def test_a_student_s_marks_skip_their_own_cells_but_no_answer_and_lock_nothing() -> None:
    own = RawCell(source="#| grade: skip\n#| locked\nown_demo = 1")
    skipping = answering(f"#| question: rnn_step\n#| grade: skip\n{RNN_STEP}")

    submission = assembled(*with_cells(c4=skipping), own)

    assert submission.cells[4].options == CellOptions(question="rnn_step")
    assert submission.cells[-1].options == CellOptions(skip=True)
    assert submission.tampered == 0


def test_ids_are_unique_even_where_the_student_copied_cells() -> None:
    copies = [replace(cell, source=f"x{number} = 1") for number, cell in enumerate(HANDED_IN * 3)]

    ids = [cell.id for cell in assembled(*HANDED_IN, *copies).cells]

    assert len(ids) == len(set(ids)) == 28


MUTATED = st.lists(
    st.builds(
        RawCell,
        id=st.sampled_from([None, *(cell.id for cell in PRISTINE), "own-1", "mine"]),
        kind=st.sampled_from(["code", "markdown"]),
        source=st.one_of(
            st.sampled_from([*(cell.source for cell in PRISTINE), ONE_HOT, RNN_STEP, "#| locked\nimport math", "#| question: rnn_step"]), st.text(max_size=20)
        ),
        question=st.sampled_from([None, "rnn_step", "one_hot", "other"]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given_examples(cells=MUTATED)
def test_whatever_is_handed_in_locked_cells_are_pristine_ids_unique_and_no_cell_of_the_student_is_lost(cells: list[RawCell]) -> None:
    submission = assembled(*cells)

    ids = [cell.id for cell in submission.cells]
    assert len(ids) == len(set(ids))
    assert [cell for cell in submission.cells if cell.options.locked] in ([IMPORTS, DATA], [DATA, IMPORTS])
    kept = [cell.source for cell in submission.cells if not cell.options.locked]
    assert len(cells) - 2 <= len(kept) <= len(cells)
    skipped = [cell for cell in submission.cells if cell.options.skip]
    assert all(cell.id == TRAIN.id or cell.source.startswith("#| grade: skip") for cell in skipped)
    assert set(submission.answers.values()) <= {cell.source for cell in submission.cells}
