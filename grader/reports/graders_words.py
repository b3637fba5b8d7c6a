"""What grading itself says in a result, in another language; sentences of an assignment's author and of Python stay as they are."""

import re
from functools import cache
from gettext import NullTranslations

from grader.reports.language import ENGLISH, later
from grader.results import CaseResult, CellResult, Diagnosis, QuestionResult, SubmissionResult

_MOST_CHARACTERS = 400
SAID = (
    later("element {place}: expected {one}, got {other}; {count} of {total} elements differ in being finite"),
    later("element {place}: expected {one}, got {other}; {count} of {total} elements differ, largest error {error}"),
    later("element {place}: expected {one}, got {other}; {count} of {total} elements differ"),
    later("expected shape {one}, got {other}: transposed?"),
    later("expected shape {one}, got {other}"),
    later("expected dtype {one}, got {other}"),
    later("expected {one} to be raised, but a value was returned"),
    later("expected {one} to be raised, got {other}"),
    later("expected {one} of length {length}, got length {other}"),
    later("expected {one} on {device}, got one on {other}"),
    later("expected {one}, got {other}; they differ from character {place} on"),
    later("expected {one}, got {other}"),
    later("returned {one} where {other} was expected"),
    later("the expected answer is {one}, with which nothing can be compared"),
    later("the key {one} is missing"),
    later("the key {one} is not expected"),
    later("no answer within {seconds} seconds"),
    later("not run, because case {name} did not finish"),
    later("your answer could not be read: {reason}"),
    later("your code changes its input {names}: whoever called it still needs it as it was"),
    later("your code raised {name}"),
    later("your code crashed the Python process ({reason})"),
    later("the Python process was killed ({reason})"),
    later("your code ended the Python process (exit status {status})"),
    later("your code used more than {size} GiB of memory"),
    later("your code used more GPU memory than its share"),
    later("your code made a mistake on the GPU after which nothing works there any more, often an index that is out of range: run it on the CPU to see which"),
    later("this cell ran for more than {seconds} seconds"),
    later("A hidden case: {message}"),
    later("Your code uses {names}: this question asks you to do without."),
    later("Your own code is right: it went wrong only because of {names}."),
    later("The notebook does not define `{name}`."),
    later("You returned {one} where {other} was asked; accepted here."),
    later("A locked cell was missing and was put back: the one that begins `{text}`."),
    later("A locked cell had been changed and was restored: the one that begins `{text}`."),
    later("{name}: {count} cells define it; the last one counts."),
    later("{name}: the answer was found in the cell of another question."),
    later("{name}: its cell is a text cell, so it does not run; turn it into a code cell."),
    later("A cell is marked for the question {name}, which this assignment does not have."),
    later("{name}: your instructor gave {score} of {points} points; grading gave {graded}."),
    later("Your instructor set the mark to {score} of {points} points; grading gave {graded}."),
    later("Handed in up to a day late: {points} points are taken off."),
    later("Handed in up to {days} days late: {points} points are taken off."),
    later("It was handed in late, says the learning platform."),
    later("Another file was set aside: {name}."),
    later("it is not clear which assignment this is: name the file after one of {names}"),
    later("this is the notebook of {name}, handed in as {other}"),
    later("set aside: it has nothing in common with {assignment}, and {name} of the same student has"),
    later("set aside: {name} of the same student for {assignment} is newer"),
    later("no notebook was handed in; found instead: {names}"),
    later("this is a link that leads nowhere: hand in the file itself"),
    later("this is a link that leads out of the folder: hand in the file itself"),
    later("this is no ordinary file"),
    later("the file cannot be opened: {reason}"),
    later("the file is larger than {size} MB: clear all outputs, save the notebook and hand it in again"),
    later("the file is empty: save the notebook and hand in the .ipynb file itself"),
    later("this is a binary file, or a notebook that was damaged on its way: open it in Jupyter, save it, and hand it in again"),
    later("this is a zip archive (or an office document), not a notebook: hand in the .ipynb file that is inside it"),
    later("this is an empty zip archive, not a notebook: hand in the .ipynb file itself"),
    later("this is a {kind} archive, not a notebook: hand in the .ipynb file that is inside it"),
    later("this is a PDF, not a notebook: hand in the .ipynb file itself"),
    later("this is a web page, not a notebook: perhaps the login page of the learning platform was saved in its place; download the notebook again"),
    later("this is a Git LFS pointer, not a notebook: run `git lfs pull` and hand in the .ipynb file itself"),
    later(
        "the file holds an unresolved merge conflict (a line that begins with <<<<<<<): resolve it, open the notebook to see that it works, and hand it in again"
    ),
    later("this is a Python file, not a notebook: hand in the .ipynb file itself (in Colab: File > Download > Download .ipynb)"),
    later("this is a text file, not a notebook: hand in the .ipynb file itself"),
    later("the file ends in the middle (line {line}): it was cut off while it was saved or uploaded; hand in the .ipynb file itself again"),
    later("the JSON is broken at line {line}, column {column} ({reason}): open the notebook in Jupyter, save it, and hand it in again"),
    later("it is encrypted: hand it in without a password"),
    later("its name has control characters: rename it and hand it in again"),
    later("this is a link or a device, not a file: hand in the file itself"),
    later("it is compressed in an unusual way: hand in the .ipynb file itself"),
    later("it unpacks to more than {ratio} times its size: clear all outputs, save the notebook and hand it in again"),
    later("another file differs from it only in capitals: {name}"),
    later("it is damaged in the archive ({reason})"),
    later("the notebook does not define it"),
    later("the time for the whole notebook was used up"),
    later("not run, because an earlier hidden case did not finish"),
    later("no gradient reaches this tensor: it is cut off from what it was computed from"),
    later("your answer has parts that are no values, such as a generator or a function"),
    later("the answer is larger than allowed"),
    later("the answer has not the agreed form"),
    later("the answer is of another type than was asked for"),
    later("the answer is put together in another way than was asked for"),
    later("the shape differs"),
    later("the dtype differs"),
    later("the device differs"),
    later("a gradient is cut off"),
    later("NaN or infinity where there should be a number, or the other way round"),
    later("the values differ"),
    later("the exception that was asked for is not raised"),
    later("an input is changed"),
    later("something is used that this question asks to do without"),
    later("something that must hold for every right answer does not"),
    later("There is no cell for this question in the notebook."),
    later("The cell is as it was handed out."),
    later("The cell still raises NotImplementedError."),
    later("a bool"),
    later("an int"),
    later("a float"),
    later("a string"),
    later("a list"),
    later("a tuple"),
    later("a dict"),
    later("a tensor"),
    later("a 0-dim tensor"),
    later("a NumPy array"),
    later("a 0-dim NumPy array"),
    later("a NumPy scalar"),
)
"""The forms of these sentences, the more exact ones first; `tests/reports` reads those of `grader.grading`'s readings from its source."""


