"""Streams that cannot show the marks: letters instead of an exception."""

import codecs
from typing import TextIO

_INSTEAD = {"✓": "+", "✗": "x", "◐": "/", "↷": ">", "◷": "t", "⊘": "d", "○": "o", "⚑": "?", "…": "...", "–": "-", "−": "-", "×": "x", "·": "."}  # noqa: RUF001 - they are what is replaced
_NAME = "grader-marks"


def tolerate(stream: TextIO) -> None:
    """Let a stream print letters where its encoding has no mark, and a question mark for anything else that it lacks."""
    codecs.register_error(_NAME, _replace)
    if callable(reconfigure := getattr(stream, "reconfigure", None)):
        reconfigure(errors=_NAME)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_INSTEAD.get(character, "?") for character in error.object[error.start : error.end]), error.end
