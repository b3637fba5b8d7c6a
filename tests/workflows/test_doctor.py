import asyncio
from pathlib import Path

import pytest

from grader.execution.attacks.run import attacks
from grader.settings import Settings
from grader.workflows.doctor import examine
from tests.end_to_end.command import Course

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("warm")]


def test_the_doctor_says_tier_limits_devices_and_versions_and_that_all_attacks_failed(tmp_path: Path) -> None:
    done = Course(folder=tmp_path).here("doctor")

    assert done.returncode == 0, done.stderr
    for said in ("sandbox:", "namespaces", "GiB of memory", "processor cores", "torch:", f"{len(list(attacks()))} tried"):
        assert said in done.stdout


def test_the_doctor_asks_for_a_tier_that_exists(tmp_path: Path) -> None:
    assert Course(folder=tmp_path).here("doctor", "--sandbox", "prayer").returncode == 2


def test_the_doctor_names_a_gpu_that_is_not_there(tmp_path: Path) -> None:
    done = Course(folder=tmp_path).here("doctor", "--device", "cuda:99", "--sandbox", "none")

    assert done.returncode == 2
    assert "no GPU" in done.stderr


def test_without_a_sandbox_nothing_is_attacked() -> None:
    said: list[str] = []
    found = asyncio.run(examine(Settings(sandbox="none"), lambda name, what: said.append(f"{name} {what}")))

    assert (found.tried, found.succeeded) == (0, None)
    assert "attacks none tried: there is no sandbox to attack" in said
