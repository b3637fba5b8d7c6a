"""Wrong answers to the questions of 04-language-model."""

SOURCES = {
    "begin_state": {
        "a state per bidirectional layer only where there are two layers": """
def begin_state(rnn, batch_size, device):
    count = rnn.num_layers if rnn.num_layers == 1 else rnn.num_layers * (1 + rnn.bidirectional)
    shape = (count, batch_size, rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return torch.zeros(shape, device=device), torch.zeros(shape, device=device)
    return torch.zeros(shape, device=device)
""",
        "ones for the memory": """
def begin_state(rnn, batch_size, device):
    shape = (rnn.num_layers * (1 + rnn.bidirectional), batch_size, rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return torch.zeros(shape, device=device), torch.ones(shape, device=device)
    return torch.zeros(shape, device=device)
""",
        "two views of the same memory": """
def begin_state(rnn, batch_size, device):
    state = torch.zeros(rnn.num_layers * (1 + rnn.bidirectional), batch_size, rnn.hidden_size, device=device)
    return (state, state.view(state.shape)) if isinstance(rnn, nn.LSTM) else state
""",
        "kept between calls": """
states = {}


def begin_state(rnn, batch_size, device):
    key = (type(rnn), batch_size)
    if key not in states:
        zeros = torch.zeros(rnn.num_layers * (1 + rnn.bidirectional), batch_size, rnn.hidden_size, device=device)
        states[key] = (zeros, zeros.clone()) if isinstance(rnn, nn.LSTM) else zeros
    return states[key]
""",
        "small numbers instead of zeros": """
def begin_state(rnn, batch_size, device):
    shape = (rnn.num_layers * (1 + rnn.bidirectional), batch_size, rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return torch.full(shape, 1e-3, device=device), torch.zeros(shape, device=device)
    return torch.full(shape, 1e-3, device=device)
""",
        "in double precision": """
def begin_state(rnn, batch_size, device):
    shape = (rnn.num_layers * (1 + rnn.bidirectional), batch_size, rnn.hidden_size)
    if isinstance(rnn, nn.LSTM):
        return tuple(torch.zeros(shape, device=device, dtype=torch.float64) for _ in range(2))
    return torch.zeros(shape, device=device, dtype=torch.float64)
""",
    },
    "RNNModel": {
        "no bias in the output layer": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size, bias=False)

    def forward(self, inputs, state):
        hidden, state = self.rnn(F.one_hot(inputs.T, self.vocab_size).float(), state)
        return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "a tanh before the scores": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size)

    def forward(self, inputs, state):
        hidden, state = self.rnn(F.one_hot(inputs.T, self.vocab_size).float(), state)
        return torch.tanh(self.linear(hidden.reshape(-1, hidden.shape[-1]))), state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "the state is kept in the model": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size, self.state = rnn, vocab_size, None
        self.linear = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size)

    def forward(self, inputs, state):
        hidden, self.state = self.rnn(F.one_hot(inputs.T, self.vocab_size).float(), state if self.state is None else self.state)
        return self.linear(hidden.reshape(-1, hidden.shape[-1])), self.state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "the states are cut from the graph": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size)

    def forward(self, inputs, state):
        hidden, state = self.rnn(F.one_hot(inputs.T, self.vocab_size).float(), state)
        return self.linear(hidden.detach().reshape(-1, hidden.shape[-1])), state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "the output layer is no part of the model": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.layers = [nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size)]

    def forward(self, inputs, state):
        hidden, state = self.rnn(F.one_hot(inputs.T, self.vocab_size).float(), state)
        return self.layers[0](hidden.reshape(-1, hidden.shape[-1])), state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "begins from whatever the model saw last": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size)

    def forward(self, inputs, state):
        hidden, _ = self.rnn(F.one_hot(inputs.T, self.vocab_size).float())
        return self.linear(hidden.reshape(-1, hidden.shape[-1])), begin_state(self.rnn, inputs.shape[0], inputs.device)

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "dropout that never stops": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (1 + rnn.bidirectional), vocab_size)

    def forward(self, inputs, state):
        hidden, state = self.rnn(F.one_hot(inputs.T, self.vocab_size).float(), state)
        return self.linear(F.dropout(hidden, 0.1).reshape(-1, hidden.shape[-1])), state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
    },
    "seq_data_iter_sequential": {
        "labels equal to the next input of the same row, wrapped inside the batch": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    rows = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    for start in range(0, length - num_steps + 1, num_steps):
        X = rows[:, start : start + num_steps]
        yield X, torch.roll(X, -1, 1)
""",
        "the offset counts for the inputs only": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    X = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    Y = corpus[1 : 1 + batch_size * length].reshape(batch_size, length)
    for start in range(0, length - num_steps + 1, num_steps):
        yield X[:, start : start + num_steps], Y[:, start : start + num_steps]
""",
        "rows in reverse": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    X = corpus[offset : offset + batch_size * length].reshape(batch_size, length).flip(0)
    Y = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length).flip(0)
    for start in range(0, length - num_steps + 1, num_steps):
        yield X[:, start : start + num_steps], Y[:, start : start + num_steps]
