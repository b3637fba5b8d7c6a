"""Which names a cell defines, told from its text; nothing is executed."""

import ast
import re
import warnings

_LARGEST_PARSED = 100_000  # characters: a syntax tree is a hundred times larger than its text
_DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)


def defined_names(source: str) -> frozenset[str]:
    """Return the functions, classes and variables that a cell defines at its top level.

    A cell with magics, or one that is no valid Python, is read line by line instead.
    """
    if len(source) > _LARGEST_PARSED:
        return _from_lines(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no concern of ours
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _from_lines(source)
    return frozenset(name for statement in tree.body for name in _names_of(statement))


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
