"""The settings of a course: `grader.toml` in its folder, read into one frozen record."""

import re
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ByteSize, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from grader.errors import SettingsError
from grader.execution.devices import CONTEXT_BYTES, GPU_MEMORY_BYTES, parse_device
from grader.gradebook.late import LatePolicy

FILE_NAME = "grader.toml"
_CLUSTER = re.compile(r"|slurm|(tcp|tls|ws|wss)://.+")


class Slurm(BaseModel):
    """The jobs that are asked of Slurm: up to `jobs`, each with `cores` slots; `extra` are lines for `#SBATCH`, such as `--account=course`.

    `gres` is what each has besides, such as `gpu:1`. `prologue` are commands that make a worker's environment, such as `source venv/bin/activate`,
    and `python` the interpreter that it is started with, by default the one that grader itself runs in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    partition: str = ""
    gres: str = ""
    cores: int = Field(default=4, ge=1)
    memory: str = "16GB"
    walltime: str = "02:00:00"
    jobs: int = Field(default=4, ge=1)
    extra: list[str] = []
    prologue: list[str] = []
    python: str = ""


class Settings(BaseModel):
    """Where a course lies and how it is graded; paths are relative to the folder of `grader.toml`.

    `slots` is the number of submissions graded at a time, 0 for as many as there are processor cores and, on GPUs, room in their memory for
    `gpu_memory` each, such as "4GiB". `sandbox` names a tier, or "auto" for the strongest that holds. `device` is where students' code runs:
    "auto", "cpu", "cuda", "cuda:1" or "cuda:0,2". `cluster` is the address of a Dask scheduler, or "slurm" for
    one that is started with jobs of Slurm. `gradebook` is the URL of a database; `late` has a late policy for each assignment that has a due date.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    solutions: Path = Path("solutions")
    assignments: Path = Path("assignments")
    out: Path = Path("reports")
    cache: Path = Path(".grader")
    slots: int = Field(default=0, ge=0, le=1024)
    sandbox: Literal["auto", "namespaces", "single-use", "uid", "landlock", "none"] = "auto"
    gradebook: str = "sqlite:///gradebook.db"
    late: dict[str, LatePolicy] = {}
    lang: Literal["en", "zh"] = "en"
    cluster: str = ""
    slurm: Slurm = Slurm()
    device: str = "auto"
    gpu_memory: ByteSize = Field(default=ByteSize(GPU_MEMORY_BYTES), ge=2 * CONTEXT_BYTES)

    @field_validator("device")
    @classmethod
    def _is_a_device(cls, device: str) -> str:
        parse_device(device)
        return device

    @field_validator("cluster")
    @classmethod
    def _is_a_cluster(cls, cluster: str) -> str:
        if not _CLUSTER.fullmatch(cluster):
            message = f"{cluster!r} is no cluster: say tcp://host:port (or tls://, ws://, wss://), or slurm"
            raise ValueError(message)
        return cluster


_TABLES: Mapping[str, type[BaseModel]] = {"late": LatePolicy, "slurm": Slurm}


def load_settings(folder: Path, **given: object) -> Settings:
    """Return the settings of the course in a folder: the defaults where it has no `grader.toml`, then what is given and not None.

    Raises:
        SettingsError: the file is no TOML, or has a setting that does not exist or does not fit.
    """
    file = folder / FILE_NAME
    options = {name: value for name, value in given.items() if value is not None}
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        settings = Settings.model_validate(said | options)
    except tomllib.TOMLDecodeError as error:
        message = f"{file}: {error}"
        raise SettingsError(message) from error
    except ValidationError as error:
        raise SettingsError("\n".join(_explained(one, file, options) for one in error.errors())) from error
    placed = {name: folder / getattr(settings, name) for name in ("solutions", "assignments", "out", "cache")}
    return settings.model_copy(update=placed | {"gradebook": _placed_url(settings.gradebook, folder)})


def _explained(error: ErrorDetails, file: Path, options: Collection[str]) -> str:
    """Return where something does not fit, in the file or as an option, and what would."""
    *above, last = error["loc"]
    name = ".".join(map(str, error["loc"]))
    place = f"--{name.replace('_', '-')}" if name in options else f"{file}: {name}"
    if error["type"] == "extra_forbidden":
        known = (_TABLES[str(above[0])] if above else Settings).model_fields
        close = get_close_matches(str(last), known, n=1)
        return f"{place}: there is no such setting; " + (f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}.")
    if error["type"] == "literal_error":
        return f"{place}: there is no {error['input']!r}; say {error['ctx']['expected']}."
    return f"{place}: {error['msg'].removeprefix('Value error, ')}."


def _placed_url(url: str, folder: Path) -> str:
    """Return the URL with the path of an SQLite file relative to the course's folder."""
    scheme, separator, path = url.partition(":///")
    return f"{scheme}:///{folder / path}" if scheme == "sqlite" and path and separator else url
