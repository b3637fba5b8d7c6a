"""An assignment's solution notebook, as its author keeps it."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grader.errors import AuthorError


def notebook_path(folder: Path) -> Path:
    """Return where the solution notebook of an assignment's folder lies."""
    return folder / f"{folder.name}.ipynb"


def read_solution(path: Path) -> NotebookNode:
    """Return a solution notebook.

    Raises:
        AuthorError: there is none, or it is no notebook of the current format.
    """
    try:
        notebook: NotebookNode = nbformat.reader.reads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AuthorError(file=str(path), problem="the solution notebook cannot be read", remedy="It has the name of its folder") from error
    except (ValueError, AttributeError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise AuthorError(file=str(path), problem="it is no notebook", remedy="Save it from Jupyter again") from error
    version = notebook.get("nbformat", 1)  # the first format did not say so
    if version != nbformat.current_nbformat:
        raise AuthorError(file=str(path), problem=f"it has the old notebook format {version}", remedy="Save it from a current Jupyter")
    return notebook
