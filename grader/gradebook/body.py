"""A whole result in few bytes."""

import json
import zlib

from grader.results import SubmissionResult


def pack(result: SubmissionResult) -> bytes:
    """Return the result as compressed JSON."""
    # Not pydantic's own JSON: notebooks can hold lone surrogates, which it refuses.
    return zlib.compress(json.dumps(result.model_dump(), ensure_ascii=True, separators=(",", ":")).encode("ascii"))


def unpack(body: bytes) -> SubmissionResult:
    """Return the result that `pack` packed."""
    return SubmissionResult.model_validate(json.loads(zlib.decompress(body)))
