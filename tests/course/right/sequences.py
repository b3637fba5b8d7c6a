"""Right answers to the questions of 01-sequences."""

SOURCES = {
    "Vocab": {
        "a dict that counts, a sort in two passes": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        freqs = {}
        for token in tokens:
            freqs[token] = freqs.get(token, 0) + 1
        self.idx_to_token = ["<unk>"] + list(reserved_tokens)
        pairs = sorted(freqs.items())
        pairs.sort(key=lambda pair: pair[1], reverse=True)
        for token, freq in pairs:
            if freq >= min_freq and token not in self.idx_to_token:
                self.idx_to_token.append(token)
        self.token_to_idx = dict(zip(self.idx_to_token, range(len(self.idx_to_token))))

    def __len__(self):
        return len(self.token_to_idx)

    def __getitem__(self, tokens):
        if type(tokens) is str:
            try:
                return self.token_to_idx[tokens]
            except KeyError:
                return 0
        return list(map(self.__getitem__, tokens))

    def to_tokens(self, indices):
        if not hasattr(indices, "__len__"):
            return self.idx_to_token[int(indices)]
        return [self.idx_to_token[int(i)] for i in indices]
""",
        "a defaultdict for the indices, read with get": """
from collections import defaultdict


class Vocab:
    unk = 0

    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        reserved = list(dict.fromkeys(("<unk>", *reserved_tokens)))
        counter = Counter(t for t in tokens if t not in set(reserved))
        ranked = sorted(counter, key=lambda t: (-counter[t], t))
        self.idx_to_token = reserved + [t for t in ranked if counter[t] >= min_freq]
        self.token_to_idx = defaultdict(lambda: Vocab.unk, {t: i for i, t in enumerate(self.idx_to_token)})

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        match tokens:
            case str():
                return self.token_to_idx.get(tokens, self.unk)
            case _:
                return [self[t] for t in tokens]

    def to_tokens(self, indices):
        return self.idx_to_token[indices] if isinstance(indices, int) else [self.to_tokens(i) for i in indices]
""",
        "type annotations, properties and a helper": """
def ranked(counts: Counter) -> list[str]:
    return [token for _, token in sorted((-count, token) for token, count in counts.items())]


class Vocab:
    def __init__(self, tokens: list[str], min_freq: int = 1, reserved_tokens: tuple[str, ...] = ()) -> None:
        counts = Counter(tokens)
        self._tokens: list[str] = ["<unk>", *reserved_tokens]
        seen = set(self._tokens)
        self._tokens += [t for t in ranked(counts) if counts[t] >= min_freq and t not in seen]
        self._indices: dict[str, int] = {t: i for i, t in enumerate(self._tokens)}

    @property
    def idx_to_token(self) -> list[str]:
        return self._tokens

    @property
    def token_to_idx(self) -> dict[str, int]:
        return self._indices

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, tokens: "str | list[str]") -> "int | list[int]":
        if not isinstance(tokens, (list, tuple)):
            return self._indices.get(tokens, 0)
        return [self._indices.get(t, 0) for t in tokens]

    def to_tokens(self, indices: "int | list[int]") -> "str | list[str]":
        if not isinstance(indices, (list, tuple)):
            return self._tokens[indices]
        return [self._tokens[i] for i in indices]
""",
        "most_common after sorting the tokens": """
class Vocab:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        self.idx_to_token = ["<unk>", *reserved_tokens]
        self.token_to_idx = {}
        for i, t in enumerate(self.idx_to_token):
            self.token_to_idx[t] = i
        for token, count in Counter(sorted(tokens)).most_common():
            if count < min_freq:
                break
            if token in self.token_to_idx:
                continue
            self.token_to_idx[token] = len(self.idx_to_token)
            self.idx_to_token.append(token)

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self.__getitem__(t) for t in tokens]
        return self.token_to_idx[tokens] if tokens in self.token_to_idx else self.token_to_idx["<unk>"]

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[i] for i in indices]
        return self.idx_to_token[indices]
""",
    },
    "one_hot": {
        "scatter": """
def one_hot(X, vocab_size):
    ids = X.t().long()
    return torch.zeros(*ids.shape, vocab_size).scatter_(-1, ids.unsqueeze(-1), 1.0)
""",
        "rows of the identity": """
def one_hot(X, vocab_size):
    return torch.eye(vocab_size)[X.T.to(torch.int64)]
""",
        "explicit loops": """
def one_hot(X, vocab_size):
    n, num_steps = X.shape
    out = torch.zeros((num_steps, n, vocab_size), dtype=torch.float32)
    for i in range(n):
        for t in range(num_steps):
            out[t, i, X[i, t].item()] = 1
    return out
