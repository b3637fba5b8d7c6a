"""The only places where markup is made of text: authors' sentences and students' code; all other text is escaped by the templates."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, TextLexer

from grader.reports.safe_text import capped, visible

_BACKTICKS = MarkdownIt("zero").enable("backticks")
_PYTHON, _UNCOLOURED = PythonLexer(stripnl=False), TextLexer(stripnl=False)
# Pygments reads blanks again from each of them, and some strings: twice as many take four times as long.
_MANY_BLANKS = re.compile(r"\s{200}")
_MOST_COLOURED = 8_000


def prose(text: str) -> Markup:
    """Return a sentence in which `backticks` become code; everything else is escaped."""
    return Markup(_BACKTICKS.renderInline(visible(capped(text))))  # noqa: S704 - html is off in this parser


def code(source: str, *, marked_line: int | None = None) -> Markup:
    """Return numbered lines of Python; `marked_line` counts from 1. They are coloured unless that could take long."""
    return _coloured(capped(source), marked_line or 0)


@lru_cache(maxsize=64)  # cells that nobody touched, and right answers that many give
def _coloured(source: str, marked_line: int) -> Markup:
    text = visible(source.replace("\r\n", "\n").replace("\r", "\n"))
    lexer = _UNCOLOURED if len(text) > _MOST_COLOURED or _MANY_BLANKS.search(text) else _PYTHON
    return Markup(highlight(text, lexer, _formatter(marked_line)))  # noqa: S704 - the formatter escapes


@lru_cache(maxsize=64)
def _formatter(marked_line: int) -> HtmlFormatter[str]:
    """Return what numbers and colours lines; making one takes longer than colouring a short cell."""
    return HtmlFormatter(nowrap=False, cssclass="code", linenos="inline", hl_lines=[marked_line], wrapcode=True)
