"""`grader demo`: a class of made-up students whose marks are known before anything is graded."""

import ast
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from grader.authoring.load import load_assignment
from grader.authoring.mistaken import mistaken_cell
from grader.authoring.question import Question
from grader.errors import SettingsError
from grader.execution.answers import Raised
from grader.execution.sandbox.choose import choose_tier
from grader.grading.bundle import Bundle, BundledCase, BundledQuestion, Outcome
from grader.grading.forbids import forbidden_uses
from grader.grading.judge import judge
from grader.grading.kill_matrix import kill_matrix
from grader.grading.scoring import Mark, question_score
from grader.notebooks.solution import notebook_path
from grader.release.student_notebook import split_notebook, student_notebook
from grader.results import Verdict
from grader.scheduling.slots import LocalSlots
from grader.settings import Settings
from grader.workflows.course import find_assignments, load_bundle

_TRUTH = "truth.json"

_FIRST = ("right", "slip", "right", "several", "unfinished", "error", "slip", "hang", "right", "crash", "empty", "slip")
"""The first students, so that a small class shows every kind."""

_WEIGHTS = {"right": 30, "slip": 40, "several": 12, "unfinished": 9, "error": 4, "empty": 2, "crash": 2, "hang": 1}
"""How often each kind of student is among the others."""

_GROUPS = ("public", "hidden", "edge")
_TYPO = Raised(types=("NameError", "Exception", "BaseException", "object"), message="name 'hiden' is not defined", frames=())
_FAULTS = {
    "syntax": "{right}\n)\n",
    "typo": "#| question: {question}\ndef {entry}(*args, **kwargs):\n    return hiden\n",
    "hang": "#| question: {question}\ndef {entry}(*args, **kwargs):\n    while True:\n        pass\n",
    "crash": "#| question: {question}\nimport os\n\n\ndef {entry}(*args, **kwargs):\n    os.abort()\n",
    "crash in its cell": "#| question: {question}\nimport os\n\nos._exit(1)\n",
}
_FAULTS_OF = {"error": ("syntax", "typo"), "hang": ("hang",), "crash": ("crash", "crash in its cell")}
_FAULT_VERDICTS = {"syntax": Verdict.ERROR, "hang": Verdict.TIMEOUT, "crash": Verdict.DIED, "crash in its cell": Verdict.ERROR}


@dataclass(frozen=True, kw_only=True)
class TrueAnswer:
    """What one answer is and what it must get; `verdict` is empty where it hangs on a question before it that went wrong."""

    name: str
    kind: str
    score: float
    verdict: str


@dataclass(frozen=True, kw_only=True)
class TrueMarks:
    """What one notebook must get; `path` is relative to the folder of the class."""

    student: str
    assignment: str
    path: str
    kind: str
    score: float
    questions: tuple[TrueAnswer, ...]


async def demo(names: Sequence[str], settings: Settings, *, students: int, seed: int, out: Path) -> list[TrueMarks]:
    """Write the notebooks of a class, one folder a student, and `truth.json` with the marks that they must get; return those marks.

    An earlier class in the folder is taken away.

    Raises:
        SettingsError: there is no such assignment, or something else is in the folder.
        AuthorError: an assignment cannot be built.
    """
    truth: list[TrueMarks] = []
    assignments = find_assignments(settings.solutions, names)
    earlier = _earlier_class(out)
    async with LocalSlots(tier=choose_tier(settings.sandbox), count=1) as slots:
        bundles = {name: await load_bundle(folder, slots, settings.cache) for name, folder in assignments.items()}
        _take_away(earlier)
        for name, folder in assignments.items():
            maker = _Maker(folder, bundles[name], out)
            truth += [maker.make(number, Random(f"{seed}/{name}/{number}")) for number in range(students)]  # noqa: S311 - the same class for the same seed
    (out / _TRUTH).write_text(json.dumps([asdict(marks) for marks in truth], indent=1), encoding="utf-8")
    return truth


def _earlier_class(out: Path) -> list[Path]:
    """Return the notebooks that an earlier call wrote into a folder.

    Raises:
        SettingsError: what is in the folder is no class that was made up.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return []
    try:
        listed = {marks["path"] for marks in json.loads((out / _TRUTH).read_text(encoding="utf-8"))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{out} is there already, and is no class that `grader demo` made up; choose another folder with --out, or remove it first."
        raise SettingsError(message) from error
    return [path for path in out.glob("student*/*.ipynb") if path.relative_to(out).as_posix() in listed]


def _take_away(notebooks: Sequence[Path]) -> None:
    for notebook in notebooks:
        notebook.unlink()
    for folder in {notebook.parent for notebook in notebooks}:
        if not any(folder.iterdir()):
            folder.rmdir()


class _Maker:
    """Makes the notebooks of one assignment."""

    def __init__(self, folder: Path, bundle: Bundle, out: Path) -> None:
        self.bundle = bundle
        self.out = out
        self.released: dict[str, Any] = json.loads(student_notebook(split_notebook(notebook_path(folder))))
        self.answers = {
            question.name: _Answers(question, bundled) for question, bundled in zip(load_assignment(folder).questions, bundle.questions, strict=True)
        }

    def make(self, number: int, random: Random) -> TrueMarks:
        """Write one student's notebook and return the marks that it must get."""
        kind = _FIRST[number] if number < len(_FIRST) else random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        chosen = {name: self.answers[name].choose(what, random) for name, what in _what_to_write(kind, list(self.answers), random).items()}
        student = f"student{number:05}"
        path = Path(student) / f"{self.bundle.name}.ipynb"
        self._write(self.out / path, {name: source for name, (source, _) in chosen.items()})
        exact = {name: answer for name, (_, answer) in chosen.items()}
        wrong = {name for name, answer in exact.items() if answer.verdict != Verdict.PASSED}
        return TrueMarks(
            student=student,
            assignment=self.bundle.name,
            path=path.as_posix(),
            kind=kind,
            score=round(sum(answer.score for answer in exact.values()), 2),
            questions=tuple(self._settled(question, exact[question.name], wrong) for question in self.bundle.questions),
        )

    def _settled(self, question: BundledQuestion, answer: TrueAnswer, wrong: Collection[str]) -> TrueAnswer:
        """Return the answer as it is reported: its score rounded, its verdict open where a question that it depends on is wrong."""
        depends = {other.name for other in self.bundle.questions if other.name in wrong} & _reached(self.bundle, question)
        verdict = "" if depends and answer.kind != "stub" else answer.verdict
        return TrueAnswer(name=answer.name, kind=answer.kind, score=round(answer.score, 2), verdict=verdict)

    def _write(self, path: Path, sources: Mapping[str, str]) -> None:
        cells = [cell | {"source": sources.get(cell["id"].removeprefix("q-"), cell["source"])} for cell in self.released["cells"]]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.released | {"cells": cells}), encoding="utf-8")


