"""Marks in Moodle's grading worksheet, and pages of feedback in the zip that Moodle unpacks."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.reports.exports.cells import Table, read_table, write_table
from grader.reports.exports.feedback_text import submission_text
from grader.reports.exports.filled import Filled, number, of_one_assignment, scaled, scaling, without_mark
from grader.reports.exports.marks import Mark
from grader.reports.exports.matching import Matched, RowKeys, match_rows
from grader.reports.safe_text import one_line, plain, visible
from grader.results import SubmissionResult

_NEEDS = ("Identifier", "Grade", "Last modified (grade)")
_PARTICIPANT = re.compile(r"\D*(\d+)\D*")
# What Moodle's own file names do not have; an underscore ends the name in front of the number.
_NO_FILE_NAME = re.compile(r'[_\\/:*?"<>|&`\s.]+')
_MOST_NAME = 80
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class FeedbackFiles:
    """The zip to upload, how many students' pages it holds, and a sentence for each mark without one."""

    data: bytes
    count: int
    problems: tuple[str, ...]


def fill_moodle(worksheet: str, marks: Iterable[Mark], *, name: str) -> Filled:
    """Return a grading worksheet with grades and feedback comments filled in; all else stays as it is. `name` is the file's, for messages.

    Grades are scaled where Moodle's maximum is another; a row whose grade cannot be changed is left alone.

    Raises:
        SettingsError: it is no grading worksheet, or the marks are of several assignments.
    """
    table = read_table(worksheet, name=name, needs=_NEEDS)
    columns = {title: place for place, title in enumerate(table.header)}
    listed = of_one_assignment(marks)
    matched = _match(table, columns, listed)
    rows = list(table.rows)
    problems = list(matched.problems)
    filled = 0
    for row, mark in matched.marks.items():
        if _at(rows[row], columns, "Grade can be changed").strip().casefold() == "no":
            problems.append(f"{one_line(mark.student)}: Moodle says that this grade cannot be changed, so it was left as it is.")
        elif mark.score is None:
            problems.append(without_mark(mark))
        else:
            rows[row] = _filled_row(rows[row], columns, mark)
            filled += 1
    notes = scaling(listed, {_maximum(rows[row], columns) for row in matched.marks})
    return Filled(text=write_table(replace(table, rows=tuple(rows))), count=filled, notes=tuple(notes), problems=tuple(problems))


def moodle_feedback(worksheet: str, marks: Iterable[Mark], *, page: Callable[[SubmissionResult], str], name: str) -> FeedbackFiles:
    """Return a zip with each student's page, as `page` writes it, named so that Moodle's "Upload multiple feedback files in a zip" knows whose it is.

    Raises:
        SettingsError: it is no grading worksheet, or the marks are of several assignments.
    """
    table = read_table(worksheet, name=name, needs=_NEEDS)
    columns = {title: place for place, title in enumerate(table.header)}
    matched = _match(table, columns, of_one_assignment(marks))
    problems = list(matched.problems)
    buffer = io.BytesIO()
    count = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for row, mark in sorted(matched.marks.items()):
            participant = _PARTICIPANT.fullmatch(_at(table.rows[row], columns, "Identifier"))
            if participant is None:
                problems.append(f"{one_line(mark.student)}: the worksheet has no participant's number.")
                continue
            student = _file_name(_at(table.rows[row], columns, "Full name") or "Participant")
            member = zipfile.ZipInfo(f"{student}_{participant[1]}_assignsubmission_file_/feedback.html", date_time=_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, page(mark.result).encode("utf-8", "replace"))
            count += 1
    return FeedbackFiles(data=buffer.getvalue(), count=count, problems=tuple(problems))


def _match(table: Table, columns: Mapping[str, int], marks: Iterable[Mark]) -> Matched:
    keys = []
    for row in table.rows:
        identifier = _at(row, columns, "Identifier")
        participant = _PARTICIPANT.fullmatch(identifier)
        ids = [identifier, _at(row, columns, "Email address"), _at(row, columns, "ID number"), participant[1] if participant else ""]
        keys.append(RowKeys(ids=ids, name=_at(row, columns, "Full name")))
    return match_rows(keys, marks)


def _filled_row(row: Sequence[str], columns: Mapping[str, int], mark: Mark) -> tuple[str, ...]:
    cells = list(row)
    for title, text in (("Grade", scaled(mark, _maximum(row, columns))), ("Feedback comments", _comment(mark))):
        if title in columns:
            cells[columns[title]] = text
    return tuple(cells)


def _comment(mark: Mark) -> str:
    """Return the feedback as Moodle takes it, which is HTML."""
    paragraphs = [submission_text(mark.result), *map(plain, mark.result.notes)]
    return html.escape("\n\n".join(paragraphs), quote=False).replace("\n", "<br>")


def _maximum(row: Sequence[str], columns: Mapping[str, int]) -> float | None:
    return number(_at(row, columns, "Maximum grade"))


def _at(row: Sequence[str], columns: Mapping[str, int], title: str) -> str:
    return row[columns[title]] if title in columns else ""


def _file_name(name: str) -> str:
    return _NO_FILE_NAME.sub(" ", visible(name)).strip()[:_MOST_NAME] or "Participant"
