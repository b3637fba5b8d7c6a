"""JSON from untrusted bytes: nothing that a parser accepts but a writer of ours never writes, and nothing that costs more than its size."""

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from grader.errors import MalformedValueError
from grader.values.caps import INT_BITS

_INT_CHARACTERS = len(str(-(2**INT_BITS)))
_FLOAT_CHARACTERS = 32


def parse(data: bytes, *, depth: int, tokens: int, make_object: Callable[[list[tuple[str, Any]]], object]) -> Any:  # noqa: ANN401 - JSON
    """Return what the bytes stand for, with every JSON object made by `make_object` from its pairs.

    `depth` limits the nesting of brackets, `tokens` the number of opening brackets and commas; both before anything is built.

    Raises:
        MalformedValueError: the bytes are not such JSON.
    """
    _refuse_bombs(data, depth=depth, tokens=tokens)
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=make_object,
            parse_int=_parse_int,
            parse_float=_parse_float,
            parse_constant=_refuse_constant,
        )
    except ValueError:
        raise MalformedValueError(reason="not valid JSON") from None


def _refuse_bombs(data: bytes, *, depth: int, tokens: int) -> None:
    opened = data.count(b"[") + data.count(b"{")
    if opened <= depth and opened + data.count(b",") <= tokens:  # strings included, so there is no more of either outside of them
        return
    # a quote that is still there without the escapes opens or closes a string
    characters = np.frombuffer(data.replace(rb"\\", b"").replace(rb"\"", b""), dtype=np.uint8)
    outside = (characters == ord('"')).cumsum(dtype=np.uint8) % 2 == 0
    opening = outside & np.isin(characters, np.frombuffer(b"[{", dtype=np.uint8))
    closing = outside & np.isin(characters, np.frombuffer(b"]}", dtype=np.uint8))
    if opening.sum() + (outside & (characters == ord(","))).sum() > tokens:
        raise MalformedValueError(reason="JSON with too many parts")
    if (opening.astype(np.int8) - closing.astype(np.int8)).cumsum(dtype=np.int32).max(initial=0) > depth:
        raise MalformedValueError(reason="JSON nested too deeply")


def _parse_int(literal: str) -> int:
    # the length first: int() takes quadratic time
    if len(literal) > _INT_CHARACTERS or (number := int(literal)).bit_length() > INT_BITS:
        raise MalformedValueError(reason="an integer that is too long")
    return number


def _parse_float(literal: str) -> float:
    if len(literal) > _FLOAT_CHARACTERS or not math.isfinite(number := float(literal)):
        raise MalformedValueError(reason="a number that is no float")
    return number


def _refuse_constant(_literal: str) -> NoReturn:
    raise MalformedValueError(reason="a constant that is not JSON")
