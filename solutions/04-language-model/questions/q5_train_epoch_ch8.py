"""Cases and known mistakes of train_epoch_ch8."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.authoring import Case

from . import assignment


def train(entry, X, Y, kind="RNN", use_random_iter=False, theta=1.0, lr=1.0, num_epochs=2, weight_scale=0.5, loss_scale=1.0, once=False):
    vocab_size, num_hiddens = 6, 5

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = getattr(nn, kind)(vocab_size, num_hiddens)
            self.linear = nn.Linear(num_hiddens, vocab_size)

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, vocab_size).double(), state)
            return self.linear(hidden.reshape(-1, num_hiddens)), state

        def begin_state(self, batch_size, device):
            zeros = [torch.zeros(1, batch_size, num_hiddens, device=device, dtype=torch.float64) for _ in range(2)]
            return tuple(zeros) if kind == "LSTM" else zeros[0]

    net = Model().double()
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(weight_scale * (2 * torch.rand(parameter.shape, generator=generator, dtype=torch.float64) - 1))
    net = net.to(X[0].device)

    class Loss(nn.CrossEntropyLoss):
        def forward(self, scores, labels):
            return loss_scale * super().forward(scores, labels)

    updater = torch.optim.SGD(net.parameters(), lr=lr)
    batches = list(zip(X, Y, strict=True))
    perplexities = [entry(net, iter(batches) if once else batches, Loss(), updater, use_random_iter, theta) for _ in range(num_epochs)]
    return {
        "perplexities": [value if value is None else float(value) for value in perplexities],
        "parameters": {name: parameter.detach() for name, parameter in net.named_parameters()},
    }


def batches_of(draw, *shapes):
    return {kind: [draw.integers(n, T, high=6) for n, T in shapes] for kind in ("X", "Y")}


@assignment.question("train_epoch_ch8", points=4, driver=train)
def train_epoch_ch8(draw):
    """One pass over the training text"""
    even = [(3, 4)] * 4
    yield Case(
        "two passes over four batches in reading order", public=True, teaching=True, tolerance=1e-4, theta=0.5, weight_scale=1.0, **batches_of(draw, *even)
    )
    yield Case("a gated network with two states", tolerance=1e-4, kind="LSTM", **batches_of(draw, *even))
    yield Case("batches from random places", teaching=True, tolerance=1e-4, use_random_iter=True, **batches_of(draw, *even))
    yield Case("a tight limit and large weights", teaching=True, tolerance=1e-4, theta=0.05, weight_scale=1.5, **batches_of(draw, *even))
    yield Case("as many steps as rows", teaching=True, tolerance=1e-4, kind="GRU", **batches_of(draw, (4, 4), (4, 4), (4, 4)))
    unequal = batches_of(draw, (3, 2), (3, 9), (3, 1), (3, 6))
    yield Case("batches of unequal length", teaching=True, tolerance=1e-4, **unequal)
    yield Case("batches that can be read only once", tolerance=1e-4, num_epochs=1, once=True, **batches_of(draw, *even))
    yield Case("one batch has fewer rows", edge=True, tolerance=1e-4, use_random_iter=True, **batches_of(draw, (4, 3), (4, 3), (2, 3)))
    yield Case("training has diverged", edge=True, tolerance=1e-4, loss_scale=2000.0, lr=1e-3, **batches_of(draw, *even))


@train_epoch_ch8.mistake(
    "U01",
    hint="'Backward through the graph a second time': the new batch is still tied to the old one.",
    where="What should be kept of the state from batch to batch: its value, or its history?",
)
def state_not_detached(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake(
    "U02",
    hint="The state is thrown away between batches although the text goes on.",
    where="When does the network have to start from an empty memory, and when not?",
)
def state_reset_at_every_batch(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    total, count = 0.0, 0
    for X, Y in train_iter:
        scores, _ = net(X, net.begin_state(X.shape[0], X.device))
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake(
    "U03",
    hint="The state is carried on although the next batch comes from another place of the text.",
    where="What does the flag for random batches change in your function?",
)
def state_carried_between_random_batches(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U04", hint="Gradients grow from batch to batch.", where="What has to be emptied before the backward pass?")
def gradients_never_emptied(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U05", hint="One large step spoils the rest.", where="What limits the length of a step?")
def never_clipped(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U06", hint="You limit the gradient after it was used.", where="In which order do the lines of a training step stand?", same_as="U05")
def clipped_after_the_step(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        updater.step()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U07", hint="When you limit the gradient there is none yet.", where="Which call fills the gradients?", same_as="U05")
def clipped_before_backward(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        cost.backward()
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U08", hint="The limit that you are given has no effect.", where="Which number limits the gradient in your function?")
def limit_fixed_at_one(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U09", hint="You average perplexities.", where="Which comes first, the average or the exponential?")
def mean_of_the_batches_perplexities(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.detach().exp().item() * Y.numel(), count + Y.numel()
    return total / count


@train_epoch_ch8.mistake(
    "U10",
    hint="A short batch counts as much as a long one in your perplexity.",
    where="Perplexity gives every token the same weight. How many tokens has each batch?",
)
def batches_weighted_equally(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item(), count + 1
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake(
    "U11",
    hint="Labels and scores are paired in different orders.",
    where="The rows of scores run over all sequences of a step, then over the next step. And your labels?",
)
def labels_flattened_row_by_row(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U12", hint="The parameters never change.", where="What is left of the gradients when the optimiser looks at them?")
def emptied_between_backward_and_step(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.zero_grad()
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake(
    "U13",
    hint="A run that has diverged stops with an error.",
    where="Infinity is a legal perplexity. Which exponential returns it, and which one refuses?",
)
def overflow_raises(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return math.exp(total / count)


@train_epoch_ch8.mistake(
    "U14",
    hint="An LSTM carries two tensors; one of yours is still tied to the old graph.",
    where="Look at what you do with each part of the state between two batches.",
)
def only_the_first_state_detached(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = (state[0].detach(), state[1]) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U15", hint="You stop at the average cost of a token.", where="What turns nats a token into a number of choices?")
def exponential_forgotten(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return total / count


@train_epoch_ch8.mistake("U16", hint="You report the perplexity of the last batch.", where="What do you gather while the batches go by?")
def last_batch_only(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state = None
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
    return cost.detach().exp().item()


@train_epoch_ch8.mistake("U17", hint="Batches that can be read only once are used up before you train.", where="How often do you walk through the batches?")
def batches_counted_first(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    count = sum(Y.numel() for _, Y in train_iter)
    state, total = None, 0.0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total += cost.item() * Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake("U18", hint="The parameters never change.", where="Which call lets the optimiser move?", same_as="U12")
def no_step_taken(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    state, total, count = None, 0.0, 0
    for X, Y in train_iter:
        if state is None or use_random_iter:
            state = net.begin_state(X.shape[0], X.device)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()


@train_epoch_ch8.mistake(
    "U19",
    hint="A batch with fewer rows gets a state that does not fit.",
    where="Which batch tells you how many rows a new state needs?",
)
def first_state_used_again(net, train_iter, loss, updater, use_random_iter=False, theta=1.0):
    start, state, total, count = None, None, 0.0, 0
    for X, Y in train_iter:
        start = net.begin_state(X.shape[0], X.device) if start is None else start
        if state is None or use_random_iter:
            state = start
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = net(X, state)
        cost = loss(scores, Y.T.reshape(-1))
        updater.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), theta)
        updater.step()
        total, count = total + cost.item() * Y.numel(), count + Y.numel()
    return torch.tensor(total / count).exp().item()
