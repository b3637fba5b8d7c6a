"""grader: grades deep-learning notebooks and says what went wrong."""

from typing import Any

__all__ = ["check"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute can be anything
    """Import what students use only when they use it, so that `import grader` costs nothing."""
    if name == "check":
        from grader.student import check  # noqa: PLC0415 - see above

        return check
    message = f"module 'grader' has no attribute {name!r}"
    raise AttributeError(message)
