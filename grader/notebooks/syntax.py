"""The syntax tree of a cell; nothing is executed."""

import ast
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

_MAGIC = re.compile(r"^([^\S\n]*)[%!].*$", re.MULTILINE)
_REMEMBERED = 10_000  # characters: a syntax tree is hundreds of times larger than its text
_LARGEST = 100_000
# Python puts together an import's name anew for each of its parts: of 80 kilobytes it makes 1.6 GB
_IMPORT = re.compile(r"\b(?:import|from)\b(?:[^\n;\\]|\\.)*+", re.DOTALL)
_MOST_PARTS = 100


def parse_cell(source: str) -> Sequence[ast.stmt]:
    """Return a cell's statements, where it is no Python with IPython's magics taken out; none where it is no Python, or more of it than anybody types.

    The same tree is given to all who ask for it: look at it only.
    """
    return _remembered(source) if len(source) <= _REMEMBERED else _parsed(source)


def syntax_error_line(source: str) -> int | None:
    """Return the line of a cell where it is no Python; None where it is Python, or more of it than anybody types."""
    if _is_too_much(source):
        return None
    try:
        _statements(source)
    except SyntaxError as error:
        return error.lineno
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _parsed(source: str) -> Sequence[ast.stmt]:
    if _is_too_much(source):
        return []
    try:
        try:
            return _statements(source)
        except SyntaxError:
            return _statements(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _statements(source: str) -> Sequence[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a student's "\\d" is no concern of ours
        return ast.parse(source).body


def _is_too_much(source: str) -> bool:
    return len(source) > _LARGEST or any(name.count(".") > _MOST_PARTS for found in _IMPORT.finditer(source) for name in found[0].split(","))


_remembered = lru_cache(maxsize=32)(_parsed)  # a notebook's cells, asked for by every question
