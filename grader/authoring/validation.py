"""What an author can get wrong in `questions.py`, found before anything runs."""

import inspect
import keyword
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, get_args

from grader.authoring.assignment import Assignment
from grader.authoring.case import Allowance, Case
from grader.authoring.question import Question
from grader.authoring.source import CHECK_NAMES, DRIVER_NAMES, free_names, imported_names, source_of
from grader.errors import AuthorError
from grader.values.codec import digest
from grader.values.snapshot import snapshot
from grader.values.tree import Foreign, Value

_QUESTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_ALLOWANCES = frozenset(get_args(Allowance))


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a problem is."""

    file: str
    question: str | None = None
    case: str | None = None

    def require(self, fine: object, problem: str, remedy: str) -> None:
        if not fine:
            self.fail(problem, remedy)

    def fail(self, problem: str, remedy: str) -> NoReturn:
        raise AuthorError(file=self.file, question=self.question, case=self.case, problem=problem, remedy=remedy)


def check_assignment(assignment: Assignment, *, file: str) -> None:
    """Raise an AuthorError for the first thing that cannot work in an assignment, its cases not counted."""
    place = _Place(file=file)
    place.require(assignment.title.strip(), "the assignment has no title", 'Write Assignment(title="...")')
    place.require(assignment.questions, "the assignment has no question", 'Write @assignment.question("name", points=1)')
    earlier: list[str] = []
    for question in assignment.questions:
        _check_question(question, earlier=earlier, names=[other.name for other in assignment.questions])
        _check_mistakes(question)
        earlier.append(question.name)


def _check_question(question: Question, *, earlier: Sequence[str], names: Sequence[str]) -> None:
    place = _Place(file=question.file, question=question.name)
    place.require(_QUESTION_NAME.fullmatch(question.name), "the name is not made of letters, digits and _", "Name it as the function that the student writes")
    place.require(question.name not in earlier, "the name is there twice", "Give each question its own name")
    place.require(_is_identifier(question.entry), f"the entry {question.entry!r} is no Python name", "It is the name that the student defines")
    place.require(_is_positive(question.points), f"points is {question.points!r}", "It must be a number above 0")
    place.require((inspect.getdoc(question.draws) or "").strip(), "it has no docstring", "Its first line is the title that students read")
    for other in question.depends_on:
        place.require(other in names, f"depends_on names {other!r}, which is no question", f"Give a list of: {', '.join(names)}")
        place.require(other in earlier, f"depends_on names {other!r}, which does not come before it", "A question depends on earlier ones only")
    for dotted in question.forbids:
        place.require(
            "." in dotted and all(_is_identifier(part) for part in dotted.split(".")),
            f"forbids has {dotted!r}, which is no dotted name",
            'Give a list such as ["torch.nn.RNN"]',
        )
    _check_allowances(question.allow, place)
    if question.driver is not None:
        _check_stands_alone(question.driver, "the driver", DRIVER_NAMES, place)


def _check_mistakes(question: Question) -> None:
    place = _Place(file=question.file, question=question.name)
    imported = imported_names(Path(question.file).read_text(encoding="utf-8"))
    ids: list[str] = []
    for mistake in question.mistakes:
        called = f"the mistake {mistake.id}"
        place.require(mistake.id.strip(), f"the mistake {mistake.name!r} has an empty id", 'Give it a short id such as "R01"')
        place.require(mistake.id not in ids, f"{called} is there twice", "Give each mistake its own id")
        place.require(mistake.hint.strip() and mistake.where.strip(), f"{called} lacks a hint or a where", "Students read both")
        place.require(0 <= mistake.credit < 1, f"{called} has credit={mistake.credit!r}", "It is a share of the points, at least 0 and below 1")
        place.require(
            mistake.same_as is None or mistake.same_as in ids, f"{called} is the same as {mistake.same_as!r}, which is no earlier mistake", "Name one above it"
        )
        strangers = free_names(_source(mistake.implementation, place)) - imported
        place.require(
            not strangers,
            f"{called} uses {', '.join(sorted(strangers))} from outside itself",
            "It may use what the file imports at its top and what it defines inside itself",
        )
        ids.append(mistake.id)


def check_cases(question: Question, cases: Sequence[Case], *, drawn_again: Sequence[Case]) -> None:
    """Raise an AuthorError for the first thing that cannot work in a question's cases; `drawn_again` shows whether the draw is seeded."""
    place = _Place(file=question.file, question=question.name)
    place.require(any(case.public for case in cases), "it has no public case", "Students need one: Case(..., public=True)")
    place.require(len(cases) == len(drawn_again), "it has another number of cases when drawn again", "Take what is random from `draw`")
    names: set[str] = set()
    for case, again in zip(cases, drawn_again, strict=True):
        at = _Place(file=question.file, question=question.name, case=case.name)
        at.require(case.name.strip(), "a case has an empty name", "Say in a few words what is special about its inputs")
        at.require(case.name not in names, "the name is there twice", "Give each case of a question its own name")
        names.add(case.name)
        _check_case(case, again, question.driver, at)
    _check_points(question, cases, place)