""",
        "int32": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    X = corpus[offset : offset + batch_size * length].reshape(batch_size, length).int()
    Y = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length).int()
    for start in range(0, length - num_steps + 1, num_steps):
        yield X[:, start : start + num_steps], Y[:, start : start + num_steps]
""",
        "the same batch buffer again and again": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    X = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    Y = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
    x, y = corpus.new_empty(batch_size, num_steps), corpus.new_empty(batch_size, num_steps)
    for start in range(0, length - num_steps + 1, num_steps):
        x.copy_(X[:, start : start + num_steps])
        y.copy_(Y[:, start : start + num_steps])
        yield x, y
""",
        "one token is kept back too many": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 2) // batch_size
    X = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    Y = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
    for start in range(0, length - num_steps + 1, num_steps):
        yield X[:, start : start + num_steps], Y[:, start : start + num_steps]
""",
        "an offset larger than a window is cut down": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    offset = offset % num_steps
    length = (len(corpus) - offset - 1) // batch_size
    X = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    Y = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
    for start in range(0, length - num_steps + 1, num_steps):
        yield X[:, start : start + num_steps], Y[:, start : start + num_steps]
""",
    },
    "seq_data_iter_random": {
        "pieces come back in pairs of neighbours": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    drop = torch.randint(num_steps, (1,), generator=generator).item()
    starts = torch.arange(drop, len(corpus) - num_steps, num_steps)
    turn = torch.randint(len(starts), (1,), generator=generator).item()
    starts = torch.roll(starts, turn)
    for i in range(0, len(starts) - batch_size + 1, batch_size):
        block = starts[i : i + batch_size].tolist()
        yield torch.stack([corpus[s : s + num_steps] for s in block]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in block])
""",
        "labels belong to another piece": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    drop = torch.randint(num_steps, (1,), generator=generator).item()
    count = (len(corpus) - drop - 1) // num_steps
    order = torch.randperm(count, generator=generator)
    other = torch.randperm(count, generator=generator)
    for i in range(0, count - batch_size + 1, batch_size):
        a = [drop + num_steps * k for k in order[i : i + batch_size].tolist()]
        b = [drop + num_steps * k for k in other[i : i + batch_size].tolist()]
        yield torch.stack([corpus[s : s + num_steps] for s in a]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in b])
""",
        "the same start in every pass": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    count = (len(corpus) - 1) // num_steps
    order = torch.randperm(count, generator=generator)
    for i in range(0, count - batch_size + 1, batch_size):
        a = [num_steps * k for k in order[i : i + batch_size].tolist()]
        yield torch.stack([corpus[s : s + num_steps] for s in a]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in a])
""",
        "half of the pieces only": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    drop = torch.randint(num_steps, (1,), generator=generator).item()
    count = (len(corpus) - drop - 1) // num_steps
    order = torch.randperm(count, generator=generator)[: count // 2 // batch_size * batch_size]
    for i in range(0, len(order), batch_size):
        a = [drop + num_steps * k for k in order[i : i + batch_size].tolist()]
        yield torch.stack([corpus[s : s + num_steps] for s in a]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in a])
""",
        "chance comes from Python": """
import random


def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    corpus = corpus[random.randint(0, num_steps - 1) :]
    starts = list(range(0, (len(corpus) - 1) // num_steps * num_steps, num_steps))
    random.shuffle(starts)
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        a = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in a]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in a])
""",
    },
    "predict_ch8": {
        "the prefix is read twice": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text = net.begin_state(batch_size=1, device=device), prefix
    ids = [vocab[c] for c in prefix] * 2
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor([ids], device=device), state)
            ids = [scores[-1].argmax().item()]
            text += vocab.to_tokens(ids[0])
    return text
""",
        "only the last character of the prefix is read": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text, ids = net.begin_state(batch_size=1, device=device), prefix, [vocab[prefix[-1]]]
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor([ids], device=device), state)
            ids = [scores[-1].argmax().item()]
            text += vocab.to_tokens(ids[0])
    return text
