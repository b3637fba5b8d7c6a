"""nbclient with a cap on what it keeps of a cell's outputs."""

import contextlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from grader.execution.channels import Connection

_LOG = logging.getLogger("grader.execution")
_LOG.addHandler(logging.NullHandler())  # a lost kernel is a result, told in the report and not in the terminal
_LOG.propagate = False


class _Output(BaseModel):
    """What is let in of an output; nbformat's own validation takes longer than most cells."""

    model_config = ConfigDict(extra="ignore", strict=True)


class _Stream(_Output):
    name: str
    text: str


class _Error(_Output):
    ename: str
    evalue: str
    traceback: list[str]


class _Data(_Output):
    """What is drawn, as text alone: other values can be nested deeper than those who write them down can follow."""

    data: dict[str, str | list[str]]

    @field_validator("data", mode="before")
    @classmethod
    def _texts(cls, data: object) -> object:
        return {kind: value for kind, value in data.items() if _is_text(value)} if isinstance(data, dict) else data


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


class _Result(_Data):
    execution_count: int | None


_KEPT: Mapping[str, type[_Output]] = {"stream": _Stream, "error": _Error, "display_data": _Data, "execute_result": _Result}


def merged(outputs: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a cell's outputs with what it printed in one piece a stream, as a terminal would show it: progress bars write over themselves.

    nbclient can do it too, but takes minutes for a long line.
    """
    streams: dict[str, list[str]] = {}
    kept = []
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(dict(output))
            continue
        name = str(output["name"])
        if name not in streams:
            kept.append({"output_type": "stream", "name": name, "text": ""})
        streams.setdefault(name, []).append(str(output["text"]))
    for output in kept:
        if output["output_type"] == "stream":
            lines = "".join(streams[output["name"]]).split("\n")
            output["text"] = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
        yield output


class CappedClient(NotebookClient):
    """Executes cells; of their outputs so many bytes are still kept as are `left`, the rest is read and dropped."""

    def __init__(self, connection: Connection) -> None:
        notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=[NotebookNode(metadata=NotebookNode())])
        super().__init__(notebook, allow_errors=True, timeout=None, record_timing=False)
        self.log = _LOG
        self.kc: Connection = connection  # type: ignore[assignment] # nbclient asks no more of it
        self.left = 0

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG002 - nbclient's signature
        """Keep an output while there is room; widgets, other comm messages and what has not the form of an output are passed over."""
        kind = msg["msg_type"]
        if kind == "status" and msg["content"].get("execution_state") == "idle":
            raise CellExecutionComplete
        if kind == "clear_output":
            cell.outputs = []
            return
        if kind not in _KEPT or not msg["content"]:
            return
        size = len(json.dumps(msg["content"], default=str))
        if size > self.left:
            return
        self.left -= size
        with contextlib.suppress(ValidationError):
            cell.outputs.append(NotebookNode(output_type=kind, **_KEPT[kind].model_validate(msg["content"]).model_dump()))