def _check_case(case: Case, again: Case, driver: Callable[..., Any] | None, place: _Place) -> None:
    place.require(not (case.public and case.edge), "it is public and edge", "An edge case is a hidden one: keep one of the two")
    place.require(case.points is None or _is_positive(case.points), f"points is {case.points!r}", "Leave it out, or give a number above 0")
    place.require(case.tolerance is None or _is_positive(case.tolerance), f"tolerance is {case.tolerance!r}", "It is a relative error above 0")
    unknown = case.may_mutate - case.inputs.keys()
    place.require(not unknown, f"may_mutate names {sorted(unknown)}", "It is a list of names of inputs")
    _check_allowances(case.allow, place)
    _check_values(case.inputs, again.inputs, "input", place)
    _check_values(case.private, again.private, "private value", place)
    _check_kept_for_the_check(case, place)
    if case.driver is not None:
        _check_stands_alone(case.driver, "the driver", DRIVER_NAMES, place)
    if case.check is not None:
        _check_stands_alone(case.check, "the check", CHECK_NAMES, place)
        _check_takes(case.check, "got", [*case.inputs, *case.private], place)
    if case.driver or driver:
        _check_takes(case.driver or driver, "entry", list(case.inputs), place)


def _check_values(values: Mapping[str, Any], again: Mapping[str, Any], called: str, place: _Place) -> None:
    taken: Value = {name: snapshot(value) for name, value in values.items()}
    for path, foreign in _foreign(taken):
        place.fail(f"the {called} {path} is a {foreign.type_name}", "Inputs are values; build anything else in a driver")
    place.require(
        digest(taken) == digest({name: snapshot(value) for name, value in again.items()}),
        f"its {called}s differ when they are drawn again",
        "Take what is random from `draw`",
    )


def _check_kept_for_the_check(case: Case, place: _Place) -> None:
    place.require(not case.private.keys() & case.inputs.keys(), "an input is private as well", "Give each value in one place")
    place.require(case.retries >= 0 and case.retries % 2 == 0, f"retries is {case.retries!r}", "It is 0 or an even number, so that there is a median")
    if case.private or case.retries:
        place.require(case.check is not None, "it has private values or retries, and no check", "They serve a check: add check=")
        place.require(not case.public, "it is public and has private values or retries", "Students run public cases themselves: make it a hidden case")


def _check_points(question: Question, cases: Sequence[Case], place: _Place) -> None:
    own = math.fsum(case.points or 0 for case in cases)
    place.require(
        own <= question.points + 1e-9, f"its cases have {own:g} points, more than its {question.points:g}", "Give the cases fewer points, or the question more"
    )
    place.require(
        own >= question.points - 1e-9 or any(case.points is None for case in cases),
        f"its cases have {own:g} of its {question.points:g} points, and no case earns the rest",
        "Let the points of the cases add up, or leave one case without points",
    )


def _check_stands_alone(function: Callable[..., Any], called: str, allowed: Collection[str], place: _Place) -> None:
    place.require(inspect.isfunction(function), f"{called} is a {type(function).__name__}", "Write it as a function with def")
    place.require(not hasattr(function, "__wrapped__"), f"{called} {function.__name__} is decorated", "Put what the decorator does inside the function")
    strangers = free_names(_source(function, place)) - set(allowed)
    place.require(
        not strangers,
        f"{called} {function.__name__} uses {', '.join(sorted(strangers))} from outside itself",
        f"It may use {', '.join(sorted(allowed))} and what it defines or imports inside itself",
    )


def _source(thing: Callable[..., Any], place: _Place) -> str:
    try:
        return source_of(thing)
    except AuthorError as error:
        raise AuthorError(file=place.file, question=place.question, case=place.case, problem=error.problem, remedy=error.remedy) from error


def _check_takes(function: Callable[..., Any] | None, first: str, names: Sequence[str], place: _Place) -> None:
    if function is None:
        return
    try:
        inspect.signature(function).bind(None, **dict.fromkeys(names))
    except TypeError as error:
        wanted = ", ".join([first, *names])
        place.fail(f"{function.__name__} cannot be called with {wanted}: {error}", "Its arguments are the names of the inputs")


def _check_allowances(allow: Collection[str], place: _Place) -> None:
    unknown = set(allow) - _ALLOWANCES
    place.require(not unknown, f"allow has {', '.join(sorted(unknown))}", f"Choose from: {', '.join(sorted(_ALLOWANCES))}")


def _foreign(value: Value, path: str = "") -> Iterator[tuple[str, Foreign]]:
    """Yield the leaves that are no values, each with its path, such as `params[2]`."""
    if isinstance(value, Foreign):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _foreign(item, f"{path}[{key!r}]" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _foreign(item, f"{path}[{index}]")


def _is_identifier(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _is_positive(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number) and number > 0
