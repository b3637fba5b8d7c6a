"""Running the attacks in kernels of a sandbox."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from grader.errors import ExecutionError
from grader.execution.answers import Answer, Probe, Raised, Returned, Session
from grader.execution.attacks import harming, hoarding, reaching, stealing
from grader.execution.sandbox.tiers import NONE
from grader.notebooks.cells import Cell

_SECONDS = 15.0
_REFUSALS = {"OSError", "ImportError"}


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One function of a module of attacks; `tries` is its docstring."""

    name: str
    tries: str
    module: ModuleType


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an attack ended: `got` says what it got hold of, "" where the sandbox held."""

    attack: Attack
    got: str


def attacks() -> Iterator[Attack]:
    """Yield all attacks."""
    for module in (stealing, harming, hoarding, reaching):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield Attack(name=name, tries=inspect.getdoc(function) or name, module=module)


async def attack(session: Session, chosen: Sequence[Attack]) -> list[Outcome]:
    """Run attacks one after the other in the same kernel.

    Raises:
        ExecutionError: there is no sandbox, and an attack that harms would harm this machine.
    """
    if session.environment["sandbox"] == NONE.name and chosen:
        message = "Attacks are run in a sandbox only: without one they succeed, and mount over /tmp, change the host's name, and kill."
        raise ExecutionError(message)
    modules = {chosen_one.module: None for chosen_one in chosen}
    await session.run([Cell(id=module.__name__, kind="code", source=inspect.getsource(module)) for module in modules])
    return [Outcome(attack=one, got=_got(await session.probe(Probe(entry=one.name), timeout_seconds=_SECONDS))) for one in chosen]


def _got(answer: Answer) -> str:
    match answer:
        case Returned(value=str() as said):
            return said
        case Raised() if _REFUSALS & set(answer.types):
            return ""
        case _:
            return f"could not be judged: {answer}"
