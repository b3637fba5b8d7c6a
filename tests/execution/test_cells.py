import pytest

from grader.execution.answers import Returned
from tests.execution.lab import LIMITS, Lab

pytestmark = pytest.mark.kernel


def test_a_failing_cell_does_not_stop_the_rest(lab: Lab) -> None:
    seen = lab.run("1 / 0", "x = 5", "def f(): return x", probes=["f"])

    assert seen.statuses == ["error", "ok", "ok"]
    assert (seen.runs[0].error, seen.runs[0].message) == ("ZeroDivisionError", "division by zero")
    assert isinstance(seen.answers[0], Returned)
    assert seen.answers[0].value == 5


def test_a_cell_that_hangs_is_interrupted_and_costs_only_itself(lab: Lab) -> None:
    seen = lab.run("x = [1]", "import time\nx.append(2)\ntime.sleep(60)", "x.append(3)\nprint(x)", cell=1.0)

    assert seen.statuses == ["ok", "timeout", "ok"]
    assert seen.runs[1].message == "this cell ran for more than 1 seconds"
    assert seen.printed == "[1, 2, 3]\n"
    assert seen.timings["replay"] == 0.0


def test_a_loop_that_swallows_interrupts_is_killed_and_the_earlier_cells_are_replayed(lab: Lab) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"

    seen = lab.run("x = [1]", stubborn, "x.append(3)\nprint(x)", cell=1.0)

    assert seen.statuses == ["ok", "timeout", "ok"]
    assert seen.printed == "[1, 3]\n"
    assert seen.timings["replay"] > 0.0


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os; os._exit(3)", "your code ended the Python process (exit status 3)"),
        ("import ctypes; ctypes.string_at(0)", "your code crashed the Python process (Segmentation fault)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the Python process was killed (Killed)"),
    ],
)
def test_a_cell_that_ends_its_process_is_told_how_and_the_next_cells_still_run(lab: Lab, source: str, reason: str) -> None:
    seen = lab.run("x = 1", source, "def f(): return x + 1", probes=["f"])

    assert seen.statuses == ["ok", "died", "ok"]
    assert seen.runs[1].message == reason
    assert isinstance(seen.answers[0], Returned)
    assert seen.answers[0].value == 2


def test_a_cell_that_takes_too_much_memory_is_told_how_much_it_may(lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"memory_bytes": 512 * 1024**2})
    seen = lab.run("x = bytearray(b'x') * (3 * 1024**3)", "print('alive')", limits=limits)

    assert seen.statuses == ["died", "ok"]
    assert seen.runs[0].message == "your code used more than 0.5 GiB of memory"


def test_what_notebooks_do_every_day_works(lab: Lab) -> None:
    seen = lab.run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "!echo from a shell",
        "%timeit -n1 -r1 1 + 1",
        "%%time\nx = 1",
        "from IPython.display import display, HTML\ndisplay(HTML('<b>bold</b>'))",
        "import tempfile, pathlib\npathlib.Path('a.txt').write_text('kept')\nprint(open('a.txt').read(), tempfile.mkdtemp()[:5])",
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout)",
        "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start()\nt.join()",
        "import getpass\nprint(getpass.getuser())",
    )

    assert seen.statuses == ["ok"] * 9
    assert "image/png" in next(output for output in seen.runs[0].outputs if output["output_type"] == "display_data")["data"]
    for said in ("from a shell", "kept", "42", "from a thread", "student"):
        assert said in seen.printed


def test_each_notebook_finds_a_shell_of_its_own_in_a_folder_of_its_own(lab: Lab) -> None:
    look = (
        "from pathlib import Path\n"
        "shell = get_ipython()\n"
        "home = Path(shell.profile_dir.location).is_relative_to(Path.home())\n"
        "print('left' in globals(), _dh == [Path.cwd()], home, shell.kernel.shell is shell, 'left' in shell.db)"
    )
    leave = "left = 1\n%store left\nshell.db['left'] = 1\n%mkdir below\n%cd below"

    printed = {lab.run(look, leave, look).printed.splitlines()[0] for _ in range(2)}

    assert printed == {"False True True True False"}


def test_workers_of_a_data_loader_and_threads_of_torch_work(lab: Lab) -> None:
    seen = lab.run(
        """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        data = TensorDataset(torch.arange(8.0))
        print(sorted(float(x) for (batch,) in DataLoader(data, batch_size=2, num_workers=4) for x in batch))
        """,
        "torch.set_num_threads(2)\nX = torch.ones(600, 600)\nprint(float((X @ X).sum()))",
        cell=30.0,
        limits=LIMITS.model_copy(update={"memory_bytes": 700 * 1024**2}),
    )

    assert seen.statuses == ["ok", "ok"], seen.runs
    assert "[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]" in seen.printed
    assert "216000000.0" in seen.printed


def test_input_has_nobody_to_ask(lab: Lab) -> None:
    seen = lab.run("input('your name? ')", "print('on')")

    assert seen.statuses == ["error", "ok"]
    assert seen.runs[0].error == "StdinNotImplementedError"


