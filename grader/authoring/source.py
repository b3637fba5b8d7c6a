"""The source of what an author writes for another process: drivers and checks travel as text, so they must stand alone."""

import ast
import builtins
import inspect
import symtable
import textwrap
from collections.abc import Callable
from typing import Any

from grader.errors import AuthorError

DRIVER_NAMES = frozenset({"torch", "nn", "F", "np", "math"})
CHECK_NAMES = DRIVER_NAMES | {"Failure"}

_BUILTINS = frozenset(dir(builtins))


def source_of(thing: Callable[..., Any], /) -> str:
    """Return the source of a function or class, dedented and without its decorators.

    Raises:
        AuthorError: for a lambda, a partial, a bound method: what cannot be written down and defined anew.
    """
    name = getattr(thing, "__name__", type(thing).__name__)
    if name == "<lambda>" or not (inspect.isfunction(thing) or inspect.isclass(thing)):
        kind = "a lambda" if name == "<lambda>" else f"a {type(thing).__name__}"
        raise AuthorError(file=_file_of(thing), problem=f"{kind} stands where a function is needed", remedy="Write it as a function with def")
    try:
        text = textwrap.dedent(inspect.getsource(thing))
        node = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError) as error:
        raise AuthorError(file=_file_of(thing), problem=f"the source of {name} cannot be read", remedy="Define it at the top level of a file") from error
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines) + "\n"


def free_names(source: str) -> set[str]:
    """Return the names that a definition takes from outside itself, builtins not counted."""
    top = symtable.symtable(source, "<source>", "exec")
    defined = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        used |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced() and (table is top or symbol.is_global())}
    return used - defined - _BUILTINS


def imported_names(source: str) -> set[str]:
    """Return the names that a file's own `import` statements bind at its top level; imports relative to the file do not count."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def _file_of(thing: object) -> str:
    code = getattr(thing, "__code__", None)
    return code.co_filename if code is not None else "questions.py"
