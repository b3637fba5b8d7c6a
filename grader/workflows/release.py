"""`grader release`: write what students get of each assignment, or tell what is stale."""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.authoring.public import PublicCase, PublicQuestion
from grader.execution.answers import Raised, Returned
from grader.execution.sandbox.choose import choose_tier
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion
from grader.release.release import release as write_release, stale_files
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import find_assignments, load_bundle


@dataclass(frozen=True, kw_only=True)
class ReleaseOutcome:
    """One assignment: the names of the files that were written or, where nothing was to be written, that are stale."""

    name: str
    changed: tuple[str, ...]


async def release(names: Sequence[str], settings: Settings, *, check: bool) -> list[ReleaseOutcome]:
    """Write the student notebooks and public cases of the named assignments, or of all; with `check` only say what would change.

    Raises:
        SettingsError: there is no such assignment.
        AuthorError: an assignment cannot work.
        ReleaseError: what students get would give something away.
        ExecutionError: no kernel can be started.
    """
    folders = find_assignments(settings.solutions, names)
    place = stale_files if check else write_release
    outcomes = []
    async with LocalSlots(tier=choose_tier(settings.sandbox), count=1) as slots:
        for name, folder in folders.items():
            bundle = await load_bundle(folder, slots, settings.cache)
            outcomes.append(ReleaseOutcome(name=name, changed=place(folder, public_questions(bundle), settings.assignments / name)))
    return outcomes


def public_questions(bundle: Bundle) -> list[PublicQuestion]:
    """Return what students get to know of a bundle's questions."""
    return [_public_question(question) for question in bundle.questions]


def _public_question(question: BundledQuestion) -> PublicQuestion:
    return PublicQuestion(
        name=question.name,
        title=question.title,
        entry=question.entry,
        forbids=question.forbids,
        cases=tuple(_public_case(case) for case in question.cases if case.group == "public"),
    )


def _public_case(case: BundledCase) -> PublicCase:
    returned = case.expected if isinstance(case.expected, Returned) else Returned(value=None)
    return PublicCase(
        name=case.name,
        inputs=case.inputs,
        expected=returned.value if case.check is None else None,
        raises=case.expected.types if isinstance(case.expected, Raised) else (),
        tolerance=case.tolerance,
        driver=case.driver,
        check=case.check,
        allow=case.allow,
        may_mutate=case.may_mutate | returned.mutated.keys(),
    )
