"""What people are told of a case: all of a public one, of a hidden one nothing that gives its inputs or the answer away."""

import builtins
import hashlib
from collections.abc import Mapping, Sequence

from grader.execution.answers import Answer, Died, Frame, Raised, Returned
from grader.execution.limits import GPU_MEMORY_USED_UP
from grader.grading.bundle import BundledCase
from grader.grading.judge import Asked, Judgement
from grader.grading.show import show
from grader.notebooks.cells import cell_digest
from grader.results import CaseResult, Diagnosis, Differing, Located, Shown, Verdict
from grader.values.codec import digest

_NEUTRAL = {
    "type": "the answer is of another type than was asked for",
    "structure": "the answer is put together in another way than was asked for",
    "shape": "the shape differs",
    "dtype": "the dtype differs",
    "device": "the device differs",
    "gradient": "a gradient is cut off",
    "finiteness": "NaN or infinity where there should be a number, or the other way round",
    "value": "the values differ",
    "exception": "the exception that was asked for is not raised",
    "mutated": "an input is changed",
    "forbidden": "something is used that this question asks to do without",
    "property": "something that must hold for every right answer does not",
}
_FRAMES_WITHOUT_NAME = frozenset({"<module>", "<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
_DIGEST_LENGTH = 16
_MOST_OF_A_LINE = 500  # a hundred frames of each case may stand in one line, which may be all of a cell


def case_result(asked: Asked, diagnosis: Diagnosis | None, sources: Mapping[str, str]) -> CaseResult:
    """Return the record of a case; `sources` are the student's cells by their digest."""
    case, answer, judgement = asked.case, asked.answer, asked.judgement
    is_public = case.group == "public"
    return CaseResult(
        name=case.name,
        group=case.group,
        verdict=judgement.verdict,
        message=judgement.message if is_public else _neutral_message(judgement, answer),
        difference=judgement.difference if is_public else _neutral(judgement.difference),
        diagnosis=diagnosis,
        inputs=dict(case.shown_inputs) if is_public else {},
        expected=_expected(case, judgement) if is_public else None,
        got=_got(answer, judgement) if is_public else None,
        error_type=(answer.types[0] if is_public and answer.types else exception_name(answer)) if isinstance(answer, Raised) else "",
        frames=_frames(answer.frames, sources, is_public=is_public) if isinstance(answer, Raised) else (),
        notes=judgement.notes,
        got_digest="" if judgement.verdict is Verdict.PASSED else _got_digest(answer),
        seconds=answer.seconds if is_public and isinstance(answer, Returned | Raised) else 0.0,
    )


def _frames(frames: Sequence[Frame], sources: Mapping[str, str], *, is_public: bool) -> tuple[Located, ...]:
    """Return where an exception came from; of a hidden case no more than one line, since the way there can spell out an input."""
    found = located(frames, sources)
    return found if is_public else found[-1:]


def located(frames: Sequence[Frame], sources: Mapping[str, str]) -> tuple[Located, ...]:
    """Return those lines of a traceback that stand in the student's cells, with the text that stands there in truth."""
    found = []
    lines_of = {digest: sources.get(digest, "").splitlines() for digest in {frame.cell_digest for frame in frames}}
    for frame in frames:
        lines = lines_of[frame.cell_digest]
        if not 0 < frame.line <= len(lines):
            continue
        is_there = frame.function in sources[frame.cell_digest] or frame.function in _FRAMES_WITHOUT_NAME
        found.append(Located(function=frame.function if is_there else "", line=frame.line, text=lines[frame.line - 1].strip()[:_MOST_OF_A_LINE]))
    return tuple(found)


def sources_by_digest(sources: Sequence[str]) -> dict[str, str]:
    """Return cells' sources by the digest that tracebacks name them with."""
    return {cell_digest(source): source for source in sources}


def exception_name(raised: Raised) -> str:
    """Return the closest built-in class of an exception: a class of the student's own can have any name, hidden numbers included."""
    return next((name for name in raised.types if isinstance(getattr(builtins, name, None), type)), "Exception")


def _neutral_message(judgement: Judgement, answer: Answer | None) -> str:
    if judgement.difference is not None:
        return _neutral_sentence(judgement.difference)
    if isinstance(answer, Died):  # which status or signal it was is the student's own choice, and would tell a byte of an input
        return judgement.message.partition(" (")[0]
    if isinstance(answer, Raised) and GPU_MEMORY_USED_UP in answer.message:
        return GPU_MEMORY_USED_UP
    return f"your code raised {exception_name(answer)}" if isinstance(answer, Raised) and judgement.verdict is Verdict.ERROR else judgement.message


def _neutral(difference: Differing | None) -> Differing | None:
    return None if difference is None else Differing(kind=difference.kind, message=_neutral_sentence(difference))


def _neutral_sentence(difference: Differing) -> str:
    # A check's sentence is the author's own and meant for students; one that was made with numbers of the case is not repeated.
    if difference.kind == "property" and not any(character.isdigit() for character in difference.message):
        return difference.message
    return _NEUTRAL[difference.kind]


def _expected(case: BundledCase, judgement: Judgement) -> Shown | None:
    if case.check is not None:  # many answers are right: none is the expected one
        return None
    if isinstance(case.expected, Raised):
        return Shown(text=f"raises {case.expected.types[0]}")
    return show(case.expected.value, path=_path(judgement))


def _got(answer: Answer | None, judgement: Judgement) -> Shown | None:
    return show(answer.value, path=_path(judgement)) if isinstance(answer, Returned) else None


def _path(judgement: Judgement) -> str:
    return "" if judgement.difference is None else judgement.difference.path


def _got_digest(answer: Answer | None) -> str:
    match answer:
        case Returned():
            return digest(answer.value)[:_DIGEST_LENGTH]
        case Raised():
            return hashlib.sha256(f"{answer.types}{answer.message}".encode(errors="replace")).hexdigest()[:_DIGEST_LENGTH]
        case _:
            return ""
