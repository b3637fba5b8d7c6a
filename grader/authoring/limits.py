"""What a student's code may use."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one submission. A question's own `call_seconds` wins over the assignment's.

    `cell_seconds` is for one cell, `call_seconds` for one call of an entry, `total_seconds` for all of a submission, replays included; where
    questions are graded again beside correct versions of others, as much once more for each set of those.
    """

    cell_seconds: float = 30.0
    call_seconds: float = 5.0
    total_seconds: float = 300.0
    memory_bytes: int = 2 * 1024**3
    processes: int = 64
    open_files: int = 256
    scratch_bytes: int = 256 * 1024**2
    scratch_files: int = 10_000
    output_bytes: int = 1024**2
