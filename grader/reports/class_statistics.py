"""What the submissions of one assignment have in common: success, discrimination, mistakes, equal wrong answers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.reports.class_row import Answer, ClassRow
from grader.reports.wording import share
from grader.results import Verdict

LEAST_FOR_DISCRIMINATION = 10
"""Below so many submissions a correlation says nothing."""

_SAME = 1e-9


@dataclass(frozen=True, kw_only=True)
class QuestionFigures:
    """How the class did in one question; shares are from 0 to 1, `discrimination` from -1 to 1."""

    number: int
    name: str
    title: str
    mean: float
    solved: float
    missing: int
    discrimination: float | None


@dataclass(frozen=True, kw_only=True)
class MistakeFigures:
    """A known mistake and the submissions that were recognised by it; `number` is that of the question."""

    question: str
    number: int
    mistake: str
    hint: str
    rows: tuple[ClassRow, ...]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Submissions that return the same wrong value, which nobody foresaw, in the same cases of a question."""

    question: str
    number: int
    cases: tuple[str, ...]
    reading: str
    rows: tuple[ClassRow, ...]


def question_figures(rows: Sequence[ClassRow]) -> list[QuestionFigures]:
    """Return the figures of every question, in the notebook's order.

    The discrimination is the correlation of a question's score with the rest of the marks (corrected item-total correlation, which for questions
    with all points or none is the point-biserial one); None where there are too few submissions or all scores are equal.
    """
    return [
        _figures(number, [(row, answer) for row in rows for answer in row.answers if answer.name == name]) for number, name in enumerate(_names(rows), start=1)
    ]


def mistake_figures(rows: Iterable[ClassRow]) -> list[MistakeFigures]:
    """Return the known mistakes that were made, the most frequent first."""
    made: defaultdict[tuple[str, str], list[tuple[int, ClassRow, Answer]]] = defaultdict(list)
    for row in rows:
        for number, answer in enumerate(row.answers, start=1):
            if answer.mistake:
                made[answer.name, answer.mistake].append((number, row, answer))
    figures = [
        MistakeFigures(question=question, number=found[0][0], mistake=mistake, hint=found[0][2].hint, rows=tuple(row for _, row, _ in found))
        for (question, mistake), found in made.items()
    ]
    return sorted(figures, key=lambda one: -len(one.rows))


def clusters(rows: Sequence[ClassRow]) -> list[Cluster]:
    """Return the groups of two or more that answer the same, the largest first; a group inside a larger one of the same question is left out."""
    members: defaultdict[tuple[int, str, str, str], set[int]] = defaultdict(set)
    readings: dict[tuple[int, str, str, str], str] = {}
    for place, row in enumerate(rows):
        for number, answer in enumerate(row.answers, start=1):
            for case in answer.wrong:
                key = (number, answer.name, case.name, case.digest)
                members[key].add(place)
                readings.setdefault(key, case.reading)
    groups: dict[tuple[int, str, frozenset[int]], list[tuple[str, str]]] = {}
    for key, places in members.items():
        if len(places) > 1:
            groups.setdefault((key[0], key[1], frozenset(places)), []).append((key[2], readings[key]))
    kept: defaultdict[str, list[frozenset[int]]] = defaultdict(list)
    found = []
    for (number, question, group), cases in sorted(groups.items(), key=lambda item: (-len(item[0][2]), item[0][0])):
        if not any(group < larger for larger in kept[question]):
            kept[question].append(group)
            names = tuple(dict.fromkeys(name for name, _ in cases))
            found.append(Cluster(question=question, number=number, cases=names, reading=cases[0][1], rows=tuple(rows[place] for place in sorted(group))))
    return found


def _names(rows: Iterable[ClassRow]) -> list[str]:
    return list(dict.fromkeys(answer.name for row in rows for answer in row.answers))


def _figures(number: int, found: Sequence[tuple[ClassRow, Answer]]) -> QuestionFigures:
    answers = [answer for _, answer in found]
    count = Counter(answer.verdict for answer in answers)
    return QuestionFigures(
        number=number,
        name=answers[0].name,
        title=answers[0].title,
        mean=sum(share(answer.score, answer.points) for answer in answers) / len(answers),
        solved=sum(answer.score >= answer.points for answer in answers) / len(answers),
        missing=count[Verdict.MISSING],
        discrimination=_correlation([answer.score for answer in answers], [row.score - answer.score for row, answer in found]),
    )


def _correlation(scores: Sequence[float], rest: Sequence[float]) -> float | None:
    if len(scores) < LEAST_FOR_DISCRIMINATION or min(np.std(scores), np.std(rest)) < _SAME:
        return None
    return float(np.corrcoef(scores, rest)[0, 1])
