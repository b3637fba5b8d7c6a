"""The cell that a student who makes a known mistake would hand in."""

import ast
from pathlib import Path

from grader.authoring.question import Mistake, Question
from grader.authoring.source import source_of


def mistaken_cell(question: Question, mistake: Mistake) -> str:
    """Return the source of an answer cell with a known mistake in it: the mistake's own code under the name of the question's entry."""
    name = mistake.implementation.__name__
    rename = "" if name == question.entry else f"\n{question.entry} = {name}\n"
    return f"#| question: {question.name}\n{_imports(Path(question.file))}\n{source_of(mistake.implementation)}{rename}"


def _imports(file: Path) -> str:
    """Return the lines with which a file imports what its mistakes use; grader and the file's own neighbours do not count."""
    statements = [
        ast.unparse(node)
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0 and not (node.module or "").startswith("grader"))
    ]
    return "\n".join(statements)
