import io

import pytest

from grader.reports.console import tolerate
from grader.reports.terminal import plain_summary
from grader.reports.wording import MARKS
from tests.reports import samples


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_console_without_our_symbols_gets_letters(encoding: str) -> None:
    file = io.BytesIO()
    stream = io.TextIOWrapper(file, encoding=encoding)
    tolerate(stream)

    print(*plain_summary([samples.halfway(), samples.perfect("王小明")]), sep="\n", file=stream, flush=True)

    printed = file.getvalue().decode(encoding)
    assert "+x/>!/xtdo" in printed
    assert "???" in printed


def test_every_mark_has_a_letter_of_its_own() -> None:
    file = io.BytesIO()
    stream = io.TextIOWrapper(file, encoding="ascii")
    tolerate(stream)

    stream.write("".join(mark.symbol for mark in MARKS))
    stream.flush()

    assert len(set(file.getvalue())) == len(MARKS)


def test_a_console_with_unicode_is_left_alone() -> None:
    file = io.BytesIO()
    stream = io.TextIOWrapper(file, encoding="utf-8")
    tolerate(stream)

    stream.write("✓ 王小明")
    stream.flush()

    assert file.getvalue().decode() == "✓ 王小明"
