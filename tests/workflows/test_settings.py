"""What `grader.toml` and options say that does not fit."""

from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.settings import load_settings


def refused(folder: Path, said: str, **options: object) -> str:
    (folder / "grader.toml").write_text(said)
    with pytest.raises(SettingsError) as told:
        load_settings(folder, **options)
    return str(told.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('sandbocks = "auto"', "grader.toml: sandbocks: there is no such setting; did you mean 'sandbox'?"),
        ("[slurm]\ncore = 3", "grader.toml: slurm.core: there is no such setting; did you mean 'cores'?"),
        (
            "[late.02-rnn]\ndue = 2026-11-20T23:59:00\npenalty = 0.1",
            "grader.toml: late.02-rnn.penalty: there is no such setting; did you mean 'penalty_per_day'?",
        ),
    ],
)
def test_a_misspelt_setting_is_named_with_its_file_and_the_nearest_that_there_is(tmp_path: Path, said: str, told: str) -> None:
    assert refused(tmp_path, said) == told


def test_where_none_is_near_those_that_there_are_are_listed(tmp_path: Path) -> None:
    assert refused(tmp_path, "xyzzy = 1").endswith("there is no such setting; there are " + ", ".join(load_settings(Path("/nowhere")).model_dump()) + ".")


def test_what_an_option_says_is_told_as_the_option_s(tmp_path: Path) -> None:
    assert refused(tmp_path, "", sandbox="docker") == "--sandbox: there is no 'docker'; say 'auto', 'namespaces', 'single-use', 'uid', 'landlock' or 'none'."
    assert refused(tmp_path, 'sandbox = "docker"').startswith("grader.toml: sandbox: there is no 'docker'; say ")
    assert refused(tmp_path, "", cluster="host:8786").startswith("--cluster: 'host:8786' is no cluster: say tcp://host:port")


def test_all_that_does_not_fit_is_told_at_once(tmp_path: Path) -> None:
    assert [line.split()[1] for line in refused(tmp_path, 'slots = -1\nlang = "de"').splitlines()] == ["slots:", "lang:"]
