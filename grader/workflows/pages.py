"""The pages of a course: a student's page as its result arrives, then an index and a class report over all."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from grader.errors import OutputError
from grader.grading.bundle import Bundle
from grader.grading.grade import log_problem
from grader.reports.class_report import Earlier, class_parts
from grader.reports.class_row import Answer, ClassRow, class_row
from grader.reports.html import IndexRow, index_parts, render_submission
from grader.reports.language import Language
from grader.reports.outline import Outlines, marks_alone
from grader.reports.similarity import fingerprints
from grader.results import SubmissionResult


class Pages:
    """The pages in one folder; of each result it keeps only what the index and the class report need."""

    def __init__(self, out: Path, *, lang: Language, bundles: Iterable[Bundle] = ()) -> None:
        self.index = out / "index.html"
        self.rows: list[IndexRow] = []
        self._out = out
        self._lang = lang
        self._class: list[ClassRow] = []
        self._outlines = Outlines()
        self._answers: dict[Answer, Answer] = {}
        self._usual = {bundle.name: _usual_prints(bundle) for bundle in bundles}

    def add(self, result: SubmissionResult, folder: str) -> None:
        """Write a submission's page into its folder, and count it in; where grader trips over what it would show, only the marks."""
        href = f"{folder}/feedback.html"
        try:
            page, row = self._drawn(result, href)
        except Exception as problem:  # noqa: BLE001 - what we did not foresee in one submission must not cost all the others
            log_problem(problem)
            result = _only_marks(result)
            page, row = self._drawn(result, href)
        _write(self._out / href, [page])
        self.rows.append(IndexRow(result=self._outlines.of(result), href=href))
        self._class.append(replace(row, answers=tuple(self._answers.setdefault(answer, answer) for answer in row.answers)))

    def _drawn(self, result: SubmissionResult, href: str) -> tuple[str, ClassRow]:
        return render_submission(result, language=self._lang), class_row(result, href=href, usual=self._usual.get(result.assignment, ()))

    def finish(self, earlier: Earlier | None = None) -> None:
        """Write the class report and the index; `earlier` are the marks of earlier attempts, see `class_parts`.

        Raises:
            OutputError: they cannot be written.
        """
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        with writing_into(self._out):
            _write(self._out / "class.html", class_parts(self._class, generated_at=now, earlier=earlier, language=self._lang))
            _write(self.index, index_parts(self.rows, generated_at=now, class_report="class.html", language=self._lang))


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Name the folder where something cannot be written into it; the system's own error names nothing when the disk is full.

    Raises:
        OutputError: instead of OSError.
    """
    try:
        yield
    except OSError as error:
        message = f"Reports cannot be written into {folder}: {error.strerror}. Everything that is in the gradebook is kept."
        raise OutputError(message) from error


def _write(path: Path, parts: Iterable[str]) -> None:
    """Write a page that is complete, or leave the one that was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".{path.stem}-{uuid4().hex}"
    try:
        with unfinished.open("x", encoding="utf-8", errors="replace") as file:
            file.writelines(parts)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _only_marks(result: SubmissionResult) -> SubmissionResult:
    message = "The marks count, but grader tripped over what else this page would show; the log says where."
    return result.model_copy(update={"questions": tuple(map(marks_alone, result.questions)), "cells": (), "message": message})


def _usual_prints(bundle: Bundle) -> frozenset[int]:
    """Return the fingerprints of the code that says nothing about who wrote it: stubs and the reference."""
    return frozenset(one for question in bundle.questions for source in (question.stub, question.reference) for one in fingerprints(source))
