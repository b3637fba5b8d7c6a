"""Results as they come out of grading: a student half-way through a course on recurrent networks, and others."""

import base64
import struct
import zlib

import torch

from grader.results import (
    Carried,
    CaseResult,
    CellResult,
    Diagnosis,
    Differing,
    Located,
    QuestionResult,
    Shown,
    SubmissionResult,
    Verdict,
)

PRIVATE = "square-batch-trap-4711"
"""Stands in every field of a hidden case that no report may show."""

ENVIRONMENT = {"python": "3.11.9", "torch": "2.13.0", "numpy": "2.4.1", "device": "cpu", "seed": "20240917", "sandbox": "namespaces"}

RNN_FORWARD = '''#| question: rnn_forward
def rnn_forward(inputs, state, params):
    """Run the layer over all time steps; return the outputs and the last state."""
    W_xh, W_hh, b_h, W_hq, b_q = params
    H = state
    outputs = []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H
'''

RNN_STEP = '''#| question: rnn_step
def rnn_step(X, H, W_xh, W_hh, b_h):
    """Return the next hidden state, shape (batch, hiddens)."""
    # one matrix product for the input, one for the state
    return torch.tanh(X @ W_xh + H @ W_hh)
'''

SOFTMAX = '''#| question: softmax
def softmax(logits):
    """Return probabilities along the last axis."""
    powers = torch.exp(logits)
    total = powers.sum(dim=-1)
    return powers / total
'''

PERPLEXITY = """#| question: perplexity
def perplexity(log_probs):
    return math.exp(-sum(log_probs) / len(log_probs))
"""


def shown(tensor: torch.Tensor, *, text: str = "") -> Shown:
    """Return a tensor as grading shows it: at most 12 x 12 numbers of its first slice."""
    rows = tensor.reshape(1, -1) if tensor.dim() < 2 else tensor[(0,) * (tensor.dim() - 2)]
    return Shown(
        text=text or f"tensor of {tuple(tensor.shape)}",
        shape=tuple(tensor.shape),
        dtype=str(tensor.dtype).removeprefix("torch."),
        rows=tuple(map(tuple, rows[:12, :12].tolist())),
        slice_label="[" + "0, " * (tensor.dim() - 2) + ":, :]" if tensor.dim() > 2 else "",
        truncated=rows.shape[0] > 12 or rows.shape[1] > 12 or tensor.dim() > 2,
    )


def large_table() -> Shown:
    """Return as many numbers as are ever shown of one tensor."""
    return shown(torch.linspace(-1, 1, 144).reshape(12, 12))


def hidden(verdict: Verdict = Verdict.PASSED, *, group: str = "hidden", diagnosis: Diagnosis | None = None) -> CaseResult:
    """Return a hidden case whose every field gives something away."""
    return CaseResult.model_validate(
        {
            "name": PRIVATE,
            "group": group,
            "verdict": verdict,
            "message": f"expected {PRIVATE}",
            "difference": Differing(
                kind="value", message=f"got {PRIVATE}", path=PRIVATE, first_index=(4711,), largest_error=4711.0, differing=4711, total=4712
            ),
            "diagnosis": diagnosis,
            "inputs": {PRIVATE: Shown(text=PRIVATE)},
            "expected": Shown(text=PRIVATE),
            "got": Shown(text=PRIVATE),
            "error_type": PRIVATE,
            "frames": (Located(function=PRIVATE, line=4711, text=PRIVATE),),
            "notes": (PRIVATE,),
            "got_digest": PRIVATE,
        }
    )


def png(width: int = 320, height: int = 120) -> str:
    """Return a picture of a falling curve as base64."""
    rows = b""
    for y in range(height):
        row = bytearray(b"\xff" * width)
        for x in range(width):
            if abs(y - height * (1 - 2.2 ** (-x / 60)) * 0.9 - 6) < 1.6:
                row[x] = 0x40
        rows += b"\x00" + bytes(row)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks)
    return base64.b64encode(data).decode()


