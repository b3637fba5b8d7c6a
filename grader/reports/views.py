"""What the pages show of a result: cases sorted into those explained, folded, and only counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from gettext import NullTranslations

from markupsafe import Markup

from grader.reports import wording
from grader.reports.language import later
from grader.reports.markup import code
from grader.reports.numbers import Comparison, Entries, comparison, entries
from grader.reports.outputs import Block, blocks
from grader.reports.safe_text import plain
from grader.results import CaseResult, CellResult, Diagnosis, QuestionResult, Shown, SubmissionResult, Verdict

MOST_EXPLAINED = 2
_NOT_FINISHED = {Verdict.TIMEOUT, Verdict.DIED}
MOST_CELLS = 20

_HIDDEN_GROUPS = {"hidden": later("Hidden cases"), "edge": later("At the border")}

_CELL_STATUS = {
    "ok": later("ran through"),
    "error": later("stopped with an error"),
    "timeout": later("did not finish in time"),
    "died": later("ended the Python process"),
    "skipped": later("was left out in the second run, because it had stopped the first"),
    "not run": later("was not run"),
}


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A public case that did not pass, explained: every sentence once, inputs and answers as tables."""

    case: CaseResult
    mark: wording.Mark
    messages: tuple[str, ...]
    facts: str
    inputs: tuple[tuple[str, Shown, Entries | None], ...]
    answers: Comparison
    remark: str
    hint: Diagnosis | None


@dataclass(frozen=True, kw_only=True)
class Group:
    """How many cases of one group passed."""

    label: str
    passed: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """All that is told of hidden cases: how many came out how, and the hints."""

    groups: tuple[Group, ...]
    outcomes: str
    hints: tuple[Diagnosis, ...]
    alone: bool


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """One question's section; `explained` cases come with tables, `brief` ones with a sentence, `passed` ones are folded."""

    question: QuestionResult
    anchor: str
    mark: wording.Mark
    message: str
    hint: Diagnosis | None
    explained: tuple[CaseView, ...]
    brief: tuple[CaseView, ...]
    passed: tuple[CaseResult, ...]
    hidden: Hidden | None
    code: Markup | None


@dataclass(frozen=True, kw_only=True)
class CellView:
    """A cell that did not run through; `question` is the number of the section that shows its code already."""

    title: str
    status: str
    message: str
    code: Markup | None
    outputs: tuple[Block, ...]


def view_questions(result: SubmissionResult, tr: NullTranslations) -> list[QuestionView]:
    """Return the sections of a page, in the notebook's order."""
    return [_view_question(question, tr, anchor=f"question-{number}") for number, question in enumerate(result.questions, start=1)]


def view_cells(result: SubmissionResult, tr: NullTranslations) -> list[CellView]:
    """Return the first cells that did not run through; code that a question's section shows is not shown again."""
    shown_already = {question.code.strip() for question in result.questions}
    failed = [cell for cell in result.cells if cell.status != "ok"]
    return [_view_cell(cell, number, tr, with_code=cell.source.strip() not in {"", *shown_already}) for number, cell in enumerate(failed[:MOST_CELLS], start=1)]


def _view_question(question: QuestionResult, tr: NullTranslations, *, anchor: str) -> QuestionView:
    public = [case for case in question.cases if case.group == "public"]
    failing = [case for case in public if case.verdict is not Verdict.PASSED]
    told = {_words(question.diagnosis)}
    views = [_view_case(case, told, tr) for case in failing]
    # After a case that did not finish the others were not run: there is nothing to explain in them.
    most = 1 if question.verdict in _NOT_FINISHED else MOST_EXPLAINED
    return QuestionView(
        question=question,
        anchor=anchor,
        mark=wording.mark_question(question, tr),
        message="" if question.message in [f"{case.name}: {case.message}" for case in failing] else plain(question.message),
        hint=question.diagnosis,
        explained=tuple(views[:most]),
        brief=tuple(views[most:]),
        passed=tuple(case for case in public if case.verdict is Verdict.PASSED),
        hidden=_view_hidden(question, told, tr, alone=bool(public) and not failing),
        code=code(question.code, marked_line=question.error_line) if question.code.strip() else None,
    )


