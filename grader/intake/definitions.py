"""Which names a cell defines, told from its text; nothing is executed."""

import ast
import re

from grader.notebooks.syntax import parse_cell

_LARGEST_PARSED = 100_000  # characters: a syntax tree is a hundred times larger than its text
_DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)


def defined_names(source: str) -> frozenset[str]:
    """Return the functions, classes and variables that a cell defines at its top level.

    One that is no valid Python is read line by line instead.
    """
    statements = parse_cell(source) if len(source) <= _LARGEST_PARSED else ()
    return frozenset(name for statement in statements for name in _names_of(statement)) if statements else _from_lines(source)


def _names_of(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Assign():
            targets: list[ast.expr] = statement.targets
        case ast.AnnAssign(value=ast.expr()):
            targets = [statement.target]
        case _:
            return []
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _from_lines(source: str) -> frozenset[str]:
    return frozenset(match[1] or match[2] for match in _DEFINITION.finditer(source))
