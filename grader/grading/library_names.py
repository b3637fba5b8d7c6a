"""Library objects by their dotted names, so that an alias path is seen to be the same thing."""

import importlib
import inspect
import sys
from functools import cache
from types import ModuleType


def find_object(dotted: str) -> object | None:
    """Return what a dotted name stands for among the modules that are already loaded, or None.

    Nothing is imported: the name may come from a student.
    """
    root, *rest = dotted.split(".")
    found: object | None = sys.modules.get(root)
    for part in rest:
        if isinstance(found, ModuleType):
            # Not getattr: some modules import others when an attribute is asked for.
            found = vars(found).get(part) or sys.modules.get(f"{found.__name__}.{part}")
        elif inspect.isclass(found):
            found = getattr(found, part, None)
        else:
            return None
    return found


@cache
def load_object(dotted: str) -> object | None:
    """Return what an author's dotted name stands for, importing its module; None when there is no such thing."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        return find_object(dotted)
    return None
