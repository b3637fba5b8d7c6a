"""Text from the bytes of a file that should be a notebook, or a sentence that says what it is instead."""

import json
import re

_AGAIN = "hand in the .ipynb file itself"
_EMPTY = f"the file is empty: save the notebook and {_AGAIN}"
_NO_TEXT = "this is a binary file, or a notebook that was damaged on its way: open it in Jupyter, save it, and hand it in again"

_SIGNATURES = (
    (b"PK\x03\x04", "this is a zip archive (or an office document), not a notebook: hand in the .ipynb file that is inside it"),
    (b"PK\x05\x06", f"this is an empty zip archive, not a notebook: {_AGAIN}"),
    (b"\x1f\x8b", "this is a gzip archive, not a notebook: hand in the .ipynb file that is inside it"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive, not a notebook: hand in the .ipynb file that is inside it"),
    (b"Rar!", "this is a rar archive, not a notebook: hand in the .ipynb file that is inside it"),
    (b"%PDF-", f"this is a PDF, not a notebook: {_AGAIN}"),
)

_LOOKS = (
    (
        re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE),
        re.match,
        "this is a web page, not a notebook: perhaps the login page of the learning platform was saved in its place; download the notebook again",
    ),
    (re.compile(r"version https://git-lfs\."), re.match, f"this is a Git LFS pointer, not a notebook: run `git lfs pull` and {_AGAIN}"),
    (
        re.compile(r"^<{7} .*$", re.MULTILINE),
        re.search,
        "the file holds an unresolved merge conflict (a line that begins with <<<<<<<): resolve it, open the notebook to see that it works, and hand it in again",
    ),
    (
        re.compile(r"^(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:]|#!.*python|# %%|# -\*- coding)", re.MULTILINE),
        re.search,
        f"this is a Python file, not a notebook: {_AGAIN} (in Colab: File > Download > Download .ipynb)",
    ),
)


class UnreadableError(ValueError):
    """Why bytes are no notebook, in a sentence for the student."""


def decode(data: bytes) -> str:
    """Return the text of UTF-8, UTF-16 or UTF-32 with or without a byte order mark; bytes that are no UTF-8 are read as Latin-1."""
    for signature, sentence in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableError(sentence)
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise UnreadableError(_NO_TEXT) from error
        text = data.decode("latin-1")
    if not text.strip():
        raise UnreadableError(_EMPTY)
    if "\0" in text:
        raise UnreadableError(_NO_TEXT)
    return text


def explain(text: str, error: json.JSONDecodeError) -> str:
    """Return a sentence that says why a text that is no JSON is no notebook."""
    if not text.lstrip().startswith("{") or "<<<<<<<" in text:
        for pattern, look, sentence in _LOOKS:
            if look(pattern, text):
                return sentence
    if text.lstrip()[0] not in "{[":
        return f"this is a text file, not a notebook: {_AGAIN}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"the file ends in the middle (line {error.lineno}): it was cut off while it was saved or uploaded; {_AGAIN} again"
    return f"the JSON is broken at line {error.lineno}, column {error.colno} ({error.msg}): open the notebook in Jupyter, save it, and hand it in again"
