"""Reading an assignment's `questions.py`, or its package `questions/`."""

import hashlib
import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from grader.authoring.assignment import Assignment
from grader.authoring.case import Case
from grader.authoring.draw import Draw
from grader.authoring.question import Question
from grader.authoring.validation import check_assignment, check_cases
from grader.errors import AuthorError, GraderError


def load_assignment(folder: Path) -> Assignment:
    """Return the assignment that a folder's `questions.py` (or `questions/__init__.py`) defines, found to be in order.

    Each call executes the file anew, under a module name of its own; a package's files import each other with relative imports.

    Raises:
        AuthorError: for the first thing that cannot work, in the file itself or in what it says.
    """
    path = _questions_file(folder)
    assignment = getattr(_execute(path), "assignment", None)
    if not isinstance(assignment, Assignment):
        raise AuthorError(file=str(path), problem="no `assignment` is defined", remedy='Write assignment = Assignment(title="...")')
    check_assignment(assignment, file=str(path))
    for question in assignment.questions:
        cases = draw_cases(folder.name, question)
        check_cases(question, cases, drawn_again=draw_cases(folder.name, question))
    return assignment


def draw_cases(assignment_name: str, question: Question) -> list[Case]:
    """Return a question's cases, the same on every machine and at every call.

    Raises:
        AuthorError: what the question's own code raised, with its line.
    """
    try:
        cases = list(question.draws(Draw(f"{assignment_name}/{question.name}")))
    except GraderError:
        raise
    except Exception as error:
        raise AuthorError(
            file=_place(error, Path(question.file)),
            question=question.name,
            problem=f"drawing its cases raised {_sentence(error)}",
            remedy="A question takes `draw` and yields cases: correct that line",
        ) from error
    for case in cases:
        if not isinstance(case, Case):
            raise AuthorError(
                file=question.file,
                question=question.name,
                problem=f"it yields a {type(case).__name__} where a Case is needed",
                remedy='Write yield Case("what is special about it", ...)',
            )
    return cases


def _questions_file(folder: Path) -> Path:
    single, package = folder.resolve() / "questions.py", folder.resolve() / "questions" / "__init__.py"
    if single.exists() and package.exists():
        raise AuthorError(file=str(single), problem="there is a package questions/ as well", remedy="Keep one of the two")
    if package.exists():
        return package
    if not single.exists():
        raise AuthorError(file=str(single), problem="there is no such file", remedy="An assignment's questions stand in questions.py beside its notebook")
    return single


def _execute(path: Path) -> ModuleType:
    name = f"questions_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    for loaded in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[loaded]
    importlib.invalidate_caches()
    places = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise AuthorError(file=str(path), problem="it cannot be imported", remedy="It must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # inspect finds a class's source through its module
    try:
        spec.loader.exec_module(module)
    except GraderError:
        raise
    except (Exception, SystemExit) as error:
        raise AuthorError(
            file=_place(error, path), problem=f"executing it raised {_sentence(error)}", remedy="It must run by itself: correct that line"
        ) from error
    return module


def _place(error: BaseException, path: Path) -> str:
    """Return "file:line" of the author's own line: the last one in the traceback that lies beside `path`."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{error.filename}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(path.parent):
            return f"{frame.filename}:{frame.lineno}"
    return str(path)


def _sentence(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
