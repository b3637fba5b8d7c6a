"""Text from notebooks, made safe to show: nothing invisible, no control sequence, no flood."""

import re

MOST_CHARACTERS = 20_000

_ANSI = re.compile(
    r"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links and other strings
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b[ -/]*[0-~]"
)
# Tabs, newlines, and the joiners and variation selectors that emoji and Persian need, are left alone; behind ASCII, but in a keycap, nothing needs them,
# and Python takes `tanh` with one in it for another name.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<=[!-~])(?:[\u200c\u200d]|[\ufe0e\ufe0f](?!\u20e3))+"
)


def visible(text: str) -> str:
    """Return the text with control, bidirectional and other invisible characters shown by a symbol or their code point."""
    if _is_harmless(text):
        return text
    return _INVISIBLE.sub(lambda found: "".join(map(_picture, found[0])), text.replace("\r\n", "\n"))


def plain(text: str) -> str:
    """Return what a terminal would have shown of the text, without colours: the last state of lines that were redrawn."""
    if _is_harmless(text):
        return text
    lines = _ANSI.sub("", text).replace("\r\n", "\n").split("\n")
    return visible("\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines))


def one_line(text: str, most: int = 120) -> str:
    """Return the text as one line of at most `most` characters, for names."""
    line = " ".join(plain(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def capped(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return the text, cut after `most` characters with a note of how many are left out."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n… ({len(text) - most:,} more characters are not shown)"


def _is_harmless(text: str) -> bool:
    """Whether there is nothing to change, as in most names, numbers and words: a page has a thousand of them."""
    return text.isascii() and text.isprintable()


def _picture(character: str) -> str:
    if character < " ":
        return chr(ord("␀") + ord(character))
    return "␡" if character == "\x7f" else f"[U+{ord(character):04X}]"