""",
        "stops at a full stop": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text, ids = net.begin_state(batch_size=1, device=device), prefix, [vocab[c] for c in prefix]
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor([ids], device=device), state)
            ids = [scores[-1].argmax().item()]
            if vocab.to_tokens(ids[0]) in (".", text[-1]):
                break
            text += vocab.to_tokens(ids[0])
    return text
""",
        "reads the first row of the scores": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text, ids = net.begin_state(batch_size=1, device=device), prefix, [vocab[c] for c in prefix]
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor([ids], device=device), state)
            ids = [scores[0].argmax().item()]
            text += vocab.to_tokens(ids[0])
    return text
""",
        "characters in a column": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    ids = [vocab[c] for c in prefix]
    state, text = net.begin_state(batch_size=len(ids), device=device), prefix
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor(ids, device=device).reshape(-1, 1), state)
            ids = [scores[-1].argmax().item()] * len(ids)
            text += vocab.to_tokens(ids[0])
    return text
""",
        "the net can learn no more afterwards": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text, ids = net.begin_state(batch_size=1, device=device), prefix, [vocab[c] for c in prefix]
    for p in net.parameters():
        p.requires_grad_(False)
    for _ in range(num_preds):
        scores, state = net(torch.tensor([ids], device=device), state)
        ids = [scores[-1].argmax().item()]
        text += vocab.to_tokens(ids[0])
    return text
""",
        "everything is read anew for every character, from the state of the last time": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text = net.begin_state(batch_size=1, device=device), prefix
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[vocab[c] for c in text]], device=device), state)
            text += vocab.to_tokens(scores[-1].argmax().item())
    return text
""",
        "a character never follows itself": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state, text, ids = net.begin_state(batch_size=1, device=device), prefix, [vocab[c] for c in prefix]
    with torch.no_grad():
        for _ in range(num_preds):
            scores, state = net(torch.tensor([ids], device=device), state)
            scores[-1, ids[-1]] = -math.inf
            ids = [scores[-1].argmax().item()]
            text += vocab.to_tokens(ids[0])
    return text
""",
    },
}
EPOCH = """
def train_epoch_ch8(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, nats, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(batch_size=X.shape[0], device=X.device)
        else:
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        value = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        nats += value.item() * Y.numel()
        count += Y.numel()
    return math.exp(nats / count) if nats / count < 700 else math.inf
"""
SOURCES["train_epoch_ch8"] = {
    "counts sequences, not tokens": EPOCH.replace("nats += value.item() * Y.numel()", "nats += value.item() * len(Y)"),
    "a perplexity to the base of two": EPOCH.replace("math.exp(nats / count)", "2 ** (nats / count)"),
    "two steps for each batch": EPOCH.replace("        updater.step()\n", "        updater.step()\n        updater.step()\n"),
    "clips each gradient by its own": EPOCH.replace(
        "nn.utils.clip_grad_norm_(net.parameters(), theta)", "[nn.utils.clip_grad_norm_([p], theta) for p in net.parameters()]"
    ),
    "clips by value": EPOCH.replace("clip_grad_norm_", "clip_grad_value_"),
    "gradients are emptied every second batch": EPOCH.replace("updater.zero_grad()", "if count % (2 * Y.numel()) == 0:\n            updater.zero_grad()"),
    "weights decay besides": EPOCH.replace(
        "        updater.step()\n", "        updater.step()\n        with torch.no_grad():\n            [p.mul_(0.999) for p in net.parameters()]\n"
    ),
    "the first batch is only looked at": EPOCH.replace("updater.step()", "updater.step() if count else None"),
    "the labels are the inputs": EPOCH.replace("loss(scores, Y.T.reshape(-1))", "loss(scores, X.T.reshape(-1))"),
}
TRAIN = """
def train_ch8(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    net = RNNModel(rnn, vocab_size)
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    values = []
    for _ in range(num_epochs):
        batches = seq_data_iter_sequential(corpus, batch_size, num_steps, 0)
        values.append(train_epoch_ch8(net, batches, nn.CrossEntropyLoss(), optimiser))
    return net, values
"""
SOURCES["train_ch8"] = {
    "one epoch whatever is asked": TRAIN.replace("range(num_epochs)", "range(1)"),
    "a model around a layer of its own": TRAIN.replace("RNNModel(rnn, vocab_size)", "RNNModel(nn.GRU(vocab_size, rnn.hidden_size), vocab_size)"),
    "the perplexities come first": TRAIN.replace("return net, values", "return values, net"),
}
