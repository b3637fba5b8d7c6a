import asyncio
import json
import os
import shutil
import subprocess
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import torch

from grader.errors import ExecutionError, SettingsError
from grader.execution.answers import Session
from grader.execution.attacks.run import attack, attacks
from grader.execution.cuda import loaded_driver, require_untouched
from grader.execution.devices import GIB, parse_device
from grader.execution.gpus import choose_gpus, pick
from grader.execution.limits import KernelLimits
from grader.execution.sandbox.tiers import NAMESPACES, NONE, SINGLE_USE, UID, Tier
from grader.execution.session import KernelSession
from grader.scheduling.device_kernels import DeviceKernels
from tests.execution.container import in_a_container
from tests.execution.gpus import pretended_gpu
from tests.execution.lab import Lab, cells

LOOKS_IN_A_CONTAINER = "import json\nfrom tests.execution.test_devices import UID, look\nprint(json.dumps(look(UID)))"
A_NODE = Path("/dev/fuse")  # of a kind that every user may open, and that no sandbox has by itself
LOOKS = """
import ctypes, sys
ctypes.CDLL(sys.argv[1])
from grader.execution.cuda import loaded_driver, require_untouched
try:
    require_untouched(loaded_driver())
    print("may be forked")
except Exception as error:
    print(error)
"""
LIBCUDA = "int cuDeviceGetCount(int *count) { return %d; }"


@pytest.mark.parametrize(
    ("text", "kind", "indices"),
    [("auto", "auto", ()), ("cpu", "cpu", ()), ("cuda", "cuda", ()), ("cuda:1", "cuda", (1,)), ("cuda:0,2", "cuda", (0, 2)), ("cuda:1,1", "cuda", (1,))],
)
def test_a_device_is_read(text: str, kind: str, indices: tuple[int, ...]) -> None:
    choice = parse_device(text)

    assert (choice.kind, choice.indices) == (kind, indices)


@pytest.mark.parametrize("text", ["", "gpu", "cuda:", "cuda:-1", "cuda:0,", "cuda:a", "cpu:0", "auto:0", "CUDA"])
def test_what_is_no_device_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(ValueError, match="say auto, cpu, cuda"):
        parse_device(text)


def test_the_gpus_that_are_named_are_taken_and_all_where_none_is() -> None:
    there = [pretended_gpu(index) for index in range(3)]

    assert [gpu.index for gpu in pick(parse_device("cuda:2,0"), there)] == [2, 0]
    assert [gpu.index for gpu in pick(parse_device("cuda"), there)] == [0, 1, 2]
    assert [gpu.index for gpu in pick(parse_device("auto"), there)] == [0, 1, 2]
    assert pick(parse_device("cpu"), there) == ()


def test_a_gpu_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SettingsError, match=r"--device cuda:0,7: there is no GPU 7\. There are GPU 0: Pretended, 80\.0 of 80\.0 GiB free\."):
        pick(parse_device("cuda:0,7"), [pretended_gpu()])


def test_without_any_gpu_auto_is_the_cpu_and_cuda_is_refused() -> None:
    assert pick(parse_device("auto"), []) == ()
    with pytest.raises(SettingsError, match="there is no GPU that torch can use"):
        pick(parse_device("cuda"), [])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_this_machine_s_gpus_are_looked_for() -> None:
    assert choose_gpus("auto") == ()
    with pytest.raises(SettingsError):
        choose_gpus("cuda:0")


class _FakeDriver:
    def __init__(self, says: int) -> None:
        self._says = says

    def cuDeviceGetCount(self, _: object, /) -> int:  # noqa: N802 - the driver's own name
        return self._says


def test_a_process_that_has_not_started_cuda_may_be_forked() -> None:
    require_untouched(None)
    require_untouched(_FakeDriver(3))


def test_a_process_that_has_started_cuda_is_not_forked() -> None:
    with pytest.raises(ExecutionError, match="cuDeviceGetCount says 0"):
        require_untouched(_FakeDriver(0))


def test_a_driver_is_not_loaded_only_to_look_at_it() -> None:
    maps = Path("/proc/self/maps")

    before = "libcuda.so" in maps.read_text()
    driver = loaded_driver()

    assert (driver is not None) == before == ("libcuda.so" in maps.read_text())


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler, to make a libcuda")
@pytest.mark.parametrize(("says", "outcome"), [(3, "may be forked\n"), (0, "something has started CUDA in the warm process: cuDeviceGetCount says 0\n")])
def test_a_driver_that_is_loaded_is_asked(tmp_path: Path, says: int, outcome: str) -> None:
    library = tmp_path / "libcuda.so.1"
    made = ["cc", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-x", "c", "-", "-o", str(library)]
    subprocess.run(made, input=LIBCUDA % says, text=True, check=True)  # noqa: S603 - the test's own command
    looks = [sys.executable, "-c", LOOKS, str(library)]

    done = subprocess.run(looks, capture_output=True, text=True, check=True)  # noqa: S603 - the same

    assert done.stdout == outcome


def on_device(tier: Tier, *sources: str, nodes: tuple[str, ...] = (), gpu: bool = True, limits: KernelLimits | None = None) -> tuple[str, str]:
    """Return what cells print in a kernel that has a GPU, and the last one's message."""

    async def work() -> tuple[str, str]:
        device = pretended_gpu(3, nodes=nodes) if gpu else None
        async with DeviceKernels(tier=tier, gpu=device, gpu_memory_bytes=4 * GIB) as kernels, session_of(kernels, limits) as session:
            runs = await session.run(cells(*sources))
        return "".join(str(output.get("text", "")) for run in runs for output in run.outputs), runs[-1].message

    return asyncio.run(work())


def session_of(kernels: DeviceKernels, limits: KernelLimits | None) -> AbstractAsyncContextManager[Session]:
    given = kernels.limits(limits or KernelLimits())
    return KernelSession(kernels, limits=given, cell_seconds=20.0, total_seconds=60.0, output_bytes=10_000, device=kernels.device)


SEES = "import os, torch\nprint(os.environ['CUDA_VISIBLE_DEVICES'], os.environ['PYTORCH_NVML_BASED_CUDA_CHECK'], os.environ['CUBLAS_WORKSPACE_CONFIG'])"
COMPUTES = "print(torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic, torch.cuda.is_initialized())"


@pytest.mark.kernel
def test_a_kernel_sees_one_gpu_or_none_and_computes_as_the_cpu_does(lab: Lab) -> None:
    printed, _ = on_device(NONE, SEES, COMPUTES)

    assert printed == "GPU-3 1 :4096:8\nFalse False True False\n"
    assert lab.run(SEES, COMPUTES).printed == " 1 :4096:8\nFalse False True False\n"


OPENS = f"""
import os
os.close(os.open("{A_NODE}", os.O_RDWR))
print("opened")
with open(f"/proc/self/task/{{os.getpid()}}/comm", "w") as name:
    name.write("cuda-thread")
print("named")
print(os.memfd_create("cuda") > 0)
"""
needs_a_node = pytest.mark.skipif(not A_NODE.exists(), reason=f"needs {A_NODE}")
HOARDS = """
import os, time
kept = [os.memfd_create("hoard") for _ in range(24)]
for file in kept:
    os.write(file, bytes(100 * 1024**2))
time.sleep(20)
"""
HIDES = "import ctypes, time\nctypes.CDLL(None).prctl(4, 0)\ntime.sleep(20)"


def look(tier: Tier) -> dict[str, tuple[str, str]]:
    """Return what kernels print, and their last message: one with the node's GPU, one with another GPU, one without any."""
    return {
        "its own": on_device(tier, OPENS, nodes=(str(A_NODE),)),
        "another": on_device(tier, OPENS, nodes=("/dev/null",)),
        "none": on_device(tier, OPENS, gpu=False),
        "no memory files": on_device(tier, "import os\nos.memfd_create('x')", gpu=False),
        "hoards": on_device(tier, HOARDS, nodes=("/dev/null",), limits=KernelLimits(memory_bytes=GIB // 2)),
        "hides": on_device(tier, HIDES, nodes=("/dev/null",)),
    }


@needs_a_node
@pytest.mark.kernel
def test_beside_a_gpu_s_nodes_four_doors_are_open_and_no_more() -> None:
    async def work() -> tuple[set[str], str]:
        gpu = pretended_gpu(nodes=(str(A_NODE),))
        async with DeviceKernels(tier=NAMESPACES, gpu=gpu, gpu_memory_bytes=4 * GIB) as kernels, session_of(kernels, None) as session:
            outcomes = await attack(session, tuple(attacks()))
            (run,) = await session.run(cells("import os\nprint(os.listdir('/sys/fs/cgroup'), 'block' in os.listdir('/sys/class'))"))
        return {outcome.attack.name for outcome in outcomes if outcome.got}, str(run.outputs[0]["text"])

    got, seen = asyncio.run(work())

    assert seen == "[] True\n"
    # memory files are counted, shared memory without a file only while it is mapped; who is killed first matters only when the host's memory is used up
    shared = {"keeps_memory_by_a_page_of_it", "keeps_memory_of_a_device"}
    assert got == {"hides_memory_in_files_without_names", "tells_the_oom_killer_whom_to_take", *shared}


@needs_a_node
@pytest.mark.kernel
@pytest.mark.long
@pytest.mark.parametrize("tier", [NAMESPACES, SINGLE_USE, UID], ids=lambda tier: tier.name)
def test_the_sandbox_leaves_what_cuda_needs_to_kernels_with_a_gpu_only(tier: Tier) -> None:
    if tier is UID and os.getuid() != 0:
        pytest.skip("needs root")

    seen = json.loads(in_a_container("-c", LOOKS_IN_A_CONTAINER).stdout) if tier is UID else look(tier)

    assert tuple(seen["its own"]) == ("opened\nnamed\nTrue\n", "")
    for kind in ("another", "none"):
        printed, message = seen[kind]
        assert printed == ""
        assert message.startswith(("[Errno 2]", "[Errno 13]"))
    assert seen["no memory files"][1].startswith("[Errno 1]")
    assert seen["hoards"][1] == "your code used more than 1.5 GiB of memory"
    assert seen["hides"][1] == "your code made a process that cannot be looked into"
