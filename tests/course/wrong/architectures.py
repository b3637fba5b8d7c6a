"""Wrong answers to the questions of 06-architectures."""

MANY_TO_ONE = """
def many_to_one(inputs, H0, params, W_hq, b_q, lengths):
    H = H0
    for t, X in enumerate(inputs):
        H = torch.where((t < lengths)[:, None], rnn_cell(X, H, params), H)
    return H @ W_hq + b_q
"""
ONE_TO_MANY = """
def one_to_many(x0, H0, params, W_hq, b_q, num_steps):
    tokens, X, H = [], x0, H0
    for _ in range(num_steps):
        H = rnn_cell(X, H, params)
        tokens.append((H @ W_hq + b_q).argmax(-1))
        X = F.one_hot(tokens[-1], x0.shape[1]).to(x0.dtype)
    return torch.stack(tokens, 1) if tokens else torch.zeros(len(x0), 0, dtype=torch.int64)
"""
TAG = """
def tag(inputs, H0, params, W_hq, b_q, lengths):
    H, rows = H0, []
    for t, X in enumerate(inputs):
        H = rnn_cell(X, H, params)
        best = (H @ W_hq + b_q).argmax(-1)
        rows.append(torch.where(t < lengths, best, -1))
    return torch.stack(rows, 1)
"""
ENCODE_DECODE = """
def encode_decode(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype)
    for t, X in enumerate(src):
        H = torch.where((t < lengths)[:, None], rnn_cell(X, H, enc), H)
    token, tokens = torch.full((src.shape[1],), bos), []
    for _ in range(num_steps):
        H = rnn_cell(F.one_hot(token, len(b_q)).to(src.dtype), H, dec)
        token = (H @ W_hq + b_q).argmax(-1)
        tokens.append(token)
    return torch.stack(tokens, 1) if tokens else torch.zeros(src.shape[1], 0, dtype=torch.int64)
"""