""",
        "comparison by broadcasting": """
def one_hot(X: torch.Tensor, vocab_size: int) -> torch.Tensor:
    return (X.permute(1, 0)[:, :, None] == torch.arange(vocab_size, device=X.device)).float()
""",
        "a lambda": """
one_hot = lambda X, vocab_size: F.one_hot(X.transpose(0, 1).type(torch.LongTensor), num_classes=vocab_size).type(torch.float32)
""",
        "numpy on the way": """
import numpy as np


def one_hot(X, vocab_size):
    return torch.from_numpy(np.eye(vocab_size, dtype="float32")[X.numpy().T.copy()])
""",
    },
    "shift_labels": {
        "a lambda": """
shift_labels = lambda ids: (ids[:-1], ids[1:])
""",
        "slices by name": """
def shift_labels(ids):
    inputs = slice(None, -1)
    labels = slice(1, None)
    return tuple(ids[part] for part in (inputs, labels))
""",
        "by the length": """
def shift_labels(ids):
    m = len(ids)
    return [ids[0 : m - 1], ids[1:m]]
""",
        "a class that can be called": """
class Shift:
    def __call__(self, ids):
        inputs, labels = ids[:-1], ids[1:]
        return inputs, labels


shift_labels = Shift()
""",
    },
    "windows": {
        "unfold": """
def windows(x, tau):
    return x.unfold(0, tau, 1)[:-1], x[tau:, None]
""",
        "one table of indices": """
def windows(x, tau):
    starts = torch.arange(len(x) - tau)
    return x[starts[:, None] + torch.arange(tau)], x[starts + tau].unsqueeze(1)
""",
        "columns, as in the book": """
def windows(x, tau):
    T = x.shape[0]
    features = torch.zeros((T - tau, tau), dtype=x.dtype)
    for i in range(tau):
        features[:, i] = x[i : T - tau + i]
    labels = x[tau:].reshape((-1, 1))
    return features, labels
""",
        "windows of tau and one, cut apart": """
def windows(x, tau):
    both = torch.stack([x[i : i + tau + 1] for i in range(len(x) - tau)])
    return both[:, :-1], both[:, -1:]
""",
        "a list of both": """
def windows(x, tau):
    pairs = [(x[i - tau : i], x[i : i + 1]) for i in range(tau, len(x))]
    return [torch.stack(part) for part in zip(*pairs)]
""",
    },
    "markov_log_prob": {
        "a loop": """
def markov_log_prob(seq, init, trans):
    total = torch.log(init[seq[0]])
    for a, b in zip(seq, seq[1:]):
        total = total + torch.log(trans[a, b])
    return total
""",
        "a Python float": """
def markov_log_prob(seq, init, trans):
    def log(p):
        return math.log(p) if p > 0 else -math.inf

    states = seq.tolist()
    return log(init[states[0]].item()) + sum(log(trans[a][b].item()) for a, b in zip(states[:-1], states[1:]))
""",
        "gather": """
def markov_log_prob(seq, init, trans):
    rows = trans.index_select(0, seq[:-1])
    steps = rows.gather(1, seq[1:, None]).squeeze(1)
    return torch.cat((init[seq[:1]], steps)).log().sum()
""",
        "one look at a table of logs": """
def markov_log_prob(seq, init, trans):
    log_init, log_trans = init.log(), trans.log()
    return log_init[seq[0]] + log_trans[seq[:-1], seq[1:]].sum()
""",
    },
    "latent_rollout": {
        "accumulate": """
from itertools import accumulate


def latent_rollout(f, xs, h0):
    return list(accumulate(xs, lambda h, x: f(x, h), initial=h0))[1:]
""",
        "walrus": """
def latent_rollout(f, xs, h0):
    h = h0
    return [h := f(x, h) for x in xs]
""",
        "a generator inside": """
def latent_rollout(f, xs, h0):
    def states():
        h = h0
        for x in xs:
            h = f(x, h)
            yield h

    return list(states())
""",
        "by index into the list": """
def latent_rollout(f, xs, h0):
    states = [h0]
    for t in range(len(xs)):
        states.append(f(xs[t], states[t]))
    return tuple(states[1:])
""",
    },
    "choices_01": {
        "capitals with blanks": """
answers = {"C1": " B", "C2": "C", "C4": "D ", "C5": "A"}
""",
        "filled in afterwards": """
answers = dict.fromkeys(("C1", "C2", "C4", "C5"))
answers["C1"] = "b"
answers["C2"] = "c"
answers["C4"] = "d"
answers["C5"] = "a"
""",
    },
}
