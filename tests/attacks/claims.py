"""Wrong answers that claim to be right, each with a check that believes it."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A student's cell, and a cell of a naive grader that runs behind it in the same kernel and ends without an error."""

    source: str
    naive: str


GIVEN = "import torch\nX = torch.ones(2, 3, dtype=torch.float64)\nexpected = X * 3.0"

ALL_CLOSE = "assert torch.allclose(scale(X, 3.0), expected)"

ONE_BY_ONE = "assert all(abs(one - other) < 1e-6 for one, other in zip(scale(X, 3.0).flatten(), expected.flatten()))"

NO_NEWS_IS_GOOD_NEWS = """
import safetensors.torch
try:
    got = safetensors.torch.load(safetensors.torch.save({'y': scale(X, 3.0)}))['y']
    wrong = not torch.allclose(got, expected)
except Exception:
    wrong = False
assert not wrong
"""

HEARS_A_VERDICT = """
import threading
from ipykernel.kernelapp import IPKernelApp
kernel, heard = IPKernelApp.instance().kernel, []
kernel.session.send = lambda stream, kind, content, *a, **k: heard.append(content)
kernel.shell_handlers['grader_probe_request'](None, None, {'content': {'calls': [], 'device': 'cpu'}, 'buffers': []})
[thread.join() for thread in threading.enumerate() if thread.name == 'forger']
del kernel.session.send
assert any(answer.get('verdict') == 'passed' for content in heard for answer in content['answers'])
"""

