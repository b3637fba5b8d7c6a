"""Right answers to the questions of 06-architectures."""

SOURCES = {
    "classify": {
        "a dict written out": """
def classify(tasks):
    return {
        TASKS[0]: "one-to-one",
        TASKS[1]: "one-to-many",
        TASKS[2]: "one-to-many",
        TASKS[3]: "many-to-one",
        TASKS[4]: "many-to-one",
        TASKS[5]: "many-to-many, equal lengths",
        TASKS[6]: "many-to-many, equal lengths",
        TASKS[7]: "many-to-many, different lengths",
    }
""",
        "rules": """
def classify(tasks):
    def kind(task):
        source, target = task.split(" -> ")
        if "for each" in target:
            return "many-to-many, equal lengths"
        if source.endswith("sentence"):
            return "many-to-many, different lengths"
        if source in ("film review", "e-mail"):
            return "many-to-one"
        return "one-to-one" if "digit" in source else "one-to-many"

    return {task: kind(task) for task in tasks}
""",
        "groups": """
GROUPS = {"one-to-one": [0], "one-to-many": [1, 2], "many-to-one": [3, 4], "many-to-many, equal lengths": [5, 6], "many-to-many, different lengths": [7]}


def classify(tasks):
    found = {}
    for kind, places in GROUPS.items():
        found.update({TASKS[place]: kind for place in places if TASKS[place] in tasks})
    return found
""",
        "a match": """
def classify(tasks):
    result = {}
    for task in tasks:
        match TASKS.index(task):
            case 0:
                result[task] = "one-to-one"
            case 1 | 2:
                result[task] = "one-to-many"
            case 3 | 4:
                result[task] = "many-to-one"
            case 7:
                result[task] = "many-to-many, different lengths"
            case _:
                result[task] = "many-to-many, equal lengths"
    return result
""",
    },
    "many_to_one": {
        "all states, then one each": """
def many_to_one(inputs, H0, params, W_hq, b_q, lengths):
    H, states = H0, []
    for X in inputs:
        H = rnn_cell(X, H, params)
        states.append(H)
    last = torch.stack(states)[lengths - 1, torch.arange(len(lengths))]
    return last @ W_hq + b_q
""",
        "a loop over examples": """
def many_to_one(inputs, H0, params, W_hq, b_q, lengths):
    last = []
    for i, length in enumerate(lengths.tolist()):
        H = H0[i : i + 1]
        for X in inputs[:length, i : i + 1]:
            H = rnn_cell(X, H, params)
        last.append(H)
    return (torch.cat(last) if last else H0) @ W_hq + b_q
""",
        "only those that still run": """
def many_to_one(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0.clone()
    for t in range(len(inputs)):
        on = lengths > t
        new = H.clone()
        new[on] = torch.tanh(inputs[t][on] @ W_xh + H[on] @ W_hh + b_h)
        H = new
    return torch.einsum("nh,hq->nq", H, W_hq) + b_q
""",
        "gather": """
def many_to_one(inputs, H0, params, W_hq, b_q, lengths):
    states = [H0]
    for X in inputs:
        states.append(rnn_cell(X, states[-1], params))
    table = torch.stack(states)
    places = lengths.view(1, -1, 1).expand(1, len(lengths), H0.shape[1])
    return F.linear(table.gather(0, places)[0], W_hq.T, b_q)
""",
    },
    "one_to_many": {
        "a list of choices": """
def one_to_many(x0, H0, params, W_hq, b_q, num_steps):
    chosen, X, H = [], x0, H0
    while len(chosen) < num_steps:
        H = rnn_cell(X, H, params)
        token = torch.argmax(H @ W_hq + b_q, dim=1)
        chosen.append(token)
        X = F.one_hot(token, len(b_q)).to(x0)
    return torch.stack(chosen, dim=1) if chosen else torch.empty(len(x0), 0, dtype=torch.long)
""",
        "rows of the identity": """
def one_to_many(x0, H0, params, W_hq, b_q, num_steps):
    eye = torch.eye(x0.shape[1], dtype=x0.dtype)
    out = torch.full((x0.shape[0], num_steps), -1)
    X, H = x0, H0
    for s in range(num_steps):
        H = rnn_cell(X, H, params)
        out[:, s] = (H @ W_hq).add(b_q).argmax(1)
        X = eye[out[:, s]]
    return out
""",
        "the row of the weights itself": """
def one_to_many(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    tokens = x0.new_zeros((len(x0), num_steps), dtype=torch.int64)
    Z, H = x0 @ W_xh, H0
    for s in range(num_steps):
        H = torch.tanh(Z + H @ W_hh + b_h)
        tokens[:, s] = torch.max(H @ W_hq + b_q, dim=-1).indices
        Z = W_xh[tokens[:, s]]
    return tokens
""",
        "recursion": """
def one_to_many(x0, H0, params, W_hq, b_q, num_steps):
    if num_steps == 0:
        return torch.zeros(len(x0), 0, dtype=torch.int64)
    H = rnn_cell(x0, H0, params)
    token = (H @ W_hq + b_q).argmax(-1)
    rest = one_to_many(F.one_hot(token, x0.shape[1]).to(x0.dtype), H, params, W_hq, b_q, num_steps - 1)
    return torch.cat((token[:, None], rest), 1)
""",
    },
    "tag": {
        "step by step": """
def tag(inputs, H0, params, W_hq, b_q, lengths):
    T, n, _ = inputs.shape
    tags, H = torch.full((n, T), -1), H0
    for t in range(T):
        H = rnn_cell(inputs[t], H, params)
        real = lengths > t
        tags[real, t] = (H[real] @ W_hq + b_q).argmax(1)
    return tags
""",
        "a loop over sentences": """
def tag(inputs, H0, params, W_hq, b_q, lengths):
    T, n, _ = inputs.shape
    rows = []
    for i in range(n):
        H, row = H0[i][None], []
        for t in range(int(lengths[i])):
            H = rnn_cell(inputs[t, i][None], H, params)
            row.append(int((H @ W_hq + b_q).argmax()))
        rows.append(row + [-1] * (T - len(row)))
    return torch.tensor(rows, dtype=torch.int64).reshape(n, T)
""",
        "masked_fill": """
def tag(inputs, H0, params, W_hq, b_q, lengths):
    H = H0
    scores = torch.stack([(H := rnn_cell(X, H, params)) @ W_hq + b_q for X in inputs])
    behind = torch.arange(len(inputs))[:, None] >= lengths[None, :]
    return scores.argmax(2).masked_fill(behind, -1).T
""",
        "einsum": """
def tag(inputs, H0, params, W_hq, b_q, lengths):
    states, H = [], H0
    for X in inputs:
        H = rnn_cell(X, H, params)
        states.append(H)
    best = (torch.einsum("tnh,hq->ntq", torch.stack(states), W_hq) + b_q).max(-1)[1]
    for i, length in enumerate(lengths):
        best[i, length:] = -1
    return best
""",
    },
    "encode_decode": {
        "two helpers": """
def encode(src, lengths, enc):
    H = torch.zeros(src.shape[1], enc[1].shape[1], dtype=src.dtype, device=src.device)
    states = []
    for X in src:
        H = rnn_cell(X, H, enc)
        states.append(H)
    return torch.stack(states)[lengths - 1, torch.arange(src.shape[1])]


def encode_decode(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = encode(src, lengths, enc)
    token = torch.full((len(H),), bos)
    out = torch.zeros(len(H), num_steps, dtype=torch.int64)
    for s in range(num_steps):
        H = rnn_cell(F.one_hot(token, W_hq.shape[1]).to(H.dtype), H, dec)
        out[:, s] = token = (H @ W_hq + b_q).argmax(1)
    return out
""",
        "a loop over sources": """
def encode_decode(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    rows = []
    for i in range(src.shape[1]):
        H = src.new_zeros(1, enc[2].shape[0])
        for t in range(int(lengths[i])):
            H = rnn_cell(src[t, i : i + 1], H, enc)
        row, token = [], bos
        for _ in range(num_steps):
            X = torch.zeros(1, len(b_q), dtype=src.dtype)
            X[0, token] = 1
            H = rnn_cell(X, H, dec)
            token = int((H @ W_hq + b_q).argmax())
            row.append(token)
        rows.append(row)
    return torch.tensor(rows, dtype=torch.int64).reshape(src.shape[1], num_steps)
""",
        "rows of the decoder's weights": """
def encode_decode(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    n = src.shape[1]
    H = torch.zeros((n, enc[1].shape[0]), dtype=src.dtype)
    for t in range(src.shape[0]):
        new = torch.tanh(src[t] @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((lengths > t).view(-1, 1), new, H)
    chosen = [torch.full((n,), bos, dtype=torch.int64)]
    for _ in range(num_steps):
        H = torch.tanh(dec[0][chosen[-1]] + H @ dec[1] + dec[2])
        chosen.append((H @ W_hq + b_q).argmax(dim=-1))
    return torch.stack(chosen, dim=1)[:, 1:]
""",
        "clones and masks": """
def encode_decode(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = src.new_zeros((src.size(1), enc[1].size(0)))
    for t, X in enumerate(src):
        live, new = t < lengths, H.clone()
        new[live] = rnn_cell(X[live], H[live], enc)
        H = new
    tokens, last = [], torch.tensor([bos] * src.size(1), dtype=torch.int64)
    for _ in range(num_steps):
        H = rnn_cell(torch.eye(len(b_q), dtype=src.dtype)[last], H, dec)
        last = torch.argmax(torch.addmm(b_q, H, W_hq), -1)
        tokens.append(last.unsqueeze(1))
    return torch.cat(tokens, 1) if num_steps else last.new_zeros((len(last), 0))
""",
    },
    "choices_06": {
        "a capital with a blank": """
answers = {"C6": " B "}
""",
    },
}