def translated(result: SubmissionResult, tr: NullTranslations) -> SubmissionResult:
    """Return the result with the sentences that grading made in the language of the catalogue."""
    if tr is ENGLISH:
        return result
    update = {
        "message": sentence(result.message, tr),
        "notes": tuple(sentence(note, tr) for note in result.notes),
        "questions": tuple(_question(question, tr) for question in result.questions),
        "cells": tuple(_cell(cell, tr) for cell in result.cells),
    }
    return result.model_copy(update=update)


def sentence(text: str, tr: NullTranslations) -> str:
    """Return the translation of a sentence that grading makes, or the sentence itself."""
    if not text or tr is ENGLISH:
        return text
    if (said := tr.gettext(text)) != text:
        return said
    if len(text) > _MOST_CHARACTERS:  # a student's own words can be made so that searching them takes for ever
        return text
    for form, message in _forms():
        if match := form.fullmatch(text):
            return tr.gettext(message).format(**{name: sentence(part, tr) for name, part in match.groupdict().items()})
    return text


def diagnosed(hint: Diagnosis | None, tr: NullTranslations) -> Diagnosis | None:
    """Return a generic reading in the language of the catalogue; a known mistake's hint is its author's."""
    if hint is None or hint.source == "known mistake":
        return hint
    return hint.model_copy(update={"hint": sentence(hint.hint, tr), "where": sentence(hint.where, tr)})


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(_form(message), re.DOTALL), message) for message in SAID if "{" in message)


def _form(message: str) -> str:
    parts = re.split(r"\{(\w+)\}", message)
    return "".join(re.escape(part) if number % 2 == 0 else f"(?P<{part}>.+?)" for number, part in enumerate(parts))


def _question(question: QuestionResult, tr: NullTranslations) -> QuestionResult:
    update = {
        "message": _of_question(question, tr),
        "diagnosis": diagnosed(question.diagnosis, tr),
        "cases": tuple(_case(case, tr) for case in question.cases),
    }
    return question.model_copy(update=update)


def _of_question(question: QuestionResult, tr: NullTranslations) -> str:
    """Return a question's message; where it repeats that of a public case, the case's name stays in front."""
    for case in question.cases:
        if case.message and question.message == f"{case.name}: {case.message}":
            return f"{case.name}: {_of_case(case, tr)}"
    return sentence(question.message, tr)


def _of_case(case: CaseResult, tr: NullTranslations) -> str:
    is_authors = case.difference is not None and case.difference.kind == "property"
    is_pythons = bool(case.error_type) and case.message.startswith(case.error_type)
    return case.message if is_authors or is_pythons else sentence(case.message, tr)


def _case(case: CaseResult, tr: NullTranslations) -> CaseResult:
    difference = case.difference
    if difference is not None and difference.kind != "property":
        difference = difference.model_copy(update={"message": sentence(difference.message, tr)})
    update = {
        "message": _of_case(case, tr),
        "difference": difference,
        "diagnosis": diagnosed(case.diagnosis, tr),
        "notes": tuple(sentence(note, tr) for note in case.notes),
    }
    return case.model_copy(update=update)


def _cell(cell: CellResult, tr: NullTranslations) -> CellResult:
    return cell if cell.error else cell.model_copy(update={"message": sentence(cell.message, tr)})
