"""The syntax tree of a cell; nothing is executed."""

import ast
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

_MAGIC = re.compile(r"^([^\S\n]*)[%!].*$", re.MULTILINE)
_REMEMBERED = 10_000  # characters: a syntax tree is hundreds of times larger than its text
_LARGEST = 100_000


def parse_cell(source: str) -> Sequence[ast.stmt]:
    """Return a cell's statements, where it is no Python with IPython's magics taken out; none where it is no Python, or more of it than anybody types.

    The same tree is given to all who ask for it: look at it only.
    """
    return _remembered(source) if len(source) <= _REMEMBERED else _parsed(source)


def _parsed(source: str) -> Sequence[ast.stmt]:
    if len(source) > _LARGEST:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\\d" is no concern of ours
            try:
                return ast.parse(source).body
            except SyntaxError:
                return ast.parse(_MAGIC.sub(r"\1pass", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


_remembered = lru_cache(maxsize=32)(_parsed)  # a notebook's cells, asked for by every question
