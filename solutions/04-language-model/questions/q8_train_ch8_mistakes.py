"""Known mistakes of train_ch8: each is a whole training run."""

import torch
from torch import nn
from torch.nn import functional as F

from .q7_train_ch8 import train_ch8


@train_ch8.mistake(
    "M41",
    hint="Your model learns in the first epoch only.",
    where="A generator can be walked through once. Where do you create the batches of the second epoch?",
)
def batches_used_up_after_the_first_epoch(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    batches = ((Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]) for i in range(0, rows - num_steps + 1, num_steps))
    for _ in range(num_epochs):
        state, total, count = None, 0.0, 0
        for X, Y in batches:
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M42",
    hint="Your model hardly moves.",
    where="Which optimiser does the text ask for? The learning rate was chosen for that one.",
)
def plain_descent(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.SGD(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M43",
    hint="Your model learns, but clumsily: each step still contains all the steps before.",
    where="What has to be emptied before the backward pass?",
)
def gradients_never_emptied(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M44",
    hint="On its own text your model is perfect, on any other it is hopeless.",
    where="What does it learn to predict: the next character, or the one that it has just read?",
)
def labels_not_shifted(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, X.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M45",
    hint="Your model is better than any model can be.",
    where="Who reads from the right has seen the answer.",
)
def both_directions(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = type(rnn)(vocab_size, rnn.hidden_size, bidirectional=True)
            self.linear = nn.Linear(2 * rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M46",
    hint="Your model learns little, and is hopeless on new text.",
    where="Count how often scores are turned into probabilities.",
)
def softmax_before_the_loss(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(torch.softmax(scores, dim=1), Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M47",
    hint="What was learned in one epoch is partly forgotten in the next.",
    where="Which things are to be created once, before the first epoch?",
)
def new_model_at_every_epoch(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        net = Model().to(corpus.device)
        updater = torch.optim.Adam(net.parameters(), lr=lr)
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M48",
    hint="You return a single perplexity.",
    where="One for each epoch is asked for.",
)
def last_perplexity_only(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities[-1]


@train_ch8.mistake(
    "M49",
    hint="The learning rate that you are given has no effect.",
    where="Which number does the optimiser use?",
)
def rate_of_its_own(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=0.001)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities


@train_ch8.mistake(
    "M50",
    hint="The model that comes back has learned nothing.",
    where="Which of your models was trained, and which one do you return?",
)
def untrained_model_returned(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = type(rnn)(vocab_size, rnn.hidden_size)
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            scores, state = net(X, state)
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return Model().to(corpus.device), perplexities


@train_ch8.mistake(
    "M51",
    hint="Your training works for a plain network and a GRU, and fails for an LSTM.",
    where="What is the state of an LSTM, and what do you do with it between two batches?",
)
def one_tensor_for_a_state(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn
            self.linear = nn.Linear(rnn.hidden_size, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).float(), state)
            return self.linear(hidden.reshape(-1, hidden.shape[-1])), state

        def begin_state(self, batch_size, device):
            return None

    net, perplexities = Model().to(corpus.device), []
    updater = torch.optim.Adam(net.parameters(), lr=lr)
    rows = len(corpus) // batch_size - 1
    Xs, Ys = (corpus[k : k + rows * batch_size].reshape(batch_size, rows) for k in (0, 1))
    for epoch in range(num_epochs):
        state, total, count = None, 0.0, 0
        for i in range(epoch, rows - num_steps + 1, num_steps):
            X, Y = Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
            scores, state = net(X, None if state is None else state.detach())
            cost = F.cross_entropy(scores, Y.T.reshape(-1))
            updater.zero_grad()
            cost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            updater.step()
            total, count = total + cost.item() * Y.numel(), count + Y.numel()
        perplexities.append(torch.tensor(total / max(count, 1)).exp().item())
    return net, perplexities
