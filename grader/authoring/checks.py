"""Running an author's check on an answer that came as data."""

import ast
import math
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the field's own name

from grader.authoring.case import Failure
from grader.values.snapshot import restore
from grader.values.tree import Value

_WRONG_FORM = Failure(message="your answer has not the form that was asked for")


def run_check(source: str, got: Value, inputs: Mapping[str, Value]) -> Failure | None:
    """Return what a check finds wrong with an answer; a check that an answer makes fail has found it to be of the wrong form.

    Raises:
        MalformedValueError: something in the answer is no value.
    """
    live = restore(got)
    arguments = {name: restore(value) for name, value in inputs.items()}
    try:
        found = _function(source)(live, **arguments)
    except Exception:  # noqa: BLE001 - an answer of an unforeseen form can make a check raise anything
        return _WRONG_FORM
    return found if isinstance(found, Failure) else None


def _function(source: str) -> Callable[..., object]:
    name, code = _compiled(source)
    namespace: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math, "Failure": Failure}
    exec(code, namespace)  # noqa: S102 - the author's own code
    function: Callable[..., object] = namespace[name]
    return function


@cache
def _compiled(source: str) -> tuple[str, CodeType]:
    name = next(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return name, compile(source, "<check>", "exec")
