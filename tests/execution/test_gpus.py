"""What the driver and torch say of GPUs, made up where there is none."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from grader.errors import ExecutionError
from grader.execution import gpus
from grader.execution.cuda import take_no_more_than
from grader.execution.devices import GIB
from tests.execution.gpus import pretended_gpu

FIRST, SECOND = "8a1f0c3e-0000-0000-0000-000000000001", "8a1f0c3e-0000-0000-0000-000000000002"


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make up what the driver says in /proc: two GPUs, whose nodes are not numbered as torch does."""
    for place, uuid, minor in (("0000:3b:00.0", FIRST, 1), ("0000:86:00.0", SECOND, 0)):
        folder = tmp_path / "gpus" / place
        folder.mkdir(parents=True)
        (folder / "information").write_text(f"Model: \t\t H200\nGPU UUID: \t GPU-{uuid}\nBus Location: \t {place}\nDevice Minor: \t {minor}\n")
    said = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.211.01  Release Build\nGCC version:  gcc version 12.2.0\n"
    (tmp_path / "version").write_text(said)
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path)
    return tmp_path


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    properties = [SimpleNamespace(name="H200", uuid=uuid) for uuid in (FIRST, SECOND)]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: properties[index])
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: ((100 + index) * GIB, 140 * GIB))


@pytest.mark.usefixtures("driver", "two_gpus")
def test_each_gpu_is_named_by_its_uuid_and_has_its_own_node(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    gpus.main()

    first, second = json.loads(capsys.readouterr().out)
    assert (first["visible"], first["free_bytes"], first["driver"]) == (f"GPU-{FIRST}", 100 * GIB, "570.211.01")
    common = ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"]
    assert (first["nodes"], second["nodes"]) == ([*common, "/dev/nvidia1"], [*common, "/dev/nvidia0"])


@pytest.mark.usefixtures("driver", "two_gpus")
def test_a_slice_of_a_gpu_goes_by_the_name_that_the_environment_gives_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-one, MIG-two")

    gpus.main()

    said = json.loads(capsys.readouterr().out)
    assert [one["visible"] for one in said] == ["MIG-one", "MIG-two"]
    assert all("/dev/nvidia-caps" in one["nodes"] for one in said)


def looking(says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this a machine with a driver, where the process that looks at the GPUs is a shell script."""
    script = tmp_path / "looks"
    script.write_text(f"#!/bin/sh\n{says}\n")
    script.chmod(0o755)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(gpus, "_NODES", ("/dev/null",))
    monkeypatch.setattr(sys, "executable", str(script))


def test_what_was_found_comes_back_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = [pretended_gpu(0, nodes=("/dev/nvidia0",)), pretended_gpu(1, free_gib=3.5)]
    looking(f"echo '{json.dumps([asdict(gpu) for gpu in there])}'", tmp_path, monkeypatch)

    assert gpus.choose_gpus("auto") == tuple(there)
    assert [str(gpu) for gpu in gpus.choose_gpus("cuda:1")] == ["GPU 1: Pretended, 3.5 of 80.0 GiB free"]


def test_gpus_that_do_not_work_are_told_and_never_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looking("echo 'RuntimeError: driver too old' >&2; exit 1", tmp_path, monkeypatch)

    with pytest.raises(ExecutionError, match=r"do not work: RuntimeError: driver too old\. `--device cpu` grades without them\."):
        gpus.choose_gpus("auto")
    assert gpus.choose_gpus("cpu") == ()


def test_a_kernel_s_share_is_set_when_cuda_starts_without_what_cuda_takes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[tuple[Callable[[], None], object]] = []
    fractions: list[float] = []
    monkeypatch.setattr(torch.cuda, "_queued_calls", waiting)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=80 * GIB))
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", fractions.append)

    take_no_more_than(4 * GIB)
    before = list(fractions)
    for call, _ in waiting:  # as torch does when it starts CUDA
        call()

    assert before == []
    assert fractions == [3.5 / 80]
