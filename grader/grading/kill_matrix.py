"""What a question's cases can tell apart: which case catches which known mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from grader.grading.bundle import BundledMistake, BundledQuestion
from grader.grading.diagnosis import Agreement, agreement, known_mistake
from grader.grading.judge import Asked, judge
from grader.grading.scoring import Mark, question_score
from grader.results import Verdict


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One known mistake against a question's cases: the cases that catch it, what it scores, and as which mistake it is recognised."""

    mistake: BundledMistake
    caught_by: tuple[str, ...]
    score: float
    recognised_as: str | None


@dataclass(frozen=True, kw_only=True)
class KillMatrix:
    """All known mistakes of a question against all its cases; `alike` are pairs of mistakes that no case tells apart and nobody declared the same."""

    question: BundledQuestion
    kills: tuple[Kill, ...]
    alike: tuple[tuple[str, str], ...]

    @property
    def survivors(self) -> tuple[str, ...]:
        """The mistakes that lose no points."""
        return tuple(kill.mistake.id for kill in self.kills if not kill.caught_by or kill.score >= self.question.points)

    @property
    def hidden_only(self) -> tuple[str, ...]:
        """The mistakes that no public case catches."""
        public = {case.name for case in self.question.cases if case.group == "public"}
        return tuple(kill.mistake.id for kill in self.kills if not public & set(kill.caught_by))

    @property
    def idle_cases(self) -> tuple[str, ...]:
        """The cases that are the only catcher of no mistake and are not marked as teaching."""
        alone = {kill.caught_by[0] for kill in self.kills if len(kill.caught_by) == 1}
        return tuple(case.name for case in self.question.cases if case.name not in alone and not case.teaching)

    @property
    def misread(self) -> tuple[tuple[str, str | None], ...]:
        """The mistakes that are recognised as another one, or not at all."""
        same = {kill.mistake.id: kill.mistake.same_as or kill.mistake.id for kill in self.kills}
        return tuple((kill.mistake.id, kill.recognised_as) for kill in self.kills if kill.recognised_as != same[kill.mistake.id])


def kill_matrix(question: BundledQuestion) -> KillMatrix:
    """Return what each case of a bundled question makes of each known mistake."""
    return KillMatrix(question=question, kills=tuple(_kill(question, mistake) for mistake in question.mistakes), alike=tuple(_alike(question)))


def _kill(question: BundledQuestion, mistake: BundledMistake) -> Kill:
    asked = [Asked(case=case, answer=case.mistakes[mistake.id], judgement=judge(case, case.mistakes[mistake.id])) for case in question.cases]
    recognised = known_mistake(question, asked)
    marks = [Mark(group=one.case.group, points=one.case.points, credit=one.judgement.credit) for one in asked]
    return Kill(
        mistake=mistake,
        caught_by=tuple(one.case.name for one in asked if one.judgement.verdict is not Verdict.PASSED),
        score=question_score(question.points, marks, credit=mistake.credit),
        recognised_as=recognised.id if recognised else None,
    )


def _alike(question: BundledQuestion) -> Iterator[tuple[str, str]]:
    """Yield the pairs of mistakes that agree, by the case's own tolerance, on every case."""
    for one, other in combinations([mistake for mistake in question.mistakes if mistake.same_as is None], 2):
        if all(agreement(case, case.mistakes[one.id], case.mistakes[other.id]) is Agreement.STRONG for case in question.cases):
            yield one.id, other.id