def _view_case(case: CaseResult, told: set[str], tr: NullTranslations) -> CaseView:
    messages = [case.message, case.difference.message if case.difference else ""]
    if case.error_type and case.error_type not in case.message:
        messages.insert(0, tr.gettext("Your code raised {error}.").format(error=case.error_type))
    words = tuple(dict.fromkeys(_sentence(plain(message)) for message in messages if message))
    hint = case.diagnosis if case.diagnosis and _words(case.diagnosis) not in told else None
    told.add(_words(hint))
    return CaseView(
        case=case,
        mark=wording.mark_case(case, tr),
        messages=words,
        facts=_facts(case, words, tr),
        inputs=tuple((name, shown, entries(shown)) for name, shown in case.inputs.items()),
        answers=comparison(case.expected, case.got),
        remark=_remark(case.expected, case.got, tr),
        hint=hint,
    )


def _sentence(words: str) -> str:
    """Return the words with a capital, unless they begin with a name."""
    first = words.partition(" ")[0]
    return words[:1].upper() + words[1:] if first.isalpha() else words


def _facts(case: CaseResult, messages: Iterable[str], tr: NullTranslations) -> str:
    """Return what the record knows of the difference and no message has said."""
    difference = case.difference
    if difference is None:
        return ""
    said = " ".join(messages)
    parts = []
    if difference.differing is not None and (difference.total or 0) > 1:
        parts.append(tr.gettext("{count} of {total} elements differ").format(count=difference.differing, total=difference.total))
    if difference.first_index and (index := f"[{', '.join(map(str, difference.first_index))}]") not in said:
        parts.append(tr.gettext("first at `{index}`").format(index=index))
    if difference.largest_error is not None:
        parts.append(tr.gettext("largest error {error}").format(error=f"{difference.largest_error:.2g}"))
    if difference.path:
        parts.append(tr.gettext("in `{path}` of the answer").format(path=difference.path))
    line = tr.gettext(", ").join(part for part in parts if part not in said)
    return tr.gettext("{sentence}.").format(sentence=_sentence(line)) if line else ""


def _remark(expected: Shown | None, got: Shown | None, tr: NullTranslations) -> str:
    if expected is None or got is None or expected.shape is None or got.shape is None:
        return ""
    if expected.shape != got.shape:
        return tr.gettext("another shape")
    return tr.gettext("another dtype") if expected.dtype != got.dtype else ""


def _view_hidden(question: QuestionResult, told: set[str], tr: NullTranslations, *, alone: bool) -> Hidden | None:
    hidden = [case for case in question.cases if case.group != "public"]
    if not hidden:
        return None
    hints = {_words(case.diagnosis): case.diagnosis for case in hidden if case.diagnosis is not None and _words(case.diagnosis) not in told}
    return Hidden(
        groups=tuple(_count_hidden(question, tr)),
        outcomes=wording.outcomes(hidden, tr),
        hints=tuple(hints.values()),
        alone=alone,
    )


def _count_hidden(question: QuestionResult, tr: NullTranslations) -> Iterable[Group]:
    for name, label in _HIDDEN_GROUPS.items():
        cases = [case for case in question.cases if case.group == name]
        if cases:
            yield Group(label=tr.gettext(label), passed=sum(case.verdict is Verdict.PASSED for case in cases), total=len(cases))


def _words(hint: Diagnosis | None) -> str:
    return hint.hint.strip() if hint else ""


def _view_cell(cell: CellResult, number: int, tr: NullTranslations, *, with_code: bool) -> CellView:
    first_line = next((line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#|")), "")
    return CellView(
        title=f"`{plain(first_line.strip())[:60]}`" if first_line and "`" not in first_line else tr.gettext("Cell {number}").format(number=number),
        status=tr.gettext(_CELL_STATUS[cell.status]),
        message=plain(": ".join(part for part in (cell.error, cell.message) if part)),
        code=code(cell.source) if with_code else None,
        outputs=tuple(blocks(cell.outputs, tr)),
    )
