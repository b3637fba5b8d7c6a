"""Grading a question again with the reference in the place of failed questions that it depends on: a mistake costs once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.grading.bundle import Bundle, BundledQuestion, OpenSession
from grader.grading.question import Budget, Graded, grade_question
from grader.notebooks.cells import Cell, CellOptions
from grader.notebooks.submission import Submission
from grader.results import Verdict

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Again:
    """How a question came out the second time, and which questions' answers had been replaced for it."""

    replaced: tuple[str, ...]
    graded: Graded


async def grade_again(
    bundle: Bundle, submission: Submission, first: Mapping[str, Graded], open_session: OpenSession, clock: Callable[[], float]
) -> dict[str, Again]:
    """Return, for questions that lost points and depend on failed ones, how they come out with the reference in those ones' place.

    Only scores that became better are in it. One session serves all questions that do not stand in each other's way.
    """
    needs = _needs(bundle, first)
    better: dict[str, Again] = {}
    for names in _sharing_a_session(needs):
        replaced = frozenset().union(*(needs[name] for name in names))
        given = with_references(submission, [question for question in bundle.questions if question.name in replaced], bundle)
        started = clock()
        async with open_session() as session:
            budget = Budget(clock=clock, started=started, total_seconds=bundle.limits.total_seconds)
            await session.run(given.cells)
            for question in bundle.questions:
                if question.name not in names:
                    continue
                graded = await grade_question(bundle, question, given, session, budget)
                if graded.score > first[question.name].score + _ROUNDING:
                    its_own = tuple(other.name for other in bundle.questions if other.name in needs[question.name])
                    better[question.name] = Again(replaced=its_own, graded=graded)
    return better


def with_references(submission: Submission, replaced: Sequence[BundledQuestion], bundle: Bundle) -> Submission:
    """Return the submission with the reference in the place of the answers to some questions."""
    cells = list(submission.cells)
    order = [question.name for question in bundle.questions]
    for question in replaced:
        options = CellOptions(question=question.name)
        places = [index for index, cell in enumerate(cells) if cell.options.question == question.name]
        if places:
            cells[places[-1]] = replace(cells[places[-1]], source=question.reference, options=options)
        else:
            later = order[order.index(question.name) + 1 :]
            place = next((index for index, cell in enumerate(cells) if cell.options.question in later), len(cells))
            cells.insert(place, Cell(id=f"reference-{question.name}", kind="code", source=question.reference, options=options))
    answers = submission.answers | {question.name: question.reference for question in replaced}
    return replace(submission, cells=tuple(cells), answers=answers)


def _needs(bundle: Bundle, first: Mapping[str, Graded]) -> dict[str, frozenset[str]]:
    """Return the failed questions that each question which lost points depends on, directly or through others."""
    failed = {name for name, graded in first.items() if graded.verdict is not Verdict.PASSED}
    reached: dict[str, frozenset[str]] = {}
    for question in bundle.questions:  # a question depends on earlier ones only
        reached[question.name] = frozenset(question.depends_on).union(*(reached[name] for name in question.depends_on))
    return {
        name: reached[name] & failed
        for name, graded in first.items()
        if graded.score < graded.question.points - _ROUNDING and reached[name] & failed and (graded.asked or graded.forbidden)
    }


def _sharing_a_session(needs: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Return the questions in groups of which none is replaced for another of its group."""
    groups: list[list[str]] = []
    for name, replaced in needs.items():
        for group in groups:
            if not replaced & set(group) and not any(name in needs[other] for other in group):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups
