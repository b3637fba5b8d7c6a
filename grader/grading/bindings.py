"""What the names in a notebook's source stand for, read from its syntax alone."""

import ast
from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from types import ModuleType
from typing import TypeAlias

from grader.grading.library_names import find_object

Scope: TypeAlias = MutableMapping[str, frozenset[str]]
"""The dotted library names that a name may stand for; `NOTHING` for a function's own variable."""

NOTHING: frozenset[str] = frozenset()
_MOST_MEANINGS = 64
_LONGEST_NAME = 200  # no library's is as long, and each line can make a longer one of that before
_DEEPEST = 20


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements in order, those inside `if`, `try`, `for` and `with` too, but not those of functions and classes."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from statements(handler.body)


def bound_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement itself binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return {node.id for target in targets if target is not None for node in ast.walk(target) if isinstance(node, ast.Name)}


def learn(statement: ast.stmt, scope: Scope) -> None:
    """Add the library names that a statement binds to what the scope's names may stand for."""
    match statement:
        case ast.Import(names=names):
            for alias in names:
                root = alias.name.partition(".")[0]
                _add(scope, alias.asname or root, {alias.name if alias.asname else root})
        case ast.ImportFrom(module=str(module), names=names, level=0):
            for name, dotted in (pair for alias in names for pair in _imported(module, alias)):
                _add(scope, name, {dotted})
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                _learn_target(target, value, scope)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            _learn_target(target, value, scope)
        case _:
            pass


def dotted_names(node: ast.AST, scope: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the library names that an expression may stand for: a name, attributes of it, `getattr` and imports with constant text."""
    match node:
        case ast.Name(id=name):
            return scope.get(name, NOTHING)
        case ast.Attribute(value=value, attr=attribute) | ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attribute)), *_]):
            return frozenset(name for base in dotted_names(value, scope) if len(name := f"{base}.{attribute}") <= _LONGEST_NAME)
        case ast.Call(func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(module)), *_]):
            return frozenset({module})
        case _:
            return NOTHING


def local_scope(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, outer: Scope) -> Scope:
    """Return the scope inside a function: its arguments and its own variables hide what is outside.

    Raises:
        RecursionError: it is nested deeper in others than anybody writes it; to look through each of them once more would take for ever.
    """
    around = outer.maps if isinstance(outer, ChainMap) else [outer]  # no copies: a notebook can have ten thousand names and as many functions
    if len(around) > _DEEPEST:
        raise RecursionError
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    inside = [node for part in body for node in ast.walk(part)]
    own = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    scope = ChainMap(dict.fromkeys(own, NOTHING), *around)
    for statement in () if isinstance(function, ast.Lambda) else statements(function.body):
        learn(statement, scope)
    return scope


def _add(scope: Scope, name: str, dotted: Collection[str]) -> None:
    may_be = scope.get(name, NOTHING) | {one for one in dotted if len(one) <= _LONGEST_NAME}
    # `x = x.a`, `x = x.b` in an `if`: each line doubles them
    if len(may_be) <= _MOST_MEANINGS:
        scope[name] = may_be


def _learn_target(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
        for one, its_value in zip(target.elts, value.elts, strict=True):
            _learn_target(one, its_value, scope)
    elif isinstance(target, ast.Name) and (targets := dotted_names(value, scope)):
        _add(scope, target.id, targets)


def _imported(module: str, alias: ast.alias) -> Iterator[tuple[str, str]]:
    """Yield the names that one part of a `from` import binds, and what they stand for."""
    if alias.name != "*":
        yield alias.asname or alias.name, f"{module}.{alias.name}"
        return
    found = find_object(module)
    if isinstance(found, ModuleType):
        public = getattr(found, "__all__", None) or [name for name in vars(found) if not name.startswith("_")]
        yield from ((name, f"{module}.{name}") for name in public)
