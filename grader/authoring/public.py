"""What students get of an assignment besides its notebook: the public cases, each with what is expected."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from grader.errors import MalformedValueError
from grader.values.codec import Wire, decode, encode
from grader.values.tolerance import Tolerance
from grader.values.tree import Value

FILE_NAME = "public_cases.json"


@dataclass(frozen=True, kw_only=True)
class PublicCase:
    """One public case: `expected` is what the reference returned, unless it raised: then `raises` holds its exception's class names.

    `driver` and `check` are sources; `may_mutate` names the inputs that the entry may change.
    """

    name: str
    inputs: Mapping[str, Value]
    expected: Value = None
    raises: tuple[str, ...] = ()
    tolerance: Tolerance
    driver: str | None = None
    check: str | None = None
    allow: frozenset[str] = frozenset()
    may_mutate: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class PublicQuestion:
    """A question as students know it."""

    name: str
    title: str
    entry: str
    cases: tuple[PublicCase, ...]
    forbids: tuple[str, ...] = ()


def dump_public(questions: Sequence[PublicQuestion]) -> bytes:
    """Return the public cases as JSON, the same bytes for the same cases."""
    content = {"questions": [_question_to_json(question) for question in questions]}
    return (json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def load_public(data: bytes) -> tuple[PublicQuestion, ...]:
    """Return the public cases that `dump_public` wrote.

    Raises:
        MalformedValueError: when the file was changed by hand or cut short.
    """
    try:
        return tuple(_question_from_json(question) for question in json.loads(data)["questions"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise MalformedValueError(reason=f"{FILE_NAME} is damaged: fetch it anew") from error


def _question_to_json(question: PublicQuestion) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "entry": question.entry,
        "forbids": list(question.forbids),
        "cases": [_case_to_json(case) for case in question.cases],
    }


def _question_from_json(content: dict[str, Any]) -> PublicQuestion:
    return PublicQuestion(
        name=content["name"],
        title=content["title"],
        entry=content["entry"],
        forbids=tuple(content["forbids"]),
        cases=tuple(_case_from_json(case) for case in content["cases"]),
    )


def _case_to_json(case: PublicCase) -> dict[str, Any]:
    return {
        "name": case.name,
        "inputs": _value_to_json(cast("Value", dict(case.inputs))),
        "expected": _value_to_json(case.expected),
        "raises": list(case.raises),
        "tolerance": asdict(case.tolerance),
        "driver": case.driver,
        "check": case.check,
        "allow": sorted(case.allow),
        "may_mutate": sorted(case.may_mutate),
    }


def _case_from_json(content: dict[str, Any]) -> PublicCase:
    inputs = _value_from_json(content["inputs"])
    if not isinstance(inputs, dict):
        raise MalformedValueError(reason="the inputs of a case are no dictionary")
    return PublicCase(
        name=content["name"],
        inputs={str(name): value for name, value in inputs.items()},
        expected=_value_from_json(content["expected"]),
        raises=tuple(content["raises"]),
        tolerance=Tolerance(**content["tolerance"]),
        driver=content["driver"],
        check=content["check"],
        allow=frozenset(content["allow"]),
        may_mutate=frozenset(content["may_mutate"]),
    )


def _value_to_json(value: Value) -> dict[str, str]:
    wire = encode(value)
    return {"tree": base64.b64encode(wire.tree).decode(), "tensors": base64.b64encode(wire.tensors).decode()}


def _value_from_json(content: dict[str, str]) -> Value:
    return decode(Wire(tree=base64.b64decode(content["tree"]), tensors=base64.b64decode(content["tensors"])))
