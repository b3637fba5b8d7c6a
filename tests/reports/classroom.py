"""A class of any size: students who know more or less, with known mistakes, equal wrong answers, slow, lost and copied submissions."""

import random

from grader.results import CaseResult, Diagnosis, QuestionResult, SubmissionResult, Verdict

_QUESTIONS = {
    "one_hot": ("One vector for each character, time first", 2, 0.9),
    "rnn_step": ("One step of a recurrent layer with a hidden state", 4, 0.75),
    "rnn_forward": ("Run the layer over all time steps of `inputs`", 6, 0.6),
    "softmax": ("Probabilities along the last axis", 3, 0.8),
    "perplexity": ("The perplexity of a sequence of log-probabilities", 4, 0.7),
    "lstm_step": ("One step of a long short-term memory", 6, 0.35),
}
_HINTS = {
    "one_hot": ("O01", "Your first axis has the batch size."),
    "rnn_step": ("R02", "Look at what joins X and H: is every parameter of the layer in use?"),
    "softmax": ("S03", "What does exp do with 1000?"),
    "lstm_step": ("L04", "Which gate decides what is forgotten?"),
}
_WAYS = (
    "    joined = torch.cat([X, H], dim=1)",
    "    gates = [torch.sigmoid(joined @ W + b) for W, b in zip(weights, biases)]",
    "    if X.dim() == 1:\n        X = X.unsqueeze(0)",
    "    I = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)",
    "    F, O = torch.sigmoid(X @ W_xf + H @ W_hf + b_f), torch.sigmoid(X @ W_xo + H @ W_ho + b_o)",
    "    candidate = torch.tanh(X @ W_xc + H @ W_hc + b_c)",
    "    for gate in gates:\n        assert gate.shape == H.shape, gate.shape",
    "    W_xi, W_hi, b_i, *rest = params",
    "    C = C * gates[1] + gates[0] * candidate",
    "    while C.dim() > 2:\n        C = C.squeeze(0)",
    "    print(joined.shape, [gate.mean().item() for gate in gates])",
    "    weights, biases = params[::2], params[1::2]",
    "    H = O * torch.tanh(C)",
    "    batch_size, num_hiddens = H.shape",
)


def own_way(rng: random.Random) -> str:
    """Return code that nobody else writes like this."""
    return "\n".join(["def lstm_step(X, H, C, params):", *rng.choices(_WAYS, k=16), "    return H, C", ""])


def classroom(count: int, *, seed: int = 5, assignment: str = "rnn-scratch") -> list[SubmissionResult]:
    """Return the results of a class."""
    rng = random.Random(seed)  # noqa: S311 - a sample
    results = [_student(number, rng, assignment) for number in range(count)]
    if count > 10:
        copied = next(question.code for question in results[2].questions if question.name == "lstm_step")
        results[3] = _with_code(results[3], copied.replace("joined", "both").replace("pieces", "gates") + "# mine\n")
        results[4] = _unlucky(results[4], Verdict.OURS, "The kernel could not be started: no space left on the device.")
        results[5] = _unlucky(results[5], Verdict.ERROR, "the file ends in the middle: was the upload cut off?")
        results[6] = results[6].model_copy(update={"tampered": 2})
    return results


def _student(number: int, rng: random.Random, assignment: str) -> SubmissionResult:
    skill = rng.gauss(0, 0.25)
    questions = tuple(_question(name, number, skill, rng) for name in _QUESTIONS)
    return SubmissionResult(
        student=f"Student {number:04d}",
        assignment=assignment,
        title="Recurrent networks from scratch",
        path=f"submissions/{number:04d}.ipynb",
        digest=f"{number:064x}",
        bundle_version="2024.09-3",
        verdict=Verdict.PASSED if all(question.verdict is Verdict.PASSED for question in questions) else Verdict.FAILED,
        score=sum(question.score for question in questions),
        points=sum(question.points for question in questions),
        questions=questions,
        environment={"sandbox": "namespaces"},
        timings={"total": rng.lognormvariate(1, 0.6)},
    )


def _question(name: str, number: int, skill: float, rng: random.Random) -> QuestionResult:
    title, points, ease = _QUESTIONS[name]
    code = own_way(rng) if name == "lstm_step" else f"def {name}(X):\n    return X\n"
    question = QuestionResult(name=name, title=title, points=points, score=0, verdict=Verdict.MISSING, code=code)
    if rng.random() < ease + skill:
        return question.model_copy(update={"score": points, "verdict": Verdict.PASSED})
    if rng.random() < 0.12:
        return question
    known = _HINTS.get(name)
    if known is not None and rng.random() < 0.7:
        diagnosis = Diagnosis(source="known mistake", mistake=known[0], hint=known[1])
        recognised = _wrong("a batch of two", f"{name}-{known[0]}", diagnosis)
        return question.model_copy(update={"score": points / 4, "verdict": Verdict.FAILED, "diagnosis": diagnosis, "cases": (recognised,)})
    same = rng.random() < 0.4
    transposed = (
        Diagnosis(source="generic", hint="Your result is the transpose of the right one.", where="Which axis does the text put first?") if same else None
    )
    digest = f"{name}-same" if same else f"{name}-{number}"
    cases = (_wrong("a batch of two", digest, transposed), _wrong("one row", f"{digest}-row", transposed))
    return question.model_copy(update={"score": points / 2, "verdict": Verdict.FAILED, "diagnosis": transposed, "cases": cases})


def _wrong(name: str, digest: str, diagnosis: Diagnosis | None = None) -> CaseResult:
    return CaseResult(name=name, group="hidden", verdict=Verdict.FAILED, message="the values differ", diagnosis=diagnosis, got_digest=digest)


def _with_code(result: SubmissionResult, code: str) -> SubmissionResult:
    questions = tuple(question.model_copy(update={"code": code}) if question.name == "lstm_step" else question for question in result.questions)
    return result.model_copy(update={"questions": questions})


def _unlucky(result: SubmissionResult, verdict: Verdict, message: str) -> SubmissionResult:
    return result.model_copy(update={"verdict": verdict, "message": message, "questions": (), "score": 0.0})
