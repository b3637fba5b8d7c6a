"""Where things lie inside the sandbox: below /run, which holds no interpreter and nobody's home."""

from pathlib import Path

SCRATCH = Path("/run/grader/scratch")
"""A student's home and working directory."""
SOCKETS = Path("/run/grader/sockets")
"""The zygote's control socket and a folder a kernel; students see it empty."""
KERNEL = Path("/run/grader/kernel")
"""The sockets of the student's own kernel."""
TEMPORARY = Path("/tmp")  # noqa: S108 - the sandbox's own
