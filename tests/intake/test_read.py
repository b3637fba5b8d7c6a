"""Reading notebook files that nobody has looked at before."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings, strategies as st

from grader.errors import IntakeError
from grader.intake.read import MAX_BYTES, MAX_CELLS, RawCell, RawNotebook, read_bytes, read_notebook
from tests.intake.handed_in import code, markdown, notebook

ONE_CELL = notebook(code("x = 'ü'"))


def reason(data: bytes) -> str:
    with pytest.raises(IntakeError) as refused:
        read_notebook(data, path="ada/02-rnn.ipynb")
    assert refused.value.path == "ada/02-rnn.ipynb"
    return refused.value.reason


def read_or_refuse(data: bytes) -> RawNotebook | None:
    """Return the notebook, or None when it is refused as it should be; anything else than an IntakeError is raised."""
    try:
        return read_notebook(data, path="a.ipynb")
    except IntakeError:
        return None


def sources(data: bytes) -> list[str]:
    return [cell.source for cell in read_notebook(data, path="a.ipynb").cells]


def test_cells_keep_their_id_kind_source_and_question_and_nothing_else() -> None:
    answer = code("x = 1", id="q-x", grader={"question": "x", "locked": True}, tags=["hide"])

    read = read_notebook(notebook(markdown("# Title"), answer), path="a.ipynb")

    assert read == RawNotebook(cells=(RawCell(kind="markdown", source="# Title"), RawCell(id="q-x", source="x = 1", question="x")))


def test_a_source_may_be_a_list_of_lines() -> None:
    assert sources(notebook(code(["x = 1\n", "y = 2"]))) == ["x = 1\ny = 2"]


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends_of_all_systems_are_read_alike(line_end: str) -> None:
    assert sources(notebook(code(f"x = 1{line_end}y = 2"))) == ["x = 1\ny = 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_a_notebook_in_another_encoding_is_read(encoding: str) -> None:
    text = json.dumps(json.loads(ONE_CELL), ensure_ascii=False)

    assert sources(text.encode(encoding)) == ["x = 'ü'"]


@pytest.mark.parametrize("minor", range(6))
def test_all_minor_versions_of_format_4_are_read(minor: int) -> None:
    assert sources(notebook(code("x"), minor=minor)) == ["x"]


def test_a_notebook_of_format_3_is_read() -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[
            nbformat.v3.new_worksheet(
                cells=[nbformat.v3.new_heading_cell("Title"), nbformat.v3.new_code_cell("x = 1"), nbformat.v3.new_text_cell("markdown", "Text")]
            )
        ]
    )

    read = read_notebook(json.dumps(old).encode(), path="a.ipynb")

    assert [(cell.kind, cell.source) for cell in read.cells] == [("markdown", "# Title"), ("code", "x = 1"), ("markdown", "Text")]


def test_what_the_notebook_library_writes_is_read() -> None:
    written = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")]))

    assert sources(written.encode()) == ["x = 1"]


def test_raw_cells_do_not_run() -> None:
    raw = {"cell_type": "raw", "source": "import os", "metadata": {}}

    assert read_notebook(notebook(raw), path="a.ipynb").cells[0].kind == "markdown"


@pytest.mark.parametrize("identity", ["a b", "", "x" * 65, "../../etc", 7, None])
def test_an_invalid_cell_id_counts_as_none(identity: object) -> None:
    cell = {**code("x"), "id": identity}

    assert read_notebook(notebook(cell), path="a.ipynb").cells[0].id is None


def test_lone_surrogates_and_nul_are_replaced_so_that_every_source_can_be_written_again() -> None:
    data = rb'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": "\ud800 \u0000 \ud83d\ude00", "metadata": {}}]}'

    assert sources(data) == ["\ufffd \ufffd \U0001f600"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\xff\xfe", "empty"),
        (b"PK\x03\x04 and so on", "zip archive"),
        (b"%PDF-1.7", "PDF"),
        (b"import torch\n\ndef rnn_step(X):\n    return {'a': [X]}\n", "Python file"),
        (b"# %%\nprint(1)\n", "Python file"),
        (b"\n<!DOCTYPE html><html><body>Log in { please", "web page"),
        (b"<html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}', "merge conflict"),
        (b"\x00\x01\x02\x03\x04binary", "binary file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary file"),
        (b"\xff\xfe{\x00\x00\xd8", "damaged on its way"),
        (b"Dear teacher, here is my homework.", "text file"),
        (b'{\n "cells": [,]}', "broken at line 2, column 12"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "sou', "cut off"),
        (b'{"nbformat": 4, "cells": [', "cut off"),
        (b"[]", "no notebook"),
        (b"null", "no notebook"),
        (b'{"name": "package.json"}', "no notebook"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 3, "cells": []}', "no list of worksheets"),
        (b'{"nbformat": 3, "worksheets": [1]}', "no list of cells"),
        (b'{"nbformat": 2, "worksheets": []}', "format '2' is not supported"),
        (b'{"nbformat": 5, "cells": []}', "format '5' is not supported"),
        (b'{"nbformat": "4", "cells": []}', "format '4' is not supported"),
        (b'{"nbformat": 4, "cells": [1]}', "cell 1 is no cell"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "evil", "source": ""}]}', "cell 1 has an unknown type: 'evil'"),
        (b'{"nbformat": 4, "cells": [{"cell_type": ["code"], "source": ""}]}', "cell 1 has an unknown type"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "cell 1 has no source"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}', "cell 1 has no source"),
        (b'{"nbformat": 4, "cells": [], "cells": []}', "'cells' stands twice"),
        (b'{"nbformat": 4, "cells": [], "x": NaN}', "NaN"),
        (b'{"nbformat": 4, "cells": [], "x": -Infinity}', "-Infinity"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_with_a_sentence_that_says_what_it_is(data: bytes, says: str) -> None:
    assert says in reason(data)


def test_a_notebook_with_a_long_merge_marker_in_a_cell_is_still_a_notebook() -> None:
    assert sources(notebook(code("text = '''\n<<<<<<< HEAD\n'''"))) == ["text = '''\n<<<<<<< HEAD\n'''"]


@pytest.mark.parametrize(
    ("bomb", "says"),
    [
        (b"[" * 5_000_000, "levels deep"),
        (b'{"a":' * 1_000_000, "levels deep"),
        (b'{"nbformat": 4, "cells": [' + b"[]," * 6_000_000 + b"[]]}", "lists and objects"),
        (b'{"nbformat": ' + b"9" * 15_000_000 + b"}", "digits"),
        (b'["' + b'\\"' * 9_000_000, "cut off"),
        (b"{" + b'"\\' * 9_000_000, "cut off"),
        (b" " * (MAX_BYTES + 1), "larger than 20 MB"),
        (b"x" * (MAX_BYTES - 1), "text file"),
        (b"\n" * (MAX_BYTES - 1) + b"{", "cut off"),
    ],
    ids=["brackets", "objects", "parts", "digits", "quotes", "unclosed", "size", "no json", "lines"],
)
def test_a_bomb_is_refused_without_much_work(bomb: bytes, says: str) -> None:
    assert says in reason(bomb)


def test_too_many_cells_are_refused() -> None:
    assert "2001 cells" in reason(notebook(*[code("")] * (MAX_CELLS + 1)))


def test_a_cell_of_more_than_a_megabyte_is_refused() -> None:
    assert "cell 2 has" in reason(notebook(code(""), code("x" * (1024**2 + 1))))


def test_more_code_than_anybody_types_is_refused_and_more_text_is_not() -> None:
    cells = [code("x = 1\n" * 20_000)] * 5

    with pytest.raises(IntakeError, match="characters of code; at most 524288"):
        read_notebook(notebook(*cells), path="x.ipynb")
    assert len(read_notebook(notebook(*[markdown("words " * 20_000)] * 5), path="x.ipynb").cells) == 5


def test_large_outputs_do_not_matter() -> None:
    picture = {**code("plot()"), "outputs": [{"output_type": "display_data", "data": {"image/png": "A" * 5_000_000}, "metadata": {}}]}

    assert sources(notebook(picture)) == ["plot()"]


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="no ordinary file"):
        read_bytes(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ipynb")

    with pytest.raises(IntakeError, match="no ordinary file"):
        read_bytes(tmp_path / "a.ipynb")


def test_a_file_larger_than_allowed_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(IntakeError, match="larger than 20 MB"):
        read_bytes(path)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    assert read_or_refuse(data) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "id", "metadata", "grader", "question"]), inner)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(
    cells=st.lists(
        st.dictionaries(st.sampled_from(["cell_type", "source", "id", "metadata", "level"]), JSON | st.sampled_from(["code", "heading"])) | JSON, max_size=4
    )
)
def test_a_notebook_with_arbitrary_cells_is_read_or_refused(cells: list[object]) -> None:
    data = json.dumps({"nbformat": 4, "cells": cells}).encode()

    read = read_or_refuse(data)

    assert read is None or all(cell.source.encode() is not None for cell in read.cells)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, len(ONE_CELL) - 1), byte=st.integers(0, 255))
def test_a_notebook_with_one_damaged_byte_is_read_or_refused(place: int, byte: int) -> None:
    damaged = ONE_CELL[:place] + bytes([byte]) + ONE_CELL[place + 1 :]

    read = read_or_refuse(damaged)

    assert read is None or len(read.cells) == 1