def passed(name: str, title: str, points: float, code: str = "") -> QuestionResult:
    """Return a question with all points."""
    cases = (
        CaseResult(name="a small corpus", group="public", verdict=Verdict.PASSED, inputs={"text": Shown(text="'time machine'")}),
        CaseResult(
            name="ties",
            group="public",
            verdict=Verdict.PASSED,
            inputs={"min_freq": Shown(text="2")},
            notes=("You returned a NumPy array where a tensor was asked; accepted here.",),
        ),
        hidden(),
        hidden(group="edge"),
    )
    return QuestionResult(name=name, title=title, points=points, score=points, verdict=Verdict.PASSED, cases=cases, code=code)


def wrong_rnn_step() -> QuestionResult:
    """Return a step that forgets the bias, as a known mistake recognises it."""
    torch.manual_seed(1)
    shapes = {"X": (3, 5), "H": (3, 4), "W_xh": (5, 4), "W_hh": (4, 4), "b_h": (4,)}
    given = {name: torch.randn(shape) * 0.7 for name, shape in shapes.items()}
    got = torch.tanh(given["X"] @ given["W_xh"] + given["H"] @ given["W_hh"])
    expected = torch.tanh(given["X"] @ given["W_xh"] + given["H"] @ given["W_hh"] + given["b_h"])
    diagnosis = Diagnosis(
        source="known mistake",
        mistake="R02",
        hint="Look at what joins X and H: is every parameter of the layer in use?",
        where="Count the arguments of `rnn_step` and the names in your `return` line.",
        credit=0.25,
    )
    failing = CaseResult(
        name="a batch of three",
        group="public",
        verdict=Verdict.FAILED,
        difference=Differing(
            kind="value",
            message="the values differ",
            first_index=(0, 0),
            largest_error=float((expected - got).abs().max()),
            differing=12,
            total=12,
        ),
        diagnosis=diagnosis,
        inputs={name: shown(tensor) for name, tensor in given.items()},
        expected=shown(expected),
        got=shown(got),
    )
    zero_bias = CaseResult(name="a bias of zero", group="public", verdict=Verdict.PASSED, inputs={"X": shown(given["X"]), "b_h": shown(torch.zeros(4))})
    return QuestionResult(
        name="rnn_step",
        title="One step of a recurrent layer with a hidden state",
        points=4,
        score=1,
        verdict=Verdict.FAILED,
        cases=(failing, zero_bias, hidden(Verdict.FAILED, diagnosis=diagnosis), hidden(Verdict.FAILED), hidden(), hidden(group="edge")),
        diagnosis=diagnosis,
        code=RNN_STEP,
    )


def carried_rnn_forward() -> QuestionResult:
    """Return a loop over time that is right but for the step it calls."""
    torch.manual_seed(2)
    outputs = torch.randn(4, 3, 8)
    case = CaseResult(
        name="four steps, batch of three",
        group="public",
        verdict=Verdict.FAILED,
        difference=Differing(
            kind="value",
            message="The first part of the answer has other numbers.",
            path="[0]",
            first_index=(0, 0, 2),
            largest_error=0.42,
            differing=61,
            total=96,
        ),
        inputs={"inputs": shown(torch.randn(4, 3, 5)), "num_steps": Shown(text="4")},
        expected=shown(outputs),
        got=shown(torch.where(outputs > 0.1, outputs * 1.2, outputs)),
    )
    return QuestionResult(
        name="rnn_forward",
        title="Run the layer over all time steps of `inputs`",
        points=6,
        score=6,
        verdict=Verdict.FAILED,
        cases=(case, hidden(Verdict.FAILED), hidden(Verdict.FAILED)),
        carried=Carried(replaced=("rnn_step",), score_before=0, score=6),
        code=RNN_FORWARD,
    )