SOURCES = {
    "classify": {
        "by the words of the text": """
def classify(tasks):
    return {task: "many-to-many, equal lengths" if "each" in task else "many-to-one" if "review" in task else "one-to-one" for task in tasks}
""",
        "the kind comes first": """
def classify(tasks):
    kinds = ["one-to-one", "one-to-many", "one-to-many", "many-to-one", "many-to-one"]
    kinds += ["many-to-many, equal lengths"] * 2 + ["many-to-many, different lengths"]
    return dict(zip(kinds, tasks))
""",
    },
    "many_to_one": {
        "NaN in the padding is made a number first": MANY_TO_ONE.replace(
            "rnn_cell(X, H, params), H)", "rnn_cell(torch.nan_to_num(X), H, params), rnn_cell(torch.nan_to_num(X), H, params) * 1e-3 + H)"
        ),
        "one length for all where all but one agree": MANY_TO_ONE.replace(
            "    H = H0\n", "    lengths = lengths.float().median().long().expand_as(lengths)\n    H = H0\n"
        ),
        "the shortest sequence is read once more": MANY_TO_ONE.replace("(t < lengths)", "(t < lengths.clamp(min=2))"),
        "at most five steps": MANY_TO_ONE.replace("enumerate(inputs)", "enumerate(inputs[:5])"),
        "no gradient to the first state": MANY_TO_ONE.replace("H = H0", "H = H0.detach()"),
        "the batch must have two examples": MANY_TO_ONE.replace("return H @ W_hq + b_q", "return (H @ W_hq + b_q)[torch.argsort(lengths, stable=True)]"),
        "the lengths of the caller count down": MANY_TO_ONE.replace(
            "        H = torch", "        lengths -= 0 if t < len(inputs) - 1 else 1\n        H = torch"
        ).replace("(t < lengths)", "(t < lengths + (t == len(inputs) - 1))"),
        "the state is frozen from the start on where the start is padding": MANY_TO_ONE.replace(
            "rnn_cell(X, H, params), H)", "rnn_cell(X, H, params), H.detach())"
        ),
    },
    "one_to_many": {
        "stops when every example repeats itself": ONE_TO_MANY.replace(
            "        X = F.one_hot",
            "        if len(tokens) > 1 and torch.equal(tokens[-1], tokens[-2]):\n            tokens += [tokens[-1]] * (num_steps - len(tokens))\n            break\n        X = F.one_hot",
        ),
        "at most four steps": ONE_TO_MANY.replace("range(num_steps)", "range(min(num_steps, 4))"),
        "the tokens are chosen by their size": ONE_TO_MANY.replace(".argmax(-1)", ".abs().argmax(-1)"),
        "a running sum of the inputs": ONE_TO_MANY.replace(
            "X = F.one_hot(tokens[-1], x0.shape[1]).to(x0.dtype)", "X = X + F.one_hot(tokens[-1], x0.shape[1]).to(x0.dtype)"
        ),
        "ints of half the size": ONE_TO_MANY.replace("return torch.stack(tokens, 1)", "return torch.stack(tokens, 1).int()"),
        "a float result where nothing is asked": ONE_TO_MANY.replace("torch.zeros(len(x0), 0, dtype=torch.int64)", "torch.zeros(len(x0), 0)"),
        "a list of lists": ONE_TO_MANY.replace("return torch.stack(tokens, 1)", "return torch.stack(tokens, 1).tolist()"),
        "the first input is overwritten": ONE_TO_MANY.replace(
            "X = F.one_hot(tokens[-1], x0.shape[1]).to(x0.dtype)", "X = x0.zero_().scatter_(1, tokens[-1][:, None], 1)"
        ),
    },
    "tag": {
        "the first tag is never given": TAG.replace("(H @ W_hq + b_q).argmax(-1)", "(H @ W_hq + b_q)[:, 1:].argmax(-1) + 1"),
        "padding is known by its NaN": TAG.replace("t < lengths", "~X.isnan().any(-1)"),
        "a tag that is the same twice is left out": TAG.replace(
            "        rows.append", "        best = torch.where(rows[-1] == best, torch.zeros_like(best), best) if rows else best\n        rows.append"
        ),
        "the state of the neighbour in the batch": TAG.replace("        best", "        H = H.roll(1, 0) if len(rows) == 1 else H\n        best"),
        "the lengths are sorted": TAG.replace("    H, rows", "    lengths = lengths.sort(descending=True).values\n    H, rows"),
        "the last word is padding": TAG.replace("t < lengths", "t < lengths.clamp(max=len(inputs) - 1)"),
        "the NaN gets into the caller's inputs": TAG.replace("    H, rows", "    inputs[torch.arange(len(inputs))[:, None] >= lengths] = 0\n    H, rows"),
        "by the sigmoid of the scores rounded": TAG.replace("(H @ W_hq + b_q).argmax(-1)", "torch.sigmoid(H @ W_hq + b_q).round(decimals=1).argmax(-1)"),
    },
    "encode_decode": {
        "the decoder reads its first token twice": ENCODE_DECODE.replace(
            "    for _ in range(num_steps):\n", "    H = rnn_cell(F.one_hot(token, len(b_q)).to(src.dtype), H, dec)\n    for _ in range(num_steps):\n"
        ),
        "the encoder starts from ones": ENCODE_DECODE.replace("torch.zeros(src.shape[1], enc", "torch.ones(src.shape[1], enc"),
        "the decoder has the encoder's bias": ENCODE_DECODE.replace("H, dec)", "H, (*dec[:2], enc[2]))"),
        "the context is the mean over the batch": ENCODE_DECODE.replace("    token, tokens", "    H = H.mean(0, keepdim=True).expand_as(H)\n    token, tokens"),
        "the first example decides for all": ENCODE_DECODE.replace("argmax(-1)", "argmax(-1)[:1].expand(src.shape[1])"),
        "the begin token may not be chosen": ENCODE_DECODE.replace("(H @ W_hq + b_q)", "(H @ W_hq + b_q - 1e9 * F.one_hot(torch.tensor(bos), len(b_q)))"),
        "no more steps than the source has, then the last token": ENCODE_DECODE.replace(
            "    return torch.stack(tokens, 1)", "    tokens = [tokens[min(i, len(src) - 1)] for i in range(num_steps)]\n    return torch.stack(tokens, 1)"
        ),
        "the longest length for all": ENCODE_DECODE.replace("(t < lengths)", "(t < lengths.max().expand_as(lengths))"),
        "the past of the decoder is that of the encoder where sizes agree": ENCODE_DECODE.replace("H, dec)", "H, (dec[0], enc[1], dec[2]))"),
    },
    "choices_06": {
        "another letter": """
answers = {"C6": "c"}
""",
    },
}
