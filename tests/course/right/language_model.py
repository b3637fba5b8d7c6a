"""Right answers to the questions of 04-language-model."""

SOURCES = {
    "begin_state": {
        "as in the book": """
def begin_state(rnn, batch_size, device):
    num_directions = 2 if rnn.bidirectional else 1
    if not isinstance(rnn, nn.LSTM):
        return torch.zeros((num_directions * rnn.num_layers, batch_size, rnn.hidden_size), device=device)
    return (
        torch.zeros((num_directions * rnn.num_layers, batch_size, rnn.hidden_size), device=device),
        torch.zeros((num_directions * rnn.num_layers, batch_size, rnn.hidden_size), device=device),
    )
""",
        "by the mode": """
def begin_state(rnn, batch_size, device):
    shape = (rnn.num_layers * (1 + int(rnn.bidirectional)), batch_size, rnn.hidden_size)
    states = tuple(torch.zeros(shape, device=device) for _ in range(2 if rnn.mode == "LSTM" else 1))
    return states if len(states) > 1 else states[0]
""",
        "a helper of its own": """
def zeros(rnn, batch_size, device):
    return torch.zeros(rnn.num_layers * [1, 2][rnn.bidirectional], batch_size, rnn.hidden_size).to(device)


def begin_state(rnn, batch_size, device):
    match rnn:
        case nn.LSTM():
            return [zeros(rnn, batch_size, device), zeros(rnn, batch_size, device)]
        case _:
            return zeros(rnn, batch_size, device)
""",
        "clones": """
def begin_state(rnn, batch_size, device):
    H = torch.empty(rnn.num_layers << rnn.bidirectional, batch_size, rnn.hidden_size, device=device).fill_(0)
    return (H, H.clone()) if type(rnn) is nn.LSTM else H
""",
    },
    "RNNModel": {
        "as in the book": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn
        self.vocab_size = vocab_size
        self.num_hiddens = self.rnn.hidden_size
        self.num_directions = 2 if self.rnn.bidirectional else 1
        self.linear = nn.Linear(self.num_hiddens * self.num_directions, self.vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T.long(), self.vocab_size)
        X = X.to(torch.float32)
        Y, state = self.rnn(X, state)
        output = self.linear(Y.reshape((-1, Y.shape[-1])))
        return output, state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
        "another name for the layer, a tuple of helpers": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        nn.Module.__init__(self)
        self.layer, self.V = rnn, vocab_size
        self.head = nn.Linear((1 + rnn.bidirectional) * rnn.hidden_size, vocab_size)

    def encode(self, ids):
        return F.one_hot(ids.transpose(0, 1), num_classes=self.V).float()

    def forward(self, inputs, state):
        hiddens, state = self.layer(self.encode(inputs), state)
        T, n, k = hiddens.shape
        return self.head(hiddens).view(T * n, self.V), state

    def begin_state(self, batch_size, device):
        H = torch.zeros(self.layer.num_layers * (1 + self.layer.bidirectional), batch_size, self.layer.hidden_size, device=device)
        return (H, torch.zeros_like(H)) if isinstance(self.layer, nn.LSTM) else H
""",
        "the output layer at every step": """
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.vocab_size, self.rnn = vocab_size, rnn
        self.out = nn.Linear(in_features=rnn.hidden_size * (2 if rnn.bidirectional else 1), out_features=vocab_size)

    def forward(self, inputs: torch.Tensor, state):
        one_hots = F.one_hot(inputs, self.vocab_size).permute(1, 0, 2).to(self.out.weight.dtype)
        hiddens, new_state = self.rnn(one_hots, state)
        return torch.cat([self.out(H) for H in hiddens]), new_state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
""",
    },
    "seq_data_iter_sequential": {
        "as in the book, from a given offset": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    num_tokens = ((len(corpus) - offset - 1) // batch_size) * batch_size
    Xs = corpus[offset : offset + num_tokens].reshape(batch_size, -1) if num_tokens > 0 else corpus[:0].reshape(batch_size, 0)
    Ys = corpus[offset + 1 : offset + 1 + num_tokens].reshape(batch_size, -1) if num_tokens > 0 else Xs
    num_batches = Xs.shape[1] // num_steps
    for i in range(0, num_steps * num_batches, num_steps):
        X = Xs[:, i : i + num_steps]
        Y = Ys[:, i : i + num_steps]
        yield X, Y
""",
        "a table of positions": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = max(len(corpus) - offset - 1, 0) // batch_size
    rows = offset + length * torch.arange(batch_size)[:, None]
    for k in range(length // num_steps):
        places = rows + k * num_steps + torch.arange(num_steps)
        yield corpus[places], corpus[places + 1]
""",
        "a generator expression": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    text = corpus[offset:]
    length = (len(text) - 1) // batch_size if len(text) else 0
    rows = [text[i * length : i * length + length + 1] for i in range(batch_size)]
    starts = range(0, length // num_steps * num_steps, num_steps)
    return (tuple(torch.stack([row[s + k : s + k + num_steps] for row in rows]) for k in (0, 1)) for s in starts)
""",
        "split": """
def seq_data_iter_sequential(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length <= 0:
        return
    X, Y = (corpus[offset + k : offset + k + batch_size * length].view(batch_size, length) for k in (0, 1))
    for x, y in zip(X.split(num_steps, 1), Y.split(num_steps, 1)):
        if x.shape[1] == num_steps:
            yield x, y
""",
    },
    "seq_data_iter_random": {
        "as in the book": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    corpus = corpus[torch.randint(0, num_steps, (1,), generator=generator).item() :]
    num_subseqs = (len(corpus) - 1) // num_steps
    initial = torch.arange(0, num_subseqs * num_steps, num_steps)
    initial = initial[torch.randperm(num_subseqs, generator=generator)].tolist()
    for i in range(0, batch_size * (num_subseqs // batch_size), batch_size):
        per_batch = initial[i : i + batch_size]
        X = [corpus[j : j + num_steps] for j in per_batch]
        Y = [corpus[j + 1 : j + 1 + num_steps] for j in per_batch]
        yield torch.stack(X), torch.stack(Y)
""",
        "pieces cut first": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    text = corpus[int(torch.randint(num_steps, (), generator=generator)) :]
    count = (len(text) - 1) // num_steps
    X, Y = (text[k : k + count * num_steps].view(count, num_steps) for k in (0, 1))
    for block in torch.randperm(count, generator=generator).split(batch_size):
        if len(block) == batch_size:
            yield X[block], Y[block]
""",
        "a Python shuffle, seeded by the generator": """
import random


def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    dice = random.Random(torch.randint(2**31, (), generator=generator).item())
    starts = list(range(dice.randrange(num_steps), len(corpus) - num_steps, num_steps))
    dice.shuffle(starts)
    while len(starts) >= batch_size:
        batch, starts = starts[:batch_size], starts[batch_size:]
        places = torch.tensor(batch)[:, None] + torch.arange(num_steps)
        yield corpus[places], corpus[places + 1]
""",
        "unfold": """
def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    first = torch.randint(0, num_steps, (1,), generator=generator).item()
    pieces = corpus[first:].unfold(0, num_steps + 1, num_steps)
    pieces = pieces[torch.randperm(len(pieces), generator=generator)]
    for b in range(len(pieces) // batch_size):
        batch = pieces[b * batch_size : (b + 1) * batch_size]
        yield batch[:, :-1], batch[:, 1:]
""",
    },
    "train_epoch_ch8": {
        "as in the book": """
def train_epoch_ch8(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(batch_size=X.shape[0], device=X.device)
        elif isinstance(net, nn.Module) and not isinstance(state, tuple):
            state.detach_()
        else:
            for s in state:
                s.detach_()
        y = Y.T.reshape(-1)
        y_hat, state = net(X, state)
        l = loss(y_hat, y.long()).mean()
        updater.zero_grad()
        l.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total += float(l.detach()) * y.numel()
        count += y.numel()
    try:
        return math.exp(total / count)
    except OverflowError:
        return float("inf")
""",
        "clipping by hand": """
def train_epoch_ch8(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    losses, sizes, state = [], [], None
    for X, Y in train_iter:
        if use_random_iter:
            state = None
        if state is None:
            state = net.begin_state(len(X), X.device)
        state = tuple(part.detach() for part in state) if isinstance(state, (tuple, list)) else state.detach()
        updater.zero_grad(set_to_none=False)
        scores, state = net(X, state)
        value = loss(scores, torch.cat([Y[:, t] for t in range(Y.shape[1])]))
        value.backward()
        grads = [p.grad for p in net.parameters() if p.grad is not None]
        norm = math.sqrt(sum(float((g * g).sum()) for g in grads))
        if norm > theta:
            for g in grads:
                g.mul_(theta / norm)
        updater.step()
        losses.append(value.item())
        sizes.append(Y.numel())
    mean = sum(a * b for a, b in zip(losses, sizes)) / sum(sizes)
    return math.exp(mean) if mean < 709 else math.inf
""",
        "gradients emptied after the step": """
def detached(state):
    return type(state)(map(detached, state)) if isinstance(state, (tuple, list)) else state.detach()


def train_epoch_ch8(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    updater.zero_grad()
    state, nats, tokens = None, 0, 0
    for X, Y in train_iter:
        fresh = state is None or use_random_iter
        state = net.begin_state(X.size(0), X.device) if fresh else detached(state)
        scores, state = net(X, state)
        value = loss(scores, Y.permute(1, 0).flatten())
        value.backward()
        nn.utils.clip_grad_norm_(list(net.parameters()), theta)
        updater.step()
        updater.zero_grad()
        nats, tokens = nats + value.detach().double() * Y.numel(), tokens + Y.numel()
    return (nats / tokens).exp().item()
""",
    },
    "predict_ch8": {
        "as in the book": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    state = net.begin_state(batch_size=1, device=device)
    outputs = [vocab[prefix[0]]]
    get_input = lambda: torch.tensor([outputs[-1]], device=device).reshape((1, 1))
    with torch.no_grad():
        for y in prefix[1:]:
            _, state = net(get_input(), state)
            outputs.append(vocab[y])
        for _ in range(num_preds):
            y, state = net(get_input(), state)
            outputs.append(int(y.argmax(dim=1).reshape(1)))
    return "".join([vocab.idx_to_token[i] for i in outputs])
""",
        "the prefix in one call": """
@torch.no_grad()
def predict_ch8(prefix, num_preds, net, vocab, device):
    scores, state = net(torch.tensor([vocab[list(prefix)]], device=device), net.begin_state(1, device))
    written = []
    for _ in range(num_preds):
        token = int(scores[-1].argmax())
        written.append(vocab.to_tokens(token))
        scores, state = net(torch.tensor([[token]], device=device), state)
    return prefix + "".join(written)
""",
        "everything read anew for each character": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    ids = [vocab[c] for c in prefix]
    with torch.inference_mode():
        while len(ids) < len(prefix) + num_preds:
            scores, _ = net(torch.tensor([ids], device=device), net.begin_state(1, device))
            ids.append(scores[-1].argmax().item())
    return prefix + "".join(vocab.to_tokens(ids[len(prefix) :]))
""",
        "max with its index, evaluation mode": """
def predict_ch8(prefix, num_preds, net, vocab, device):
    was_training = net.training
    net.eval()
    text, state = str(prefix), net.begin_state(batch_size=1, device=device)
    with torch.no_grad():
        for c in prefix[:-1]:
            _, state = net(torch.tensor([[vocab[c]]], device=device), state)
        last = vocab[prefix[-1]]
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[last]], device=device), state)
            _, index = scores.max(dim=-1)
            last = index.item()
            text = text + vocab.idx_to_token[last]
    net.train(was_training)
    return text
""",
    },
    "train_ch8": {
        "everything by hand": """
def train_ch8(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    net = RNNModel(rnn, vocab_size).to(corpus.device)
    loss, trainer, history = nn.CrossEntropyLoss(), torch.optim.Adam(net.parameters(), lr), []
    for epoch in range(num_epochs):
        state, nats, tokens = net.begin_state(batch_size, corpus.device), 0.0, 0
        for X, Y in seq_data_iter_sequential(corpus, batch_size, num_steps, epoch % num_steps):
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            value = loss(scores, Y.T.reshape(-1))
            trainer.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            trainer.step()
            nats, tokens = nats + value.item() * Y.numel(), tokens + Y.numel()
        history.append(math.exp(nats / tokens))
    return net, history
""",
    },
}
