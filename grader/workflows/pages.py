"""The pages of a course: a student's page as its result arrives, then an index and a class report over all."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from grader.grading.bundle import Bundle
from grader.reports.class_report import Earlier, render_class
from grader.reports.class_row import ClassRow, class_row
from grader.reports.html import IndexRow, render_index, render_submission
from grader.reports.language import Language
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
        self._usual = {bundle.name: _usual_prints(bundle) for bundle in bundles}

    def add(self, result: SubmissionResult, folder: str) -> None:
        """Write a submission's page into its folder, and count it in."""
        href = f"{folder}/feedback.html"
        _write(self._out / href, render_submission(result, language=self._lang))
        self.rows.append(IndexRow(result=_without_cases(result), href=href))
        self._class.append(class_row(result, href=href, usual=self._usual.get(result.assignment, ())))

    def finish(self, earlier: Earlier | None = None) -> None:
        """Write the class report and the index; `earlier` are the marks of earlier attempts, see `render_class`."""
        now = datetime.now(UTC).isoformat(timespec="minutes")
        _write(self._out / "class.html", render_class(self._class, generated_at=now, earlier=earlier, language=self._lang))
        _write(self.index, render_index(self.rows, generated_at=now, class_report="class.html", language=self._lang))


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8", errors="replace")


def _usual_prints(bundle: Bundle) -> frozenset[int]:
    """Return the fingerprints of the code that says nothing about who wrote it: stubs and the reference."""
    return frozenset(one for question in bundle.questions for source in (question.stub, question.reference) for one in fingerprints(source))


def _without_cases(result: SubmissionResult) -> SubmissionResult:
    """Return what an index needs of a result, so that a large class fits into memory."""
    questions = tuple(question.model_copy(update={"cases": (), "code": ""}) for question in result.questions)
    return result.model_copy(update={"questions": questions, "cells": ()})
