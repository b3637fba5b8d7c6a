"""Finding, in a student's source, the library names that a question asks to do without."""

import ast
import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

from grader.grading.bindings import NOTHING, Scope, bound_names, dotted_names, learn, local_scope, statements
from grader.grading.library_names import find_object, load_object
from grader.notebooks.syntax import parse_cell


@dataclass(frozen=True, kw_only=True)
class _Mention:
    """A name, or a library's dotted names, in some line."""

    line: int
    name: str = ""
    dotted: frozenset[str] = NOTHING


def forbidden_uses(source: str, notebook: Sequence[str], forbids: Collection[str], *, pristine: Collection[str] = ()) -> list[tuple[str, int]]:
    """Return the forbidden names that a question's cell uses, each with its line in that cell (from 1).

    `notebook` holds all code cells in order, the question's own among them: names mean what they mean after the last cell has run.
    What the cell calls of the student's other cells counts where the cell mentions it; `pristine` sources are not the student's.
    """
    if not forbids:
        return []
    scope, owners = _namespace(tuple(notebook), frozenset(pristine))
    try:
        mentioned = {(mention.line, mention.dotted) for mention in _reached(parse_cell(source), source, scope, owners)}
    except RecursionError:
        return []  # nested too deep to be read; what it calls is still seen when it runs
    # each name is looked up once: a cell can mention some thousands of times what may stand for many things
    names = {dotted: _forbidden_name(dotted, forbids) for meanings in {meanings for _, meanings in mentioned} for dotted in meanings}
    found = {(line, name) for line, meanings in mentioned for dotted in meanings if (name := names[dotted]) is not None}
    return [(name, line) for line, name in sorted(found)]


def unknown_names(forbids: Collection[str]) -> list[str]:
    """Return the dotted names that stand for nothing."""
    return [name for name in forbids if load_object(name) is None]


@lru_cache(maxsize=2)  # all questions of a submission ask for the same notebook, and so does its second grading
def _namespace(notebook: tuple[str, ...], pristine: frozenset[str]) -> tuple[Scope, dict[str, tuple[str, ast.stmt]]]:
    """Return what names stand for when all cells have run, and the student's cell and statement that bound a name last."""
    scope: Scope = {}
    owners: dict[str, tuple[str, ast.stmt]] = {}
    for cell in notebook:
        with contextlib.suppress(RecursionError):  # nested too deep to be read to its end
            _learn_cell(cell, scope, owners, is_students=cell not in pristine)
    return scope, owners


def _learn_cell(cell: str, scope: Scope, owners: dict[str, tuple[str, ast.stmt]], *, is_students: bool) -> None:
    body = parse_cell(cell)
    always = frozenset(body)
    for statement in statements(body):
        for name in bound_names(statement):
            owners.pop(name, None)
            if statement in always:  # inside an `if` it may not run: what the name stood for before stays possible
                scope.pop(name, None)
            if is_students:
                owners[name] = (cell, statement)
        learn(statement, scope)


def _reached(body: Sequence[ast.stmt], source: str, scope: Scope, owners: dict[str, tuple[str, ast.stmt]]) -> Iterator[_Mention]:
    """Yield the library names that a cell mentions, and those of the functions elsewhere that it reaches."""
    waiting = [mention for statement in body for mention in _mentions(statement, scope)]
    waiting += [
        _Mention(line=statement.lineno, name=name, dotted=scope.get(name, NOTHING))
        for statement in statements(body)
        if not isinstance(statement, ast.Import | ast.ImportFrom)
        for name in bound_names(statement)
    ]
    seen: set[str] = set()
    while waiting:
        mention = waiting.pop()
        yield mention
        cell, statement = owners.get(mention.name, (source, None))
        if statement is None or cell == source or mention.name in seen:
            continue
        seen.add(mention.name)
        waiting += [_Mention(line=mention.line, name=inner.name, dotted=inner.dotted) for inner in _mentions(statement, scope)]


def _mentions(node: ast.AST, scope: Scope) -> Iterator[_Mention]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        its_own = scope.get(node.id) == NOTHING
        yield _Mention(line=line, name="" if its_own else node.id, dotted=dotted_names(node, scope))
    elif isinstance(node, ast.Attribute | ast.Call) and (dotted := dotted_names(node, scope)):
        yield _Mention(line=line, dotted=dotted)
    elif isinstance(node, ast.Attribute):
        while isinstance(node, ast.Attribute):  # none of them can stand for more than the whole
            node = node.value
        yield from _mentions(node, scope)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from _function_mentions(node, scope)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _mentions(child, scope)


def _function_mentions(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> Iterator[_Mention]:
    inner = local_scope(function, scope)
    for field, child in ast.iter_fields(function):
        for node in child if isinstance(child, list) else [child]:
            if isinstance(node, ast.AST):
                yield from _mentions(node, inner if field == "body" else scope)


def _forbidden_name(dotted: str, forbids: Collection[str]) -> str | None:
    """Return the name to tell the student where a dotted name is, or lies in, something forbidden."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        found = find_object(prefix)
        for forbidden in forbids:
            if prefix != forbidden and (found is None or found is not load_object(forbidden)):
                continue
            if not isinstance(found, ModuleType):
                return forbidden
            if length < len(parts):  # a module that is only named, or passed on, does nothing yet
                return ".".join([forbidden, *parts[length:]])
    return None
