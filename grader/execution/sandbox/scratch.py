"""A scratch folder on the host, for tiers that have no mounts of their own."""

import dataclasses
import os
import shutil
import tempfile
from pathlib import Path

from grader.execution.sandbox.confinement import Confinement


def make_scratch(place: Confinement) -> Confinement:
    """Make a fresh folder that only this user may enter."""
    return dataclasses.replace(place, scratch=Path(tempfile.mkdtemp(prefix="grader-scratch-")))


def remove_scratch(place: Confinement) -> None:
    """Remove the folder, also where a student took away its permissions."""
    for folder, _, _ in os.walk(place.scratch, onerror=lambda error: Path(error.filename).chmod(0o700)):
        Path(folder).chmod(0o700)
    shutil.rmtree(place.scratch, ignore_errors=True)
