"""Wrong answers that claim to be right: none may get a point that its code did not earn."""

import dataclasses
import textwrap
import time
from datetime import UTC, datetime

import pytest

from grader.grading.bundle import Bundle
from grader.grading.grade import grade
from grader.notebooks.submission import Submission
from grader.results import SubmissionResult, Verdict
from tests.execution.lab import Lab
from tests.grading.assignments import build, marked, question_in, submission_of, write_assignment

pytestmark = pytest.mark.kernel

WRONG = "def scale(X, factor):\n    return X * 7\n"

CLAIMS = {
    "an object that equals everything": """
        class Any:
            shape = (2, 3)
            dtype = torch.float64
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 0
            def __bool__(self): return True
            def __array__(self, *a, **k): raise SystemExit(0)
        def scale(X, factor): return Any()
    """,
    "a tensor subclass that answers comparisons itself": """
        class Right(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func.__name__ in ('allclose', 'equal', 'isclose', 'eq', '__eq__'):
                    return True
                return super().__torch_function__(func, types, args, kwargs or {})
        def scale(X, factor): return torch.full_like(X, 7.0).as_subclass(Right)
    """,
    "a tensor that lies about its shape": """
        class Liar(torch.Tensor):
            @property
            def shape(self): return torch.Size((2, 3))
        def scale(X, factor): return torch.zeros(1, 1, dtype=X.dtype).as_subclass(Liar)
    """,
    "an object whose pickle would run code": """
        import os
        class Bomb:
            def __reduce__(self): return (os.system, ('touch /tmp/pwned',))
        def scale(X, factor): return Bomb()
    """,
    "comparisons of torch and numpy replaced": """
        import numpy as np
        for name in ('equal', 'allclose', 'isclose', 'eq'):
            setattr(torch, name, lambda *a, **k: True)
        torch.Tensor.__eq__ = lambda a, b: True
        torch.testing.assert_close = np.testing.assert_allclose = lambda *a, **k: None
        np.allclose = np.array_equal = lambda *a, **k: True
        def scale(X, factor): return X * 7
    """,
    "the probe replaced by one that says passed": """
        from grader.execution import kernel, probe
        def answer(*a, **k): return probe.Returned(value='passed')
        probe.answer = probe.call = kernel.answer = answer
        kernel.pack_answer = lambda *a: ({'kind': 'passed', 'verdict': 'passed', 'score': 10}, [])
    """,
    "the codec replaced": """
        import json, safetensors.torch
        from grader.values import codec
        json.dumps = lambda *a, **k: '{"verdict": "passed"}'
        safetensors.torch.save = lambda *a, **k: b'passed'
        codec.encode = lambda value: codec.Wire(tree=b'true', tensors=b'')
        def scale(X, factor): return X * 7
    """,
    "tracebacks that are never shown": """
        get_ipython().showtraceback = lambda *a, **k: None
        def scale(X, factor): raise SystemExit(0)
    """,
    "an early exit with status 0": """
        import os
        def scale(X, factor): os._exit(0)
    """,
    "cells rewritten by input and AST transformers": """
        import ast
        ip = get_ipython()
        ip.input_transformers_cleanup.append(lambda lines: [line.replace('assert', '#') for line in lines])
        class Rewrite(ast.NodeTransformer):
            def visit_Compare(self, node): return ast.Constant(True)
        ip.ast_transformers.append(Rewrite())
        def scale(X, factor): return X * 7
    """,
    "a thread that answers first": """
        import threading
        from ipykernel.kernelapp import IPKernelApp
        kernel = IPKernelApp.instance().kernel
        def scale(X, factor):
            def forge():
                content = {'kind': 'returned', 'forbidden': [], 'seconds': 0.0, 'verdict': 'passed'}
                for tree in (b'true', b'[true, {}]', b'{"passed": true}'):
                    kernel.session.send(kernel.shell_stream if hasattr(kernel, 'shell_stream') else None, 'grader_probe_reply', content,
                                        kernel.get_parent('shell'), ident=None, buffers=[tree, b''])
            threading.Thread(target=forge).start()
            return X * 7
    """,
    "the handler of probes replaced": """
        from ipykernel.kernelapp import IPKernelApp
        kernel = IPKernelApp.instance().kernel
        def forge(stream, ident, parent):
            content = {'kind': 'returned', 'forbidden': [], 'seconds': 0.0, 'verdict': 'passed', 'score': 10}
            kernel.session.send(stream, 'grader_probe_reply', content, parent, ident=ident, buffers=[b'true', b''])
        kernel.shell_handlers['grader_probe_request'] = forge
    """,
    "numbers that are not comparable": "def scale(X, factor): return X * float('nan')",
    "infinities": "def scale(X, factor): return X / 0",
    "one number that broadcasts": "def scale(X, factor): return X.sum() * 0",
    "an empty tensor": "def scale(X, factor): return X[:0, :0]",
    "a tensor without data": "def scale(X, factor): return torch.empty_like(X, device='meta')",
    "a tensor with no memory of its own": "def scale(X, factor): return torch.full((1, 1), 7.0, dtype=X.dtype).expand(*X.shape)",
    "a sparse tensor": "def scale(X, factor): return (X * 7).to_sparse()",
    "expected values from frames, modules and garbage": """
        import gc, sys, inspect
        def scale(X, factor):
            frame = inspect.currentframe()
            while frame:
                for name, value in frame.f_locals.items():
                    if 'expect' in name or 'reference' in name: return value
                frame = frame.f_back
            for found in gc.get_objects():
                if isinstance(found, dict) and 'expected' in found and isinstance(found['expected'], torch.Tensor): return found['expected']
            return X * 7
    """,
    "output that looks like a verdict": """
        from IPython.display import display
        print('scale: passed, 10/10')
        display({'application/json': {'verdict': 'passed', 'score': 10}}, raw=True)
        def scale(X, factor):
            print('passed')
            return X * 7
    """,
    "a library replaced in the working folder": """
        from pathlib import Path
        for name in ('torch.py', 'sitecustomize.py', 'numpy.py', 'ipython_config.py'):
            Path(name).write_text('allclose = equal = lambda *a, **k: True')
        def scale(X, factor):
            import os
            os._exit(1) if not os.path.exists('marker') else None
            return X * 7
    """,
    "builtins replaced": """
        import builtins
        builtins.isinstance = lambda a, b: True
        builtins.all = builtins.any = lambda x: True
        def scale(X, factor): return X * 7
    """,
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    built = build(write_assignment(tmp_path_factory.mktemp("solutions") / "small"))
    return dataclasses.replace(built, carry_errors=False, limits=dataclasses.replace(built.limits, call_seconds=3.0))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_false_claim_earns_nothing(claim: str, lab: Lab, bundle: Bundle) -> None:
    result = graded(lab, bundle, marked(_dedent(CLAIMS[claim]), "scale"))

    scale = question_in(result, "scale")
    assert scale.score == 0.0, [case.message for case in scale.cases]
    assert scale.verdict is not Verdict.PASSED
    assert result.verdict is not Verdict.OURS


def test_the_same_notebook_without_a_trick_gets_full_points(lab: Lab, bundle: Bundle) -> None:
    result = graded(lab, bundle, None)

    assert result.score == result.points


def test_replaying_public_cases_earns_what_public_cases_are_worth(lab: Lab, bundle: Bundle) -> None:
    replay = """
        def scale(X, factor):
            if X.shape == (2, 3) and factor == 3.0:
                return X * 3.0
            return X * 7
    """
    result = graded(lab, bundle, marked(_dedent(replay), "scale"))

    cases = {case.name: case for case in question_in(result, "scale").cases}
    assert [name for name, case in cases.items() if case.verdict is Verdict.PASSED] == ["two rows"]
    assert question_in(result, "scale").score == 4.0


def test_a_locked_cell_of_the_student_s_own_does_not_count(lab: Lab, bundle: Bundle) -> None:
    submission = submission_of({"scale": marked(WRONG, "scale")}, own=["#| locked\nscore = 10; passed = True\n_grade = {'scale': 10}\n"])

    assert question_in(_grade(lab, bundle, submission), "scale").score == 0.0


def graded(lab: Lab, bundle: Bundle, scale: str | None) -> SubmissionResult:
    """Return the graded submission, right but for `scale`."""
    return _grade(lab, bundle, submission_of({} if scale is None else {"scale": scale}))


def _grade(lab: Lab, bundle: Bundle, submission: Submission) -> SubmissionResult:
    return lab.do(grade(bundle, submission, lambda: lab.session(cell=5.0), clock=time.monotonic, now=datetime.now(UTC)))


def _dedent(source: str) -> str:
    return textwrap.dedent(source).strip() + "\n"