class _Answers:
    """The answers to one question and what they are worth."""

    def __init__(self, question: Question, bundled: BundledQuestion) -> None:
        self.bundled = bundled
        self.right = _styles(bundled)
        self.mistakes = {mistake.id: mistaken_cell(question, mistake) for mistake in question.mistakes}
        self.scores = {kill.mistake.id: kill.score for kill in kill_matrix(bundled).kills}

    def choose(self, what: str, random: Random) -> tuple[str, TrueAnswer]:
        """Return the source of a right, mistaken, untouched or faulty answer, and what it must get."""
        name = self.bundled.name
        if what == "stub":
            return self.bundled.stub, TrueAnswer(name=name, kind=what, score=0.0, verdict=Verdict.MISSING)
        if what == "mistake" and self.mistakes:
            mistake = random.choice(sorted(self.mistakes))
            if forbidden_uses(self.mistakes[mistake], [self.mistakes[mistake]], self.bundled.forbids):
                return self.mistakes[mistake], TrueAnswer(name=name, kind=f"forbidden {mistake}", score=0.0, verdict=Verdict.FAILED)
            verdict = _first_failing(self.bundled, {case.name: case.mistakes[mistake] for case in self.bundled.cases})
            return self.mistakes[mistake], TrueAnswer(name=name, kind=f"mistake {mistake}", score=self.scores[mistake], verdict=verdict)
        right = random.choice(self.right)
        if what not in _FAULTS:
            return right, TrueAnswer(name=name, kind="right", score=self.bundled.points, verdict=Verdict.PASSED)
        source = _FAULTS[what].format(right=right, question=name, entry=self.bundled.entry)
        if what != "typo":
            return source, TrueAnswer(name=name, kind=what, score=0.0, verdict=_FAULT_VERDICTS[what])
        marks = [Mark(group=case.group, points=case.points, credit=judge(case, _TYPO).credit) for case in self.bundled.cases]
        verdict = _first_failing(self.bundled, {case.name: _TYPO for case in self.bundled.cases})
        return source, TrueAnswer(name=name, kind=what, score=question_score(self.bundled.points, marks), verdict=verdict)


def _what_to_write(kind: str, names: Sequence[str], random: Random) -> dict[str, str]:
    """Return what a student of some kind writes for each question: right, mistake, stub, or a fault."""
    written = dict.fromkeys(names, "right")
    match kind:
        case "slip":
            written |= dict.fromkeys(random.sample(names, k=min(len(names), random.choice((1, 1, 2)))), "mistake")
        case "several":
            written = {name: random.choice(("right", "mistake")) for name in names}
        case "unfinished":
            written |= dict.fromkeys(names[random.randrange(len(names)) :], "stub")
        case "empty":
            written = dict.fromkeys(names, "stub")
        case "error" | "hang" | "crash":
            written[random.choice(names)] = random.choice(_FAULTS_OF[kind])
        case _:
            pass
    return written


def _styles(question: BundledQuestion) -> list[str]:
    """Return a right answer in several styles: as the reference, without its comments, and defined under another name first."""
    reference = "\n".join(line for line in question.reference.splitlines() if line.strip() not in {"### BEGIN SOLUTION", "### END SOLUTION"})
    header = f"#| question: {question.name}\n"
    bare = ast.parse(reference)
    draft = ast.parse(reference)
    for definition in draft.body:
        if isinstance(definition, ast.FunctionDef | ast.ClassDef) and definition.name == question.entry:
            definition.name = f"my_{question.entry}"
            return [reference, header + ast.unparse(bare), f"{header}{ast.unparse(draft)}\n\n{question.entry} = my_{question.entry}"]
    return [reference, header + ast.unparse(bare)]


def _first_failing(question: BundledQuestion, outcomes: Mapping[str, Outcome]) -> Verdict:
    """Return the verdict of the first case that fails, in the order in which cases are asked."""

    def place(case: BundledCase) -> int:
        return _GROUPS.index(case.group)

    verdicts = [judge(case, outcomes[case.name]).verdict for case in sorted(question.cases, key=place)]
    return next((verdict for verdict in verdicts if verdict is not Verdict.PASSED), Verdict.PASSED)


def _reached(bundle: Bundle, question: BundledQuestion) -> set[str]:
    """Return the questions that a question depends on, directly or through others."""
    by_name = {one.name: one for one in bundle.questions}
    return set(question.depends_on).union(*(_reached(bundle, by_name[name]) for name in question.depends_on))
