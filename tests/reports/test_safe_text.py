import unicodedata

import pytest
from hypothesis import given, strategies as st

from grader.reports.safe_text import capped, one_line, plain, visible


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Ll", "So"])))
def test_nothing_that_steers_the_display_is_left(text: str) -> None:
    left = {
        character
        for character in visible(text)
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    }

    assert left <= {"\n", "\t"}


@pytest.mark.parametrize("text", ["Zoë 王小明 שלום مرحبا", "👩‍🎓 family", "☀️ 1️⃣ ☎️", "def f():\n\treturn 1", "می‌خواهم"])
def test_ordinary_text_of_any_language_is_left_alone(text: str) -> None:
    assert visible(text) == text


def test_what_cannot_be_seen_is_named() -> None:
    assert visible("a\x00b\x7f\u202ec\ud800") == "a␀b␡[U+202E]c[U+D800]"


@pytest.mark.parametrize("code", [0x34F, 0x17B4, 0x180B, 0x200C, 0x200D, 0xFE00, 0xFE0E, 0xFE0F, 0x1D173, 0x1BCA0, 0xE0100])
def test_a_name_does_not_look_like_another_by_what_cannot_be_seen_in_it(code: int) -> None:
    """Python takes most of these for a part of the name."""
    assert visible(f"tanh{chr(code)}{chr(code)}(x)") == f"tanh[U+{code:04X}][U+{code:04X}](x)"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("\x1bPq#0\x1b\\text", "text"),
        ("\x9b2Jtext", "text"),
        ("\x1bc\x1b(Btext", "text"),
        ("\x1b]unterminated", "unterminated"),
        ("  0%\r 50%\r100%\r\nnext", "100%\nnext"),
    ],
)
def test_control_sequences_are_gone(raw: str, shown: str) -> None:
    assert plain(raw) == shown


def test_a_name_stays_one_line_of_modest_length() -> None:
    assert one_line("Ada\n\tLovelace  \r\n") == "Ada Lovelace"
    assert one_line("x" * 500, 10) == "xxxxxxxxx…"


def test_short_text_is_not_cut() -> None:
    assert capped("abc", 3) == "abc"
    assert capped("abcd", 3) == "abc\n… (1 more characters are not shown)"