def transposed_one_hot() -> QuestionResult:
    """Return one-hot vectors with the axes of batch and time exchanged."""
    encoded = torch.nn.functional.one_hot(torch.tensor([[0, 3, 5, 2, 1], [6, 4, 0, 0, 2]]), 7).float()
    diagnosis = Diagnosis(
        source="known mistake",
        mistake="O01",
        hint="Your first axis has the batch size.",
        where="For looping `for X_t in inputs`, which axis should come first?",
    )
    case = CaseResult(
        name="two texts of five characters",
        group="public",
        verdict=Verdict.FAILED,
        difference=Differing(kind="shape", message="expected shape (5, 2, 7), got (2, 5, 7): transposed?"),
        diagnosis=diagnosis,
        inputs={"X": shown(torch.tensor([[0, 3, 5, 2, 1], [6, 4, 0, 0, 2]])), "vocab_size": Shown(text="7")},
        expected=shown(encoded.transpose(0, 1)),
        got=shown(encoded),
    )
    return QuestionResult(
        name="one_hot",
        title="One vector for each character, time first",
        points=2,
        score=0,
        verdict=Verdict.FAILED,
        cases=(case, hidden(Verdict.FAILED, diagnosis=diagnosis), hidden(Verdict.FAILED)),
        diagnosis=diagnosis,
        code="#| question: one_hot\ndef one_hot(X, vocab_size):\n    return F.one_hot(X, vocab_size).float()\n",
    )


def raising_softmax() -> QuestionResult:
    """Return a function that raises inside the student's cell."""
    message = "The size of tensor a (28) must match the size of tensor b (2) at non-singleton dimension 1"
    case = CaseResult(
        name="two rows",
        group="public",
        verdict=Verdict.ERROR,
        message=f"RuntimeError: {message}",
        error_type="RuntimeError",
        inputs={"logits": shown(torch.linspace(-2, 2, 56).reshape(2, 28))},
        expected=shown(torch.softmax(torch.linspace(-2, 2, 56).reshape(2, 28), dim=-1)),
        frames=(Located(function="softmax", line=6, text="return powers / total"),),
    )
    generic = Diagnosis(
        source="generic",
        hint="A sum over an axis drops that axis unless you keep it.",
        where="Compare the shapes of `powers` and `total` just before you divide.",
    )
    return QuestionResult(
        name="softmax",
        title="Probabilities along the last axis",
        points=3,
        score=0,
        verdict=Verdict.ERROR,
        cases=(case, hidden(Verdict.ERROR), hidden(Verdict.ERROR, group="edge")),
        diagnosis=generic,
        code=SOFTMAX,
        error_line=6,
    )


def hidden_only_perplexity() -> QuestionResult:
    """Return a function that passes what students see and fails at the border."""
    hint = Diagnosis(
        source="known mistake",
        mistake="K05",
        hint="A diverged model has a perplexity of infinity, not an exception.",
        where="What does `math.exp` do with 800?",
    )
    public = CaseResult(name="uniform over 28 characters", group="public", verdict=Verdict.PASSED, inputs={"log_probs": Shown(text="[-3.332, -3.332, -3.332]")})
    return QuestionResult(
        name="perplexity",
        title="The perplexity of a sequence of log-probabilities",
        points=4,
        score=3.2,
        verdict=Verdict.FAILED,
        cases=(public, hidden(), hidden(), hidden(Verdict.ERROR, group="edge", diagnosis=hint), hidden(group="edge")),
        code=PERPLEXITY,
    )


def failed_cells() -> tuple[CellResult, ...]:
    """Return the cells of a notebook that did not run through."""
    return (
        CellResult(
            cell_id="a1",
            status="error",
            source="losses = train(net, num_epochs=3)\nplt.plot(losses)",
            error="NameError",
            message="name 'grad_clipping' is not defined",
            outputs=(
                {"output_type": "stream", "name": "stdout", "text": "epoch 1\r\x1b[32mepoch 1, perplexity 17.3\x1b[0m\nepoch 2, perplexity 11.9\n"},
                {"output_type": "display_data", "data": {"image/png": png(), "text/plain": "<Figure>"}, "metadata": {}},
                {
                    "output_type": "execute_result",
                    "data": {"text/html": "<table><tr><th>epoch</th><th>perplexity</th></tr><tr><td>1</td><td>17.3</td></tr></table>"},
                    "metadata": {},
                },
                {"output_type": "error", "ename": "NameError", "evalue": "", "traceback": ["\x1b[0;31mNameError\x1b[0m: name 'grad_clipping' is not defined"]},
            ),
        ),
        CellResult(cell_id="b2", status="timeout", source="while loss > 0.1:\n    loss = step()", message="this cell ran for more than 30 seconds"),
    )