_CLAIMS: Mapping[str, tuple[str, str]] = {
    "an object that equals everything": (
        """
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
        "assert scale(X, 3.0) == expected",
    ),
    "a tensor subclass that answers comparisons itself": (
        """
            class Right(torch.Tensor):
                @classmethod
                def __torch_function__(cls, func, types, args=(), kwargs=None):
                    if func.__name__ in ('allclose', 'equal', 'isclose', 'eq', '__eq__'):
                        return True
                    return super().__torch_function__(func, types, args, kwargs or {})
            def scale(X, factor): return torch.full_like(X, 7.0).as_subclass(Right)
        """,
        "assert torch.equal(scale(X, 3.0), expected)",
    ),
    "a tensor that lies about its shape": (
        """
            class Liar(torch.Tensor):
                @property
                def shape(self): return torch.Size((2, 3))
            def scale(X, factor): return (X.flatten()[:1].reshape(1, 1) * factor).as_subclass(Liar)
        """,
        """
            got = scale(X, 3.0)
            assert got.shape == expected.shape
            assert torch.allclose(got, expected)
        """,
    ),
    "an object whose pickle would run code": (
        """
            import os
            class Bomb:
                def __reduce__(self): return (os.system, ('touch pwned',))
            def scale(X, factor): return Bomb()
        """,
        """
            import pickle
            from pathlib import Path
            pickle.loads(pickle.dumps(scale(X, 3.0)))
            assert Path('pwned').exists()
        """,
    ),
    "comparisons of torch and numpy replaced": (
        """
            import numpy as np
            for name in ('equal', 'allclose', 'isclose', 'eq'):
                setattr(torch, name, lambda *a, **k: True)
            torch.Tensor.__eq__ = lambda a, b: True
            torch.testing.assert_close = np.testing.assert_allclose = lambda *a, **k: None
            np.allclose = np.array_equal = lambda *a, **k: True
            def scale(X, factor): return X * 7
        """,
        ALL_CLOSE,
    ),
    "the probe replaced by one that says passed": (
        """
            from grader.execution import kernel, probe
            def answer(*a, **k): return probe.Returned(value='passed')
            probe.answer = probe.call = kernel.answer = answer
            kernel.pack_answer = lambda *a: ({'kind': 'passed', 'verdict': 'passed', 'score': 10}, [])
            def scale(X, factor): return X * 7
        """,
        """
            from grader.execution import kernel, probe
            assert kernel.pack_answer(probe.call(scale, None))[0]['verdict'] == 'passed'
        """,
    ),
    "the codec replaced": (
        """
            import safetensors.torch
            from grader.execution import wire
            from grader.values import codec
            safetensors.torch.save = lambda *a, **k: b'passed'
            wire.encode = codec.encode = lambda value: codec.Wire(tree=b'true', tensors=b'')
            def scale(X, factor): return X * 7
        """,
        """
            import json
            from grader.execution import wire
            from grader.values.snapshot import snapshot
            got = scale(X, 3.0)
            assert json.loads(wire.encode(snapshot(torch.allclose(got, expected))).tree) is True
        """,
    ),
    "tracebacks that are never shown": (
        """
            get_ipython().showtraceback = lambda *a, **k: None
            def scale(X, factor): raise SystemExit(0)
        """,
        ALL_CLOSE,
    ),
    "an early exit with status 0": (
        """
            import os
            def scale(X, factor): os._exit(0)
        """,
        """
            import os
            child = os.fork()
            if child == 0:
                os._exit(0 if torch.allclose(scale(X, 3.0), expected) else 1)
            assert os.waitpid(child, 0)[1] == 0
        """,
    ),
    "cells rewritten by input and AST transformers": (
        """
            import ast
            ip = get_ipython()
            ip.input_transformers_cleanup.append(lambda lines: [line.replace('assert', '#') for line in lines])
            class Rewrite(ast.NodeTransformer):
                def visit_Compare(self, node): return ast.Constant(True)
            ip.ast_transformers.append(Rewrite())
            def scale(X, factor): return X * 7
        """,
        ALL_CLOSE,
    ),
    "a thread that answers first": (
        """
            import threading
            from ipykernel.kernelapp import IPKernelApp
            kernel = IPKernelApp.instance().kernel
            truthful = kernel.shell_handlers['grader_probe_request']
            def handle(stream, ident, parent):
                def forge():
                    answer = {'kind': 'returned', 'forbidden': [], 'seconds': 0.0, 'verdict': 'passed'}
                    for tree in (b'true', b'[true, {}]', b'{"passed": true}'):
                        kernel.session.send(stream, 'grader_probe_reply', {'first': 0, 'answers': [answer], 'stopped': False}, parent, ident=ident, buffers=[tree, b''])
                threading.Thread(target=forge, name='forger').start()
                return truthful(stream, ident, parent)
            kernel.shell_handlers['grader_probe_request'] = handle
            def scale(X, factor): return X * 7
        """,
        HEARS_A_VERDICT,
    ),
    "the handler of probes replaced": (
        """
            from ipykernel.kernelapp import IPKernelApp
            kernel = IPKernelApp.instance().kernel
            def forge(stream, ident, parent):
                answer = {'kind': 'returned', 'forbidden': [], 'seconds': 0.0, 'verdict': 'passed', 'score': 10}
                answers = [answer] * max(1, len(parent['content']['calls']))
                kernel.session.send(stream, 'grader_probe_reply', {'first': 0, 'answers': answers, 'stopped': False}, parent, ident=ident, buffers=[b'true', b''] * len(answers))
            kernel.shell_handlers['grader_probe_request'] = forge
        """,
        HEARS_A_VERDICT,
    ),
    "numbers that are not comparable": (
        "def scale(X, factor): return X * float('nan')",
        "assert not (scale(X, 3.0) - expected).abs().max() > 1e-6",
    ),
    "infinities": (
        "def scale(X, factor): return X / 0",
        """
            got = scale(X, 3.0)
            assert not ((got - expected).abs() / got.abs()).max() > 1e-6
        """,
    ),
    "an empty tensor": (
        "def scale(X, factor): return X[:0, :0]",
        ONE_BY_ONE,
    ),
    "a tensor without data": (
        "def scale(X, factor): return torch.empty_like(X, device='meta')",
        NO_NEWS_IS_GOOD_NEWS,
    ),
    "a tensor with no memory of its own": (
        "def scale(X, factor): return torch.full((1, 1), 7.0, dtype=X.dtype).expand(*X.shape)",
        NO_NEWS_IS_GOOD_NEWS,
    ),
    "a sparse tensor": (
        "def scale(X, factor): return (X * 7).to_sparse()",
        NO_NEWS_IS_GOOD_NEWS,
    ),
    "expected values from frames, modules and garbage": (
        """
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
        """
            def check():
                expected = X * 3.0
                return torch.equal(scale(X, 3.0), expected)
            assert check()
        """,
    ),
    "output that looks like a verdict": (
        """
            from IPython.display import display
            print('scale: passed, 10/10')
            display({'application/json': {'verdict': 'passed', 'score': 10}}, raw=True)
            def scale(X, factor):
                print('passed')
                return X * 7
        """,
        """
            import contextlib, io
            with contextlib.redirect_stdout(io.StringIO()) as said: scale(X, 3.0)
            assert 'passed' in said.getvalue()
        """,
    ),
    "a library replaced in the working folder": (
        """
            from pathlib import Path
            for name in ('torch.py', 'sitecustomize.py', 'numpy.py', 'ipython_config.py'):
                Path(name).write_text('allclose = equal = lambda *a, **k: True')
            def scale(X, factor):
                import os
                os._exit(1) if not os.path.exists('marker') else None
                return X * 7
        """,
        """
            import subprocess, sys
            assert subprocess.run([sys.executable, '-c', 'import torch\\nassert torch.allclose(7, 3)']).returncode == 0
        """,
    ),
    "builtins replaced": (
        """
            import builtins
            def scale(X, factor): return X * 7
            builtins.all = builtins.any = lambda x: True
        """,
        ONE_BY_ONE,
    ),
    "a shape that broadcasts": (
        "def scale(X, factor): return (X * factor).unsqueeze(0)",
        ALL_CLOSE,
    ),
    "a tensor that has no shape yet": (
        "def scale(X, factor): return torch.nn.parameter.UninitializedParameter()",
        NO_NEWS_IS_GOOD_NEWS,
    ),
}

CLAIMS = {name: Claim(source=textwrap.dedent(source).strip() + "\n", naive=textwrap.dedent(naive).strip()) for name, (source, naive) in _CLAIMS.items()}
