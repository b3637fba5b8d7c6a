"""Results for GitHub Actions: annotations in the log, and Markdown for the step's summary."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

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
    listed = list(marks)
    yield from _capped("error", [line for mark in listed for line in _errors(mark)])
    yield from _capped("warning", [line for mark in listed for line in _warnings(mark)])
    total = {"totalPoints": _number(sum(mark.score or 0.0 for mark in listed)), "maxPoints": _number(sum(mark.points for mark in listed))}
    yield _command("notice", json.dumps(total), title="Autograding report")


def step_summary(marks: Iterable[Mark], *, most_bytes: int = MOST_SUMMARY_BYTES) -> str:
    """Return a table of all submissions as Markdown, cut where GitHub would refuse it; nothing of a name is markup."""
    rows = [_row(mark) for mark in marks]
    text = "## Grading\n\n| Student | Assignment | Score | Questions | Problems |\n| --- | --- | ---: | --- | --- |\n"
    room = most_bytes - len(text.encode()) - 100
    for written, row in enumerate(rows):
        room -= len(row.encode())
        if room < 0:
            return f"{text}\n{len(rows) - written} more submissions are not shown.\n"
        text += row
    return text


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


def _capped(kind: str, lines: Sequence[str]) -> Iterator[str]:
    if len(lines) <= MOST_OF_A_KIND:
        yield from lines
        return
    yield from islice(lines, MOST_OF_A_KIND - 1)
    left = len(lines) - MOST_OF_A_KIND + 1
    yield _command(kind, f"{left} more are in the report.", title="More")


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
