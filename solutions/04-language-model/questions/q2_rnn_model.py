"""Cases and known mistakes of RNNModel."""

import torch
from torch import nn
from torch.nn import functional as F

from grader.authoring import Case

from . import assignment


def read(entry, X, vocab_size, num_hiddens, kind="GRU", num_layers=1, bidirectional=False, split_at=None):
    rnn = getattr(nn, kind)(vocab_size, num_hiddens, num_layers=num_layers, bidirectional=bidirectional)
    net = entry(rnn, vocab_size)
    linear = [module for module in net.modules() if isinstance(module, nn.Linear)]
    if len(linear) != 1:
        message = f"the model should have one nn.Linear, its output layer; it has {len(linear)}"
        raise ValueError(message)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in [*rnn.parameters(), *linear[0].parameters()]:
            parameter.copy_(1.6 * torch.rand(parameter.shape, generator=generator) - 0.8)
    net = net.to(X.device)
    state = net.begin_state(X.shape[0], X.device)
    if split_at is None:
        return net(X, state)
    first, state = net(X[:, :split_at], state)
    second, state = net(X[:, split_at:], state)
    return torch.cat((first, second)), state


def what_a_loss_reaches(entry, X, vocab_size, num_hiddens):
    rnn = nn.GRU(vocab_size, num_hiddens)
    net = entry(rnn, vocab_size)
    scores, _ = net(X, net.begin_state(X.shape[0], X.device))
    scores.square().sum().backward()
    return [name for name, parameter in rnn.named_parameters() if parameter.grad is not None and parameter.grad.abs().sum() > 0]


def two_texts(entry, X, vocab_size, num_hiddens):
    net = entry(nn.GRU(vocab_size, num_hiddens), vocab_size)
    first, second = (net(X, net.begin_state(X.shape[0], X.device))[0] for _ in range(2))
    return "the same scores" if torch.equal(first, second) else "other scores"


def unknown_id(entry, X, vocab_size, num_hiddens):
    net, X = entry(nn.GRU(vocab_size, num_hiddens), vocab_size), X.cpu()  # such an id ends the CUDA context
    try:
        net(X, net.begin_state(X.shape[0], X.device))
    except (RuntimeError, IndexError, ValueError):
        return "an error"
    return "no error"


@assignment.question("RNNModel", points=4, depends_on=["begin_state"], driver=read, allow=["sequence"])
def rnn_model(draw):
    """A model from token ids to scores"""
    yield Case("three sequences of four tokens", public=True, teaching=True, X=draw.integers(3, 4, high=6), vocab_size=6, num_hiddens=5)
    yield Case("the text comes in two pieces", teaching=True, X=draw.integers(2, 7, high=5), vocab_size=5, num_hiddens=4, split_at=3)
    yield Case("as many sequences as steps", teaching=True, X=draw.integers(4, 4, high=6), vocab_size=6, num_hiddens=3, kind="RNN")
    yield Case("an LSTM in two pieces", teaching=True, X=draw.integers(3, 5, high=7), vocab_size=7, num_hiddens=4, kind="LSTM", split_at=2)
    yield Case("a deep LSTM in both directions", X=draw.integers(3, 4, high=6), vocab_size=6, num_hiddens=5, kind="LSTM", num_layers=2, bidirectional=True)
    yield Case("largest id never used", teaching=True, X=draw.integers(2, 5, high=4), vocab_size=9, num_hiddens=4)
    yield Case("what a loss reaches", driver=what_a_loss_reaches, X=draw.integers(2, 4, high=5), vocab_size=5, num_hiddens=3)
    yield Case("the same text a second time", driver=two_texts, X=draw.integers(2, 4, high=5), vocab_size=5, num_hiddens=3)
    yield Case("one sequence, one token", edge=True, X=torch.tensor([[2]]), vocab_size=5, num_hiddens=3)
    yield Case("an id outside the vocabulary", edge=True, driver=unknown_id, X=torch.tensor([[0, 5, 1]]), vocab_size=5, num_hiddens=3)


@rnn_model.mistake(
    "N05",
    hint="The rows of your scores stand in another order than the labels of the loss.",
    where="All sequences of the first step come first, then all of the second one.",
)
class BatchMajorRows(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.transpose(0, 1).reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N06",
    hint="Your output layer does not fit a network that reads both ways.",
    where="How many features come out of the recurrent layer then?",
)
class OutputLayerForOneDirection(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size, vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N07",
    hint="The shapes fit, but the sequences are mixed up.",
    where="To exchange two axes is something else than to read the same numbers into another shape.",
)
class ReadIntoAnotherShape(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        n, T = inputs.shape
        X = F.one_hot(inputs, self.vocab_size).float().reshape(T, n, self.vocab_size)
        Y, state = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N08",
    hint="Your network walks over the sequences instead of over time.",
    where="The layer expects time on its first axis. Which axis comes first in the ids?",
)
class AxesNotExchanged(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake("N09", hint="Your result does not depend on the state that you are given.", where="What does the recurrent layer start from?")
class StateNotPassedOn(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake("N10", hint="You hand back the state that came in.", where="The next piece of text should go on after this one.")
class OldStateReturned(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, _ = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake("N11", hint="The rows of your result sum to 1.", where="Who turns scores into probabilities: the model or the loss?")
class ProbabilitiesReturned(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return torch.softmax(self.linear(Y.reshape(-1, Y.shape[-1])), dim=1), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N19",
    hint="Your result has three axes.",
    where="The loss expects one row of scores for each token of the batch.",
)
class ThreeAxesReturned(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake("N20", hint="You predict from the last step only.", where="At how many steps does a language model predict something?")
class LastStepOnly(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y[-1]), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N21",
    hint="Ids outside the vocabulary pass unnoticed.",
    where="A wrong id is a bug in the data. Which step of yours hides it?",
)
class IdsForcedIntoRange(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T.clamp(max=self.vocab_size - 1), self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N22",
    hint="The width of your inputs changes with the text.",
    where="Not every text uses every token. What fixes the number of classes?",
)
class ClassesCountedFromTheText(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N23",
    hint="With one sequence or one token an axis of your scores is missing.",
    where="Which axes of length 1 do you remove?",
)
class AxesOfLengthOneRemoved(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.reshape(-1, Y.shape[-1])).squeeze(), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake("N30", hint="Your scores are right, but nothing behind them can learn.", where="Does a loss of your scores still reach the recurrent layer?")
class StatesCutFromTheGraph(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size = rnn, vocab_size
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, state = self.rnn(X, state)
        return self.linear(Y.detach().reshape(-1, Y.shape[-1])), state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H


@rnn_model.mistake(
    "N31", hint="The same text gets other scores the second time.", where="Which state should a call start from: the one it is given, or an older one?"
)
class StateKeptInTheModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size, self.state = rnn, vocab_size, None
        self.linear = nn.Linear(rnn.hidden_size * (2 if rnn.bidirectional else 1), vocab_size)

    def forward(self, inputs, state):
        X = F.one_hot(inputs.T, self.vocab_size).float()
        Y, self.state = self.rnn(X, state if self.state is None else self.state)
        return self.linear(Y.reshape(-1, Y.shape[-1])), self.state

    def begin_state(self, batch_size, device):
        D = 2 if self.rnn.bidirectional else 1
        H = torch.zeros(D * self.rnn.num_layers, batch_size, self.rnn.hidden_size, device=device)
        return (H, H.clone()) if isinstance(self.rnn, nn.LSTM) else H
