"""A result as JSON on disk."""

import json
import os
import tempfile
from pathlib import Path

from pydantic import ValidationError

from grader.errors import SettingsError
from grader.results import SCHEMA_VERSION, SubmissionResult


def write_result(result: SubmissionResult, path: Path) -> None:
    """Write the result so that the file is complete or not there at all; missing folders are made."""
    # Escaped ASCII: notebooks can hold lone surrogates, which no encoding takes.
    text = json.dumps(result.model_dump(mode="json"), ensure_ascii=True, allow_nan=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=path.parent, prefix=".result-", delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


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
