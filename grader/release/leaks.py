"""What students get is searched for what they must not get."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from grader.authoring.case import Case
from grader.authoring.question import Question
from grader.values.snapshot import snapshot
from grader.values.tree import TensorLeaf, Value

_SHORTEST = 12
_FEWEST_NUMBERS = 8
_TRIVIAL = re.compile(r"return \w+|#\|.*")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A text that must not reach students, and what it is."""

    text: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Solution:
    """All that is cut out of one cell."""

    cell: str
    text: str


def find_leaks(files: Mapping[str, bytes], *, solutions: Sequence[Solution], given: Iterable[str], questions: Mapping[Question, list[Case]]) -> list[str]:
    """Return a sentence for each thing in `files` that gives something away.

    `given` is what the author hands out knowingly: the notebook's text outside solutions, the public cases' drivers and names. A line of
    a solution that stands there too is no leak by itself; a whole solution that can be read there is.
    """
    handed_out = _flat(given)
    leaks = [f"the whole solution of {solution.cell} can be read outside it" for solution in solutions if _can_be_read(solution, handed_out)]
    unspoken = [secret for secret in [*_lines(solutions), *_hidden_texts(questions)] if secret.text not in handed_out]
    secrets = [*_hints(questions), *unspoken]
    tensors = list(_hidden_tensors(questions))
    for name, data in files.items():
        contents = list(_contents(json.loads(data)))
        text = _flat(content for content in contents if isinstance(content, str))
        leaks += [f"{name} holds {secret.what}: {secret.text[:60]}" for secret in secrets if secret.text in text]
        blobs = [content for content in contents if isinstance(content, bytes)]
        leaks += [f"{name} holds {what}" for numbers, what in tensors if any(numbers in blob for blob in blobs)]
    return leaks


def _lines(solutions: Iterable[Solution]) -> Iterator[Secret]:
    for solution in solutions:
        for line in _telling_lines(solution):
            yield Secret(text=line, what=f"a line of the solution of {solution.cell}")


def _telling_lines(solution: Solution) -> list[str]:
    lines = (_flat([line]) for line in solution.text.splitlines())
    return [line for line in lines if len(line) >= _SHORTEST and not _TRIVIAL.fullmatch(line)]


def _can_be_read(solution: Solution, text: str) -> bool:
    lines = _telling_lines(solution)
    return bool(lines) and all(line in text for line in lines)


def _hints(questions: Iterable[Question]) -> Iterator[Secret]:
    for question in questions:
        for mistake in question.mistakes:
            for kind, sentence in (("hint", mistake.hint), ("where", mistake.where)):
                text = _flat([sentence])
                if len(text) >= _SHORTEST:
                    yield Secret(text=text, what=f"the {kind} of {question.name}'s mistake {mistake.id}")


def _hidden_texts(questions: Mapping[Question, list[Case]]) -> Iterator[Secret]:
    public = set(_strings(_inputs(case) for case in _cases(questions, public=True)))
    for question, cases in questions.items():
        for case in cases:
            if case.public:
                continue
            for text in [case.name, *_strings([_inputs(case)])]:
                if len(_flat([text])) >= _SHORTEST and text not in public:
                    yield Secret(text=_flat([text]), what=f"something of {question.name}'s hidden case {case.name!r}")


def _hidden_tensors(questions: Mapping[Question, list[Case]]) -> Iterator[tuple[bytes, str]]:
    public = set(_tensors(_inputs(case) for case in _cases(questions, public=True)))
    for question, cases in questions.items():
        for case in cases:
            if not case.public:
                for numbers in _tensors([_inputs(case)]):
                    if numbers not in public:
                        yield numbers, f"an input of {question.name}'s hidden case {case.name!r}"


def _cases(questions: Mapping[Question, list[Case]], *, public: bool) -> Iterator[Case]:
    return (case for cases in questions.values() for case in cases if case.public == public)


def _inputs(case: Case) -> Value:
    return [snapshot(value) for value in (*case.inputs.values(), *case.private.values())]


def _strings(values: Iterable[Value]) -> Iterator[str]:
    return (leaf for leaf in _leaves(values) if isinstance(leaf, str))


def _tensors(values: Iterable[Value]) -> Iterator[bytes]:
    """Yield the bytes of the tensors that cannot be there by chance: floating, with many different numbers."""
    for leaf in _leaves(values):
        if isinstance(leaf, TensorLeaf) and leaf.data.is_floating_point() and len(set(leaf.data.to(torch.float64).flatten().tolist())) >= _FEWEST_NUMBERS:
            yield leaf.data.flatten().view(torch.uint8).numpy().tobytes()


def _leaves(values: Iterable[Value]) -> Iterator[Value]:
    for value in values:
        if isinstance(value, dict):
            yield from _leaves(value.values())
        elif isinstance(value, list | tuple):
            yield from _leaves(value)
        else:
            yield value


def _contents(content: Any) -> Iterator[str | bytes]:  # noqa: ANN401 - whatever JSON holds
    """Yield every text in a JSON document, and the bytes that values are encoded as."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for item in content:
            yield from _contents(item)
    elif isinstance(content, dict) and content.keys() == {"tree", "tensors"}:
        yield from _contents(json.loads(base64.b64decode(content["tree"])))
        yield base64.b64decode(content["tensors"])
    elif isinstance(content, dict):
        for key, item in content.items():
            yield key
            yield from _contents(item)


def _flat(texts: Iterable[str]) -> str:
    return " ".join(word for text in texts for word in text.split())