@pytest.mark.parametrize("end", ["exit()", "quit", "get_ipython().ask_exit()"])
def test_leaving_ipython_leaves_nothing(end: str, lab: Lab) -> None:
    seen = lab.run("x = 1", end, "import time; time.sleep(0.5)", "print(x)")

    assert seen.statuses == ["ok"] * 4
    assert seen.printed == "1\n"


def test_widgets_and_other_comm_messages_are_passed_over(lab: Lab) -> None:
    seen = lab.run("from comm import create_comm\nc = create_comm(target_name='jupyter.widget', data={})\nc.send({'x': 1})\nprint('shown')")

    assert seen.statuses == ["ok"]
    assert seen.printed == "shown\n"


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess\nsubprocess.run(['echo', 'said'])",
        "import subprocess, sys\nsubprocess.run(['echo', 'said'], stdout=sys.stdout)",
        "import os\n_ = os.system('echo said')",
        "!echo said",
        "import ctypes\nlibrary = ctypes.CDLL(None)\nlibrary.puts(b'said')\n_ = library.fflush(None)",
        "import multiprocessing\nchild = multiprocessing.get_context('fork').Process(target=print, args=('said',))\nchild.start()\nchild.join()",
        "import threading\nthread = threading.Thread(target=print, args=('said',))\nthread.start()\nthread.join()",
    ],
    ids=["program", "program with our output", "shell", "magic", "library in C", "forked child", "thread"],
)
def test_what_others_print_for_a_cell_is_shown_with_it(source: str, lab: Lab) -> None:
    seen = lab.run(source + "\nprint('after')", "pass")

    assert [sorted(output["text"].split()) for output in seen.runs[0].outputs if output["output_type"] == "stream"] == [["after", "said"]]


def test_what_was_printed_before_a_crash_is_shown(lab: Lab) -> None:
    seen = lab.run("import os, time\nprint('before')\ntime.sleep(1)\nos._exit(3)")

    assert seen.statuses == ["died"]
    assert seen.runs[0].outputs[0]["text"] == "before\n"


def test_an_interrupt_in_the_midst_of_printing_spoils_no_message(lab: Lab) -> None:
    beside = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"

    seen = lab.run(beside, *["while True: print('x', flush=True)"] * 5, "print('on')", cell=0.2, output=64 * 1024**2)

    assert seen.statuses == ["ok", *["timeout"] * 5, "ok"]
    assert seen.runs[-1].outputs[0]["text"] == "on\n"


def test_a_cleared_output_is_cleared(lab: Lab) -> None:
    seen = lab.run("from IPython.display import clear_output\nprint('a')\nclear_output()\nprint('b')")

    assert seen.printed == "b\n"


def test_outputs_over_the_limit_are_dropped_and_the_cell_goes_on(lab: Lab) -> None:
    seen = lab.run("for i in range(2000):\n    print('x' * 1000, flush=i % 100 == 0)\nx = 1", "print('on')", output=50_000)

    assert seen.statuses == ["ok", "ok"]
    assert len(seen.printed) <= 50_000


def test_a_message_of_some_megabytes_is_dropped_whole(lab: Lab) -> None:
    seen = lab.run("print('x' * 3_000_000)", "print('on')")

    assert seen.statuses == ["ok", "ok"]
    assert seen.printed == "on\n"


def test_a_line_of_a_megabyte_is_read_at_once_and_a_progress_bar_writes_over_itself(lab: Lab) -> None:
    seen = lab.run("print('x' * 900_000)", "for i in range(3): print(f'{i} of 3', end='\\r')\nprint('done')", output=1024**2, cell=5.0)

    assert seen.statuses == ["ok", "ok"]
    assert seen.printed == "x" * 900_000 + "\n" + "done\n"


def test_cells_that_are_to_be_skipped_and_markdown_are_not_run(lab: Lab) -> None:
    seen = lab.run("#| grade: skip\nx = 1", "", "print('x' in dir())")

    assert seen.statuses == ["not run", "not run", "ok"]
    assert seen.printed == "False\n"


def test_the_time_for_the_whole_notebook_ends_it_all(lab: Lab) -> None:
    seen = lab.run("import time", *["time.sleep(60)"] * 5, probes=["time"], cell=0.5, total=1.5)

    assert seen.statuses[:2] == ["ok", "timeout"]
    assert seen.statuses[-1] == "not run"
    assert seen.runs[-1].message == "the time for the whole notebook was used up"
    assert type(seen.answers[0]).__name__ == "TimedOut"


def test_await_at_the_top_of_a_cell_works_and_has_a_limit(lab: Lab) -> None:
    seen = lab.run("import asyncio\nawait asyncio.sleep(0)\nx = 1", "await asyncio.sleep(60)", "x + 1", cell=1.0)

    assert [run.status for run in seen.runs] == ["ok", "timeout", "ok"]
