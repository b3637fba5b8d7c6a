"""A result as JSON on disk."""

import json
import math
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from grader.errors import SettingsError
from grader.results import SCHEMA_VERSION, SubmissionResult


def write_result(result: SubmissionResult, path: Path) -> None:
    """Write the result so that the file is complete or not there at all; missing folders are made."""
    text = _text(result)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files stay closed to everybody else, whatever the umask.
    unfinished = path.parent / f".result-{uuid4().hex}"
    try:
        # Not synced: what must outlast a power cut is the gradebook, from which `grader report` writes this again.
        with unfinished.open("x", encoding="ascii") as file:
            file.write(text)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _text(result: SubmissionResult) -> str:
    # Not pydantic's own JSON: notebooks can hold lone surrogates, which it refuses.
    try:
        return json.dumps(result.model_dump(), ensure_ascii=True, allow_nan=False)
    except ValueError:  # most results have no NaN and no infinity, for which all of it is gone through
        return json.dumps(json_tree(result), ensure_ascii=True, allow_nan=False)


def json_tree(result: SubmissionResult) -> dict[str, Any]:
    """Return the result as JSON has it: words stand for the numbers that JSON does not have."""
    return {name: _strict(value) for name, value in result.model_dump().items()}


def read_result(path: Path) -> SubmissionResult:
    """Return the result that `write_result` wrote.

    Raises:
        SettingsError: the file is no result, or one of another schema.
    """
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        msg = f"{path}: not a result of grader ({error}). Grade the submission again."
        raise SettingsError(msg) from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        msg = f"{path}: this grader reads results of schema {SCHEMA_VERSION}, the file says {version!r}. Grade the submission again."
        raise SettingsError(msg)
    try:
        return SubmissionResult.model_validate(data)
    except ValidationError as error:
        msg = f"{path}: not a complete result ({error.error_count()} fields do not fit). Grade the submission again."
        raise SettingsError(msg) from error


def _strict(value: Any) -> Any:  # noqa: ANN401 - walks over any record
    """Return the value with words for the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: _strict(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
