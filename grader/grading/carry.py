"""Grading a question again with the reference in the place of failed questions that it depends on: a mistake costs once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.grading.bundle import Bundle, BundledQuestion, OpenSession
from grader.grading.question import Budget, Graded, grade_questions
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

    Only scores that became better are in it. A question that turns out to be right is no failed one for those after it.
    Each session has the time of a whole notebook; questions that need exactly the same replacements share one.
    """
    reached = _reached(bundle)
    failed = {name for name, graded in first.items() if graded.verdict is not Verdict.PASSED}
    waiting = [question for question in bundle.questions if reached[question.name] & failed and _may_gain(first[question.name])]
    better: dict[str, Again] = {}
    while waiting:
        replaced = reached[waiting[0].name] & failed
        given = with_references(submission, [question for question in bundle.questions if question.name in replaced], bundle)
        budget = Budget(clock=clock, started=clock(), total_seconds=bundle.limits.total_seconds)
        async with open_session() as session:
            await session.run(given.cells)
            # one that needs less must not find the reference of what it does not depend on; one that turns out right makes others need less
            while together := [question for question in waiting if reached[question.name] & failed == replaced]:
                graded = await grade_questions(bundle, together, given, session, budget)
                waiting = [question for question in waiting if question.name not in graded]
                failed -= {name for name, one in graded.items() if one.verdict is Verdict.PASSED}
                for name, one in graded.items():
                    if one.score > first[name].score + _ROUNDING:
                        better[name] = Again(replaced=tuple(other for other in first if other in replaced), graded=one)
    return better


def with_references(submission: Submission, replaced: Sequence[BundledQuestion], bundle: Bundle) -> Submission:
    """Return the submission with the reference in the place of the answers to some questions; where a cell answers others too, behind that cell."""
    cells = list(submission.cells)
    order = [question.name for question in bundle.questions]
    kept = {source for name, source in submission.answers.items() if name not in {question.name for question in replaced}}
    for question in replaced:
        options = CellOptions(question=question.name)
        its_source = submission.answers.get(question.name)
        shared = [index for index, cell in enumerate(cells) if cell.source == its_source and its_source in kept]
        places = [index for index, cell in enumerate(cells) if cell.options.question == question.name]
        if places and not shared:
            cells[places[-1]] = replace(cells[places[-1]], source=question.reference, options=options)
        else:
            later = order[order.index(question.name) + 1 :]
            before = next((index for index, cell in enumerate(cells) if cell.options.question in later), len(cells))
            place = shared[-1] + 1 if shared else before
            cells.insert(place, Cell(id=f"reference-{question.name}", kind="code", source=question.reference, options=options))
    answers = submission.answers | {question.name: question.reference for question in replaced}
    return replace(submission, cells=tuple(cells), answers=answers)


def _reached(bundle: Bundle) -> dict[str, frozenset[str]]:
    """Return the questions that each question depends on, directly or through others."""
    reached: dict[str, frozenset[str]] = {}
    for question in bundle.questions:  # a question depends on earlier ones only
        reached[question.name] = frozenset(question.depends_on).union(*(reached[name] for name in question.depends_on))
    return reached


def _may_gain(graded: Graded) -> bool:
    """Whether a question lost points by something that was written; an untouched one has nothing to gain."""
    return graded.score < graded.question.points - _ROUNDING and bool(graded.asked or graded.forbidden)
