"""The GPUs of this machine: which there are, and which of them are asked for.

`python -I -m grader.execution.gpus` prints them as JSON. Looking starts CUDA, which takes half a gigabyte of each GPU, so a process of its own
looks and ends; it also makes the driver's device nodes, which no sandbox can.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from grader.errors import ExecutionError, SettingsError
from grader.execution.devices import DeviceChoice, Gpu, parse_device

_LOOK_SECONDS = 120.0
_NODES = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")
_DRIVER = Path("/proc/driver/nvidia")


def choose_gpus(device: str) -> tuple[Gpu, ...]:
    """Return the GPUs that a device's name asks for, none where students' code is to run on the CPU; "auto" takes all GPUs there are.

    Raises:
        SettingsError: a GPU is asked for that is not there.
        ExecutionError: there are GPUs, and they do not work.
    """
    choice = parse_device(device)
    return () if choice.kind == "cpu" else pick(choice, find_gpus())


def pick(choice: DeviceChoice, there: Sequence[Gpu]) -> tuple[Gpu, ...]:
    """Return the GPUs of a choice among those that are there; raises SettingsError."""
    if choice.kind == "cpu" or (choice.kind == "auto" and not there):
        return ()
    if not there:
        why = "" if torch.version.cuda else f": torch {torch.__version__} is built without CUDA"
        message = f"--device cuda: there is no GPU that torch can use{why}. Leave --device away, or say cpu."
        raise SettingsError(message)
    by_index = {gpu.index: gpu for gpu in there}
    if missing := [str(index) for index in choice.indices if index not in by_index]:
        message = f"--device cuda:{','.join(map(str, choice.indices))}: there is no GPU {', '.join(missing)}. There are " + "; ".join(map(str, there)) + "."
        raise SettingsError(message)
    return tuple(by_index[index] for index in choice.indices or by_index)


def find_gpus() -> tuple[Gpu, ...]:
    """Return the GPUs that torch can use, with their memory as it is now.

    Raises:
        ExecutionError: there are some, and they do not work.
    """
    if not torch.version.cuda or not Path(_NODES[0]).exists():
        return ()
    command = [sys.executable, "-I", "-m", "grader.execution.gpus"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LOOK_SECONDS, check=False)  # noqa: S603 - our own command
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        message = f"The GPUs of this machine do not work: {said}. `--device cpu` grades without them."
        raise ExecutionError(message)
    return tuple(Gpu(**{**one, "nodes": tuple(one["nodes"])}) for one in json.loads(done.stdout))


def nodes_of(uuid: str, *, mig: bool) -> tuple[str, ...]:
    """Return the device nodes that use one GPU; those of all GPUs where the driver does not say which is whose, as in some containers."""
    minors = [
        match[1]
        for file in sorted(_DRIVER.glob("gpus/*/information"))
        if uuid in (text := file.read_text(errors="replace")) and (match := re.search(r"Device Minor:\s*(\d+)", text))
    ]
    own = [f"/dev/nvidia{minor}" for minor in minors] or sorted(map(str, Path("/dev").glob("nvidia[0-9]*")))
    return (*_NODES, *own, *(["/dev/nvidia-caps"] if mig else []))


def _driver_version() -> str:
    try:
        said = (_DRIVER / "version").read_text(errors="replace")
    except OSError:
        return "unknown"
    found = re.search(r"\b\d{3,}\.\d+(\.\d+)?\b", said)
    return found[0] if found else "unknown"


def _look(index: int, named: Sequence[str]) -> Gpu:
    properties = torch.cuda.get_device_properties(index)
    free, total = torch.cuda.mem_get_info(index)
    # slices of a GPU go by names of their own, which only the environment knows
    mig = index < len(named) and named[index].startswith("MIG-")
    return Gpu(
        index=index,
        name=properties.name,
        visible=named[index] if mig else f"GPU-{properties.uuid}",
        total_bytes=total,
        free_bytes=free,
        driver=_driver_version(),
        cuda=str(torch.version.cuda),
        nodes=nodes_of(str(properties.uuid), mig=mig),
    )


def main() -> None:
    """Print the GPUs that this process may use."""
    named = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    gpus = [asdict(_look(index, named)) for index in range(torch.cuda.device_count())]
    json.dump(gpus, sys.stdout)


if __name__ == "__main__":
    main()
