"""What honest code finds in the place of what a tier refuses."""

import functools
import inspect
import sys
from typing import Any

from grader.execution.sandbox.confinement import Confinement

_IN_PROCESS = {"num_workers": 0, "prefetch_factor": None, "persistent_workers": False, "multiprocessing_context": None, "timeout": 0}


def load_data_without_workers(_: Confinement) -> None:
    """Let torch's DataLoader load the same batches in the kernel itself: workers need shared memory."""
    if "torch.utils.data" not in sys.modules:  # in a trial
        return
    from torch.utils.data import DataLoader  # noqa: PLC0415 - heavy, and warm by now

    original = DataLoader.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def init(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - torch's own
        asked = signature.bind(*args, **kwargs)
        asked.arguments |= _IN_PROCESS
        original(*asked.args, **asked.kwargs)

    DataLoader.__init__ = init  # type: ignore[method-assign]


def run_commands_without_terminals(_: Confinement) -> None:
    """Let `!command` print by pipes: the user's terminals are the grader's own."""
    if "IPython" not in sys.modules:  # in a trial
        return
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415 - the same

    shell = InteractiveShell.instance()
    shell.system = shell.system_raw  # type: ignore[method-assign]