def halfway() -> SubmissionResult:
    """Return a student with right, wrong, raising, hidden-only, slow, lost, forbidden and missing answers."""
    questions = (
        passed("Vocab", "A vocabulary sorted by frequency", 3, code="class Vocab:\n    pass\n"),
        transposed_one_hot(),
        wrong_rnn_step(),
        carried_rnn_forward(),
        raising_softmax(),
        hidden_only_perplexity(),
        QuestionResult(
            name="gru_step",
            title="One step of a gated recurrent unit",
            points=4,
            score=0,
            verdict=Verdict.FAILED,
            forbidden=("torch.nn.GRUCell",),
            code="#| question: gru_step\ngru_step = torch.nn.GRUCell(5, 4)\n",
        ),
        QuestionResult(
            name="seq_data_iter_sequential",
            title="Minibatches whose rows continue across batches",
            points=4,
            score=0,
            verdict=Verdict.TIMEOUT,
            cases=(
                CaseResult(
                    name="35 characters",
                    group="public",
                    verdict=Verdict.TIMEOUT,
                    message="no answer within 5 seconds",
                    inputs={"batch_size": Shown(text="2"), "num_steps": Shown(text="5")},
                ),
            ),
            code="def seq_data_iter_sequential(corpus, batch_size, num_steps):\n    while True:\n        pass\n",
        ),
        QuestionResult(
            name="deep_rnn_forward",
            title="Stack recurrent layers",
            points=4,
            score=0,
            verdict=Verdict.DIED,
            code="def deep_rnn_forward(inputs, state, params):\n    return torch.zeros(10**12)\n",
        ),
        QuestionResult(name="predict", title="Continue a prefix, one character at a time", points=3, score=0, verdict=Verdict.MISSING),
    )
    return SubmissionResult(
        student="Ada Lovelace",
        assignment="rnn-scratch",
        title="Recurrent networks from scratch",
        path="submissions/ada_lovelace/rnn-scratch.ipynb",
        digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        bundle_version="2024.09-3",
        verdict=Verdict.FAILED,
        score=sum(question.score for question in questions),
        points=sum(question.points for question in questions),
        questions=questions,
        cells=failed_cells(),
        notes=("A locked cell had been changed and was restored: the one that begins `import torch`.",),
        tampered=1,
        environment=ENVIRONMENT,
        timings={"start": 0.41, "cells": 31.2, "probes": 5.9, "compare": 0.08},
        graded_at="2024-10-02T14:05:00+00:00",
    )


def perfect(student: str = "Grace Hopper", assignment: str = "rnn-scratch") -> SubmissionResult:
    """Return a student with all points."""
    questions = (
        passed("Vocab", "A vocabulary sorted by frequency", 3),
        passed("rnn_step", "One step of a recurrent layer with a hidden state", 4, code=RNN_STEP.replace("W_hh)", "W_hh + b_h)")),
    )
    return _blank(student, assignment, Verdict.PASSED, score=7, points=7, questions=questions)


def unreadable(student: str = "Charles Babbage") -> SubmissionResult:
    """Return a submission that is no notebook."""
    return _blank(student, "rnn-scratch", Verdict.ERROR, points=35, message="Expecting value: line 1 column 1: this is a PDF, not a notebook.")


def ours(student: str = "Alan Turing") -> SubmissionResult:
    """Return a submission that was not graded through a fault of the grader."""
    return _blank(student, "rnn-scratch", Verdict.OURS, points=35, message="The kernel could not be started: no space left on the device.")


def _blank(student: str, assignment: str, verdict: Verdict, *, points: float, **fields: object) -> SubmissionResult:
    return SubmissionResult.model_validate(
        {
            "student": student,
            "assignment": assignment,
            "title": "Recurrent networks from scratch",
            "path": f"submissions/{assignment}.ipynb",
            "digest": "0" * 64,
            "bundle_version": "2024.09-3",
            "verdict": verdict,
            "score": 0.0,
            "points": points,
            "environment": ENVIRONMENT,
            **fields,
        }
    )
