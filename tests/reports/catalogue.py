"""All sentences that the pages translate; `python -m tests.reports.catalogue` brings the catalogues up to date with them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "grader" / "reports"
LOCALE = REPORTS / "locale"
_READINGS = [ROOT / "grader" / "grading" / name for name in ("generic.py", "numeric.py")]
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "later": None}


def gather() -> Catalog:
    """Return every sentence that a page can say, without translations."""
    catalogue = Catalog(project="grader", fuzzy=False)
    for _, _, message, _, _ in extract_from_dir(str(REPORTS), _METHODS, _OPTIONS, keywords=_KEYWORDS):
        catalogue.add(message)
    for path in _READINGS:
        for message in _sentences(path):
            catalogue.add(message)
    return catalogue


def _sentences(path: Path) -> Iterator[str]:
    """Yield the hints and questions of the readings of wrong answers: texts outside docstrings that end like a sentence."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in docstrings
            and node.value.endswith((".", "?"))
            and " " in node.value
        ):
            yield node.value


def load(path: Path) -> Catalog:
    """Return a catalogue from its file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def forms(message: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """Return a message's forms: one, or singular and plural."""
    return [message] if isinstance(message, str) else list(message or [""])


def _update(path: Path) -> None:
    catalogue = load(path)
    catalogue.update(gather(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)


if __name__ == "__main__":
    for found in LOCALE.glob("*/LC_MESSAGES/grader.po"):
        _update(found)
