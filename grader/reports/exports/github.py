"""Results for GitHub Actions: annotations in the log, and Markdown for the step's summary."""

import json
import re
from collections.abc import Iterable, Iterator

from grader.reports.exports.feedback_text import is_full, question_texts
from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line, plain
from grader.reports.wording import is_unsandboxed, mark_question, points, problems

MOST_OF_A_KIND = 10
MOST_SUMMARY_BYTES = 1024**2
_MARKUP = re.compile(r"[^\w\s,';%-]|_")


def annotations(marks: Iterable[Mark]) -> Iterator[str]:
    """Yield a line for each annotation: errors where points are missing, warnings where a person should look, a notice with the total.

    GitHub shows ten of a kind a step, so the tenth says how many more there are.
    """
    errors, warnings = _Capped("error"), _Capped("warning")
    score = most = 0.0
    for mark in marks:
        errors.add(_errors(mark))
        warnings.add(_warnings(mark))
        score += mark.score or 0.0
        most += mark.points
    yield from errors.lines()
    yield from warnings.lines()
    yield _command("notice", json.dumps({"totalPoints": _number(score), "maxPoints": _number(most)}), title="Autograding report")


def step_summary(marks: Iterable[Mark], *, most_bytes: int = MOST_SUMMARY_BYTES) -> str:
    """Return a table of all submissions as Markdown, cut where GitHub would refuse it; nothing of a name is markup."""
    text = "## Grading\n\n| Student | Assignment | Score | Questions | Problems |\n| --- | --- | ---: | --- | --- |\n"
    room = most_bytes - len(text.encode()) - 100
    rows = map(_row, marks)
    shown: list[str] = []
    for row in rows:
        room -= len(row.encode())
        if room < 0:
            return f"{text}{''.join(shown)}\n{1 + sum(1 for _ in rows)} more submissions are not shown.\n"
        shown.append(row)
    return text + "".join(shown)


def _errors(mark: Mark) -> Iterator[str]:
    about = f"{one_line(mark.student, 60)}, {one_line(mark.assignment, 60)}"
    if mark.score is None:
        yield _command("error", mark.result.message, file=mark.result.path, title=f"{about}: not graded")
        return
    for question, words, text in question_texts(mark.result):
        if not is_full(question):
            score = f"{points(question.score)} of {points(question.points)} points"
            yield _command("error", f"{words}\n{text}".strip(), file=mark.result.path, title=f"{about}, {one_line(question.name, 60)}: {score}")


def _warnings(mark: Mark) -> Iterator[str]:
    about = f"{one_line(mark.student, 60)}, {one_line(mark.assignment, 60)}"
    if is_unsandboxed(mark.result):
        yield _command("warning", "Graded without a sandbox.", file=mark.result.path, title=f"{about}: UNSANDBOXED")
    for note in mark.result.notes:
        yield _command("warning", note, file=mark.result.path, title=about)


class _Capped:
    """The first annotations of a kind, and how many there are."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._first: list[str] = []
        self._count = 0

    def add(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._count += 1
            if len(self._first) < MOST_OF_A_KIND:
                self._first.append(line)

    def lines(self) -> Iterator[str]:
        if self._count <= MOST_OF_A_KIND:
            yield from self._first
            return
        yield from self._first[: MOST_OF_A_KIND - 1]
        yield _command(self._kind, f"{self._count - MOST_OF_A_KIND + 1} more are in the report.", title="More")


def _command(kind: str, message: str, **properties: str) -> str:
    said = ",".join(f"{name}={_escaped(one_line(value, 300), '%:,')}" for name, value in properties.items())
    return f"::{kind} {said}::{_escaped(plain(message), '%')}\n"


def _escaped(text: str, characters: str) -> str:
    return "".join(f"%{ord(character):02X}" if character in f"{characters}\r\n" else character for character in text)


def _number(number: float) -> float:
    return round(number, 2)


def _row(mark: Mark) -> str:
    score = "not graded" if mark.score is None else f"{points(mark.score)}/{points(mark.points)}"
    marks = "".join(mark_question(question).symbol for question in mark.result.questions)
    told = "; ".join(problems(mark.result))
    cells = (_text(mark.student, 60), _text(mark.assignment, 60), score, marks, _text(told, 200))
    return f"| {' | '.join(cells)} |\n"


def _text(text: str, most: int) -> str:
    """Return text of which Markdown and HTML see no character but letters, digits and harmless signs."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", one_line(text, most))
