"""Choosing the strongest tier that holds on this machine, by trying."""

import shutil
import subprocess
import sys
from pathlib import Path

from grader.errors import ExecutionError
from grader.execution.claimed_folder import ClaimedFolder
from grader.execution.sandbox.outer import SANDBOX_USER, outer_command, plain_command
from grader.execution.sandbox.places import SOCKETS
from grader.execution.sandbox.tiers import NONE, TIERS, Tier

_TRIAL_SECONDS = 60.0


def choose_tier(name: str) -> Tier:
    """Return the tier of a name, "auto" for the strongest that holds; never another one in its place.

    Raises:
        ExecutionError: it does not hold, or none does; says what is missing and how to get it.
    """
    wanted = [tier for tier in TIERS.values() if tier is not NONE] if name == "auto" else [TIERS[name]]
    problems = []
    for tier in wanted:
        problem = "" if tier is NONE else problem_with(tier)
        if not problem:
            return tier
        problems.append(f"  {tier.name}: {problem}\n    It needs {tier.needs}.")
    message = "No sandbox holds on this machine:\n" + "\n".join(problems) + "\n  `--sandbox none` grades without one, and every report says so."
    raise ExecutionError(message)


def problem_with(tier: Tier) -> str:
    """Return what keeps a tier from holding on this machine, "" when it holds."""
    if not sys.platform.startswith("linux"):
        return f"it is made of parts of Linux, and this is {sys.platform}"
    with ClaimedFolder("trial") as folder:
        if tier.outer and SANDBOX_USER is not None:
            shutil.chown(folder, SANDBOX_USER, SANDBOX_USER)
        return _try(tier, folder)


def _try(tier: Tier, folder: Path) -> str:
    try:
        command = outer_command(folder, single_use=tier.single_use) if tier.outer else plain_command()
        done = subprocess.run(  # noqa: S603 - our own command
            [*command[:-1], "grader.execution.sandbox.trial", tier.name, str(SOCKETS) if tier.outer else str(folder)],
            capture_output=True,
            text=True,
            timeout=_TRIAL_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except ExecutionError as error:
        return str(error)
    except (OSError, subprocess.TimeoutExpired) as error:
        return repr(error)
    if done.returncode == 0 and done.stdout == "holds\n":
        return ""
    return (done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"])[-1][:300]
