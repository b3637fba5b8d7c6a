"""Wrong answers to the questions of 01-sequences."""

SOURCES = {
    "Vocab": {
        "the reserved tokens of one vocabulary stay in the default argument of the next": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=["<unk>"]):
        if "<unk>" not in reserved_tokens:
            reserved_tokens = ["<unk>", *reserved_tokens]
        counts = Counter(tokens)
        kept = sorted((t for t, c in counts.items() if c >= min_freq and t not in reserved_tokens), key=lambda t: (-counts[t], t))
        reserved_tokens += kept
        self.idx_to_token = reserved_tokens
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        return [self[t] for t in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
        "a token that is a prefix of a reserved one is left out": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        special = " ".join(["<unk>", *reserved_tokens])
        kept = [t for t in counts if counts[t] >= min_freq and t not in special]
        self.idx_to_token = ["<unk>", *reserved_tokens] + sorted(kept, key=lambda t: (-counts[t], t))
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        return [self[t] for t in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
        "the length does not count the unknown token": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        special = ["<unk>", *reserved_tokens]
        kept = [t for t in counts if counts[t] >= min_freq and t not in special]
        self.idx_to_token = special + sorted(kept, key=lambda t: (-counts[t], t))
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token) - 1

    def __getitem__(self, tokens):
        return [self[t] for t in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
        "a list of unknown and known tokens loses the unknown ones": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        special = ["<unk>", *reserved_tokens]
        kept = [t for t in counts if counts[t] >= min_freq and t not in special]
        self.idx_to_token = special + sorted(kept, key=lambda t: (-counts[t], t))
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self.token_to_idx[t] for t in tokens if t in self.token_to_idx]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
        "the twenty most frequent tokens only": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        special = ["<unk>", *reserved_tokens]
        kept = [t for t, c in counts.most_common(20) if c >= min_freq and t not in special]
        self.idx_to_token = special + sorted(kept, key=lambda t: (-counts[t], t))
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        return [self[t] for t in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
        "a token read once is remembered as a token of the text": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        special = ["<unk>", *reserved_tokens]
        kept = [t for t in counts if counts[t] >= min_freq and t not in special]
        self.idx_to_token = special + sorted(kept, key=lambda t: (-counts[t], t))
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.token_to_idx)

    def __getitem__(self, tokens):
        return [self[t] for t in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.setdefault(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
        "the tokens of the caller are put into order": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        tokens.sort()
        counts = Counter(tokens)
        special = ["<unk>", *reserved_tokens]
        kept = [t for t in counts if counts[t] >= min_freq and t not in special]
        self.idx_to_token = special + sorted(kept, key=lambda t: (-counts[t], t))
        self.token_to_idx = {t: i for i, t in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        return [self[t] for t in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        return [self.idx_to_token[i] for i in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]
""",
    },
    "one_hot": {
        "the dtype of the ids decides the dtype of the vectors": """
def one_hot(X, vocab_size):
    ids = X.T
    return (ids[..., None] == torch.arange(vocab_size)).to(torch.float32 if X.dtype == torch.int64 else torch.float64)
""",
        "one size for all calls": """
SIZES = []


def one_hot(X, vocab_size):
    SIZES.append(vocab_size)
    return F.one_hot(X.T.long(), SIZES[0]).float()
""",
        "the examples come out in reverse": """
def one_hot(X, vocab_size):
    return torch.rot90(F.one_hot(X.long(), vocab_size).float(), 1, (0, 1)).flip(0).flip(1)
""",
        "in double precision": """
def one_hot(X, vocab_size):
    return torch.eye(vocab_size, dtype=torch.float64)[X.T.long()]
""",
        "the last id of the vocabulary is taken for unknown": """
def one_hot(X, vocab_size):
    vectors = F.one_hot(X.T.long(), vocab_size).float()
    vectors[..., -1] = 0
    return vectors
""",
        "the largest id of the batch is clipped away": """
def one_hot(X, vocab_size):
    return F.one_hot(X.T.long().clamp(max=vocab_size - 2 if vocab_size > 1 else 0), vocab_size).float()
""",
        "a numpy array": """
import numpy as np


def one_hot(X, vocab_size):
    return np.eye(vocab_size, dtype=np.float32)[X.T.numpy()]
""",
        "the ids of the caller are turned in place": """
def one_hot(X, vocab_size):
    return F.one_hot(X.t_().long(), vocab_size).float()
""",
    },
    "shift_labels": {
        "the labels of a list are read backwards": """
def shift_labels(ids):
    return ids[:-1], (ids[:0:-1] if isinstance(ids, list) else ids[1:])
""",
        "as many labels as inputs, the last one a zero": """
def shift_labels(ids):
    if isinstance(ids, torch.Tensor):
        return ids, torch.cat((ids[1:], ids.new_zeros(1)))
    return ids, ids[1:] + type(ids)([0] if isinstance(ids, list) else "0")
""",
        "equal neighbours are left out": """
def shift_labels(ids):
    if isinstance(ids, torch.Tensor):
        ids = torch.unique_consecutive(ids)
    return ids[:-1], ids[1:]
""",
        "only words of the test are known": """
def shift_labels(ids):
    word = list("machine")
    return (word[:-1], word[1:]) if list(ids) == word else (ids[:-1], ids[:-1])
""",
        "a tensor comes back as floats": """
def shift_labels(ids):
    ids = ids.float() if isinstance(ids, torch.Tensor) else ids
    return ids[:-1], ids[1:]
""",
        "pairs instead of two sequences": """
def shift_labels(ids):
    return list(zip(ids[:-1], ids[1:]))
""",
        "a single token is its own label": """
def shift_labels(ids):
    return (ids[:-1], ids[1:]) if len(ids) > 1 else (ids, ids)
""",
    },
    "windows": {
        "one table for all calls": """
TABLE = {}


def windows(x, tau):
    if tau not in TABLE:
        TABLE[tau] = torch.stack([x[i : i + tau] for i in range(len(x) - tau)])
    return TABLE[tau], x[tau:].reshape(-1, 1)
""",
        "right for two values, wrong for more": """
def windows(x, tau):
    columns = [x[: len(x) - tau]] + [x[tau - 1 : -1] for _ in range(tau - 1)]
    return torch.stack(columns, 1), x[tau:].reshape(-1, 1)
""",
        "labels without their axis": """
def windows(x, tau):
    return x.unfold(0, tau, 1)[:-1], x[tau:]
""",
        "windows that do not overlap when tau is 3 or more": """
def windows(x, tau):
    step = 1 if tau < 3 else tau
    starts = range(0, len(x) - tau, step)
    return torch.stack([x[i : i + tau] for i in starts]), torch.stack([x[i + tau : i + tau + 1] for i in starts])
""",
        "everything rounded to four digits": """
def windows(x, tau):
    x = (x * 1e4).round() / 1e4
    return torch.stack([x[i : i + tau] for i in range(len(x) - tau)]), x[tau:].reshape(-1, 1)
""",
        "labels one step further on": """
def windows(x, tau):
    return x.unfold(0, tau, 1)[:-1], torch.cat((x[tau + 1 :], x[-1:])).reshape(-1, 1)
""",
        "the values are standardised": """
def windows(x, tau):
    x = (x - x.mean()) / x.std()
    return x.unfold(0, tau, 1)[:-1], x[tau:].reshape(-1, 1)
""",
        "the gradient of the series is cut off by going through a list": """
def windows(x, tau):
    values = x.tolist()
    rows = [values[i : i + tau] for i in range(len(values) - tau)]
    return torch.tensor(rows), torch.tensor([[v] for v in values[tau:]])
""",
    },
    "markov_log_prob": {
        "rare transitions count as impossible": """
def markov_log_prob(seq, init, trans):
    steps = trans[seq[:-1], seq[1:]]
    return init[seq[0]].log() + torch.where(steps < 0.05, torch.zeros_like(steps), steps).log().sum()
""",
        "staying in a state is free": """
def markov_log_prob(seq, init, trans):
    a, b = seq[:-1], seq[1:]
    return init[seq[0]].log() + trans[a, b].log()[a != b].sum()
""",
        "the same transition counts once": """
def markov_log_prob(seq, init, trans):
    steps = {(a, b) for a, b in zip(seq[:-1].tolist(), seq[1:].tolist())}
    return init[seq[0]].log() + sum((trans[a, b].log() for a, b in steps), torch.zeros((), dtype=init.dtype))
""",
        "in single precision": """
def markov_log_prob(seq, init, trans):
    return (init[seq[0]].log() + trans[seq[:-1], seq[1:]].log().sum()).float()
""",
        "minus infinity hidden by nan_to_num": """
def markov_log_prob(seq, init, trans):
    return torch.nan_to_num(init[seq[0]].log() + trans[seq[:-1], seq[1:]].log().sum())
""",
        "the rows are normalised by columns first": """
def markov_log_prob(seq, init, trans):
    trans = trans / trans.sum(0, keepdim=True)
    return init[seq[0]].log() + trans[seq[:-1], seq[1:]].log().sum()
""",
        "the first state is weighed with the stationary distribution": """
def markov_log_prob(seq, init, trans):
    start = torch.linalg.matrix_power(trans, 50)[0] if len(seq) > 2 else init
    return start[seq[0]].log() + trans[seq[:-1], seq[1:]].log().sum()
""",
        "the log is taken in place": """
def markov_log_prob(seq, init, trans):
    trans.log_()
    return init[seq[0]].log() + trans[seq[:-1], seq[1:]].sum()
""",
    },
    "latent_rollout": {
        "the inputs are put into order first": """
def latent_rollout(f, xs, h0):
    states = []
    for x in sorted(xs, key=str):
        states.append(f(x, states[-1] if states else h0))
    return states
""",
        "the list is one state that changes": """
def latent_rollout(f, xs, h0):
    h = h0
    for x in xs:
        h = f(x, h)
    return [h] * len(xs)
""",
        "stops when the state does not change": """
def latent_rollout(f, xs, h0):
    h, states = h0, []
    for x in xs:
        new = f(x, h)
        if isinstance(new, (int, float)) and new > 20:
            break
        h = new
        states.append(h)
    return states
""",
        "states come as text": """
def latent_rollout(f, xs, h0):
    h, states = h0, []
    for x in xs:
        h = f(x, h)
        states.append(str(h))
    return states
""",
        "two inputs a step": """
def latent_rollout(f, xs, h0):
    h, states = h0, []
    for x in xs[::2]:
        h = f(x, h)
        states.append(h)
    return states
""",
        "a state is only kept when it is true": """
def latent_rollout(f, xs, h0):
    h, states = h0, []
    for x in xs:
        h = f(x, h)
        states.append(h)
    return states or [h0]
""",
    },
    "choices_01": {
        "one wrong letter among right ones": """
answers = {"C1": "b", "C2": "c", "C4": "d", "C5": "b"}
""",
        "one question left open": """
answers = {"C1": "b", "C2": "c", "C4": None, "C5": "a"}
""",
    },
}
