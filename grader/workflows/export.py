"""`grader export`: marks from the gradebook in the format of another program."""

import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path

from grader.errors import SettingsError
from grader.gradebook.book import Gradebook
from grader.gradebook.records import Marked, Student
from grader.gradebook.shown import shown
from grader.reports.exports.canvas import fill_canvas
from grader.reports.exports.check50 import check50_json
from grader.reports.exports.classroom import classroom_output
from grader.reports.exports.csv_table import csv_table
from grader.reports.exports.filled import Filled
from grader.reports.exports.formats import Format
from grader.reports.exports.github import annotations, step_summary
from grader.reports.exports.gradescope import gradescope_json
from grader.reports.exports.json_lines import json_lines
from grader.reports.exports.junit import junit_xml
from grader.reports.exports.marks import Mark, mark_of
from grader.reports.exports.moodle import fill_moodle, moodle_feedback
from grader.reports.exports.nbgrader import nbgrader_csv
from grader.reports.filenames import report_name
from grader.reports.html import render_submission
from grader.reports.json_result import read_result
from grader.reports.language import Language
from grader.settings import Settings
from grader.workflows.gradebook import open_gradebook

_TABLES: Mapping[Format, Callable[[Iterable[Mark]], Iterable[str]]] = {
    Format.CSV: lambda marks: [csv_table(marks)],
    Format.JSON_LINES: json_lines,
    Format.NBGRADER: lambda marks: [nbgrader_csv(marks)],
    Format.JUNIT: lambda marks: junit_xml(marks, hostname=platform.node()),
    Format.GITHUB: annotations,
    Format.GITHUB_SUMMARY: lambda marks: [step_summary(marks)],
}
_SINGLE: Mapping[Format, Callable[[Mark], str]] = {
    Format.GRADESCOPE: gradescope_json,
    Format.CLASSROOM: classroom_output,
    Format.CHECK50: check50_json,
}


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """What to export as what, and where to; `template` is the file of a learning platform that is filled in."""

    format: Format
    assignment: str | None = None
    student: str | None = None
    template: Path | None = None
    column: str | None = None
    out: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What came of it: the text to print where no file was asked for, what to know, and what is missing from it."""

    text: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def export(request: ExportRequest, settings: Settings) -> Exported:
    """Write the marks that count now, overrides and late penalties included.

    Raises:
        SettingsError: the template, column or filter does not fit, or nothing has been graded.
        GradebookError: the gradebook cannot be read.
    """
    with open_gradebook(settings) as gradebook:
        asked = (_mark(marked) for marked in gradebook.current(request.assignment) if request.student in {None, *_names(marked.student)})
        marks = _at_least_one(asked, request, gradebook)
        if request.format not in {Format.CANVAS, Format.MOODLE, Format.MOODLE_FEEDBACK}:
            return Exported(text=_write_marks(request.format, marks, request.out), notes=_wrote(request.out))
        listed = [_without_questions(mark) if request.format is Format.CANVAS else mark for mark in marks]
    return _into_template(request, listed, language=settings.lang)


def _at_least_one(marks: Iterator[Mark], request: ExportRequest, gradebook: Gradebook) -> Iterator[Mark]:
    """Return the marks; raises SettingsError at once where there are none, before a file is opened."""
    first = next(marks, None)
    if first is None:
        raise SettingsError(_why_none(request, gradebook))
    return chain([first], marks)


def _why_none(request: ExportRequest, gradebook: Gradebook) -> str:
    assignments = gradebook.assignments()
    students = {name for student in gradebook.students() for name in _names(student)}
    for what, said, known in (("assignment", request.assignment, assignments), ("student", request.student, students)):
        if said is not None and known and said not in known:
            close = get_close_matches(said, known)
            others = f"there are {', '.join(assignments)}." if what == "assignment" else "`grader students list` shows all."
            return f"The gradebook knows no {what} {said!r}; " + (f"did you mean {' or '.join(map(repr, close))}?" if close else others)
    whose = f" of {request.student}" if request.student else ""
    which = f" for {request.assignment}" if request.assignment else ""
    return f"The gradebook has no marks{whose}{which}: grade with `grader run` first."


def export_files(files: Iterable[Path], form: Format, *, out: Path | None = None) -> str:
    """Write the results of some `result.json` to a file, or return the text; a file that was set aside for another of the same student is left out.

    Raises:
        SettingsError: the format holds one submission, or the file cannot be written.
    """
    return _write_marks(form, _marks_of_files(files), out)


def _marks_of_files(files: Iterable[Path]) -> Iterator[Mark]:
    counting: dict[tuple[str, str, str], Path] = {}
    for file in files:
        result = read_result(file)
        key = (result.student, result.lms_id, result.assignment)
        if key not in counting or result.digest:
            counting[key] = file
    for file in counting.values():
        yield mark_of(read_result(file))


def _mark(marked: Marked) -> Mark:
    result = shown(marked)
    plain = mark_of(result)
    return replace(
        plain,
        score=marked.score if marked.override is not None else plain.score,
        raw_score=marked.graded if plain.raw_score is not None else None,
        late_penalty=marked.penalty,
        lms_id=marked.student.lms_id or result.lms_id,
        email=marked.student.email,
        submitted_at=marked.handed_in.isoformat(timespec="seconds"),
        due=marked.due.isoformat(timespec="seconds") if marked.due else "",
    )


def _without_questions(mark: Mark) -> Mark:
    """Return a mark without what it was given for, so that those of a large class fit into memory."""
    return replace(mark, result=mark.result.model_copy(update={"questions": (), "cells": ()}))


def _names(student: Student) -> Collection[str]:
    return {name for name in (student.key, student.name, student.lms_id, student.email) if name}


def _into_template(request: ExportRequest, marks: list[Mark], *, language: Language) -> Exported:
    if request.template is None:
        what = "gradebook (Grades > Export)" if request.format is Format.CANVAS else "grading worksheet (Grading action > Download grading worksheet)"
        message = f"--template: {request.format} fills in the platform's own {what}; download it and say where it is."
        raise SettingsError(message)
    text, name = _read(request.template), str(request.template)
    if request.format is Format.MOODLE_FEEDBACK:
        if request.out is None:
            message = f"--out: {request.format} is a zip; say where to write it."
            raise SettingsError(message)
        files = moodle_feedback(text, marks, page=lambda result: render_submission(result, language=language), name=name)
        _write(request.out, [files.data])
        return Exported(notes=(f"{files.count} page{'s' * (files.count != 1)} of feedback.", *_wrote(request.out)), problems=files.problems)
    filled = _fill(request, text, marks, name)
    notes = (*filled.notes, f"{filled.count} of {len(marks)} marks were filled in.", *_wrote(request.out))
    return Exported(text=_written([filled.text], request.out), notes=notes, problems=filled.problems)


def _fill(request: ExportRequest, text: str, marks: list[Mark], name: str) -> Filled:
    if request.format is Format.CANVAS:
        return fill_canvas(text, marks, name=name, column=request.column)
    return fill_moodle(text, marks, name=name)


def _write_marks(form: Format, marks: Iterator[Mark], out: Path | None) -> str:
    """Write marks to a file, or each to one of its own in a folder where a file holds only one; return the text where there is no file."""
    if form in _TABLES:
        return _written(_TABLES[form](marks), out)
    first = list(islice(marks, 2))
    if len(first) == 1:
        return _written([_SINGLE[form](first[0])], out)
    if out is None or out.is_file():
        count = len(first) + sum(1 for _ in marks)
        message = f"{form} holds one submission, and there are {count}: say --student and --assignment, or a folder to write them into."
        raise SettingsError(message)
    for mark in chain(first, marks):
        _write(out / f"{report_name(mark.student, mark.assignment)}.json", [_SINGLE[form](mark).encode()])
    return ""


def _written(parts: Iterable[str], out: Path | None) -> str:
    """Write text to a file, part by part, or return it where there is no file."""
    if out is None:
        return "".join(parts)
    _write(out, (part.encode("utf-8", "replace") for part in parts))
    return ""


def _write(path: Path, parts: Iterable[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(parts)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SettingsError(message) from error


def _wrote(out: Path | None) -> tuple[str, ...]:
    return () if out is None else (f"Wrote {out}",)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8: take the file as the learning platform gave it, not one that a spreadsheet has saved."
        raise SettingsError(message) from error
