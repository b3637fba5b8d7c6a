"""Cases and known mistakes of begin_state."""

import torch
from torch import nn

from grader.authoring import Case

from . import assignment


def begun(entry, kind, num_hiddens, batch_size, num_layers=1, bidirectional=False, device="cpu"):
    rnn = getattr(nn, kind)(7, num_hiddens, num_layers=num_layers, bidirectional=bidirectional, device=device)
    return entry(rnn, batch_size, torch.device(device))


def begun_and_written_to(entry, kind, num_hiddens, batch_size):
    state = entry(getattr(nn, kind)(7, num_hiddens), batch_size, torch.device("cpu"))
    if isinstance(state, (tuple, list)):
        state[0].add_(1)
    return state


def begun_again(entry, kind, num_hiddens, batch_size):
    rnn = getattr(nn, kind)(7, num_hiddens)
    first = entry(rnn, batch_size, torch.device("cpu"))
    for tensor in first if isinstance(first, (tuple, list)) else [first]:
        tensor.add_(1)
    return entry(rnn, batch_size, torch.device("cpu"))


@assignment.question("begin_state", points=2, driver=begun, allow=["sequence"])
def begin_state(_draw):
    """The state before the first token"""
    yield Case("a GRU of one layer", public=True, teaching=True, kind="GRU", num_hiddens=4, batch_size=3)
    yield Case("an LSTM of two layers", public=True, teaching=True, kind="LSTM", num_hiddens=4, batch_size=3, num_layers=2)
    yield Case("a plain RNN in both directions", teaching=True, kind="RNN", num_hiddens=5, batch_size=2, bidirectional=True)
    yield Case("a deep GRU in both directions", teaching=True, kind="GRU", num_hiddens=3, batch_size=4, num_layers=3, bidirectional=True)
    yield Case("a deep LSTM in both directions", kind="LSTM", num_hiddens=6, batch_size=1, num_layers=2, bidirectional=True)
    yield Case("one of the two tensors of an LSTM is written to", edge=True, driver=begun_and_written_to, kind="LSTM", num_hiddens=3, batch_size=2)
    yield Case("a second text begins", driver=begun_again, kind="GRU", num_hiddens=4, batch_size=3)
    yield Case("a layer on a device without memory", edge=True, kind="GRU", num_hiddens=4, batch_size=2, num_layers=2, device="meta")


@begin_state.mistake(
    "N01",
    hint="Right for one direction only.",
    where="A layer that reads both ways runs two networks. How many states is that?",
)
def directions_forgotten(rnn, batch_size, device):
    H = torch.zeros(rnn.num_layers, batch_size, rnn.hidden_size, device=device)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N02", hint="An LSTM complains about the state that you give it.", where="Which two things does an LSTM carry from step to step?")
def one_tensor_for_an_lstm(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    return torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, device=device)


@begin_state.mistake("N03", hint="The first axis of your state is the batch.", where="A state keeps its layers first, whatever the order of the inputs is.")
def batch_first(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(batch_size, D * rnn.num_layers, rnn.hidden_size, device=device)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake(
    "N04",
    hint="The two tensors of an LSTM are one and the same: what is written into one appears in the other.",
    where="How many tensors do you create, and how many names do you give them?",
)
def the_same_tensor_twice(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, device=device)
    return (H, H) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N12", hint="Your state has a single layer.", where="Every layer starts from a state of its own.")
def layers_forgotten(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(D, batch_size, rnn.hidden_size, device=device)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N13", hint="Your state lies on another device than the network.", where="Who tells you where the state should lie?")
def device_ignored(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N14", hint="Your state is as wide as the inputs.", where="Which of the layer's sizes belongs to the state?")
def as_wide_as_the_inputs(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(D * rnn.num_layers, batch_size, rnn.input_size, device=device)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N15", hint="Before it has read anything your network already remembers something.", where="What does an empty memory hold?")
def random_start(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.randn(D * rnn.num_layers, batch_size, rnn.hidden_size, device=device)
    return (H, torch.randn_like(H)) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N16", hint="A GRU gets two tensors from you.", where="Which of the three kinds of layers carries two things from step to step?")
def two_tensors_for_a_gru(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, device=device)
    return H if isinstance(rnn, nn.RNN) else (H, H.clone())


@begin_state.mistake("N17", hint="In both directions your state is twice as wide.", where="Two directions mean more states, or wider ones?")
def directions_side_by_side(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(rnn.num_layers, batch_size, D * rnn.hidden_size, device=device)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake("N18", hint="With one example in the batch the batch axis is missing.", where="A state always has three axes.")
def no_axis_for_a_batch_of_one(rnn, batch_size, device):
    D = 2 if rnn.bidirectional else 1
    H = torch.zeros(D * rnn.num_layers, batch_size, rnn.hidden_size, device=device)
    H = H.squeeze(1)
    return (H, H.clone()) if isinstance(rnn, nn.LSTM) else H


@begin_state.mistake(
    "N29",
    hint="A second text does not begin from zeros: it begins from what became of the first one's state.",
    where="Do you give out the same tensors twice?",
)
def kept_between_calls(rnn, batch_size, device, _kept={}):  # noqa: B006 - the mistake
    D = 2 if rnn.bidirectional else 1
    shape = (D * rnn.num_layers, batch_size, rnn.hidden_size)
    key = (type(rnn), shape, str(device))
    if key not in _kept:
        H = torch.zeros(shape, device=device)
        _kept[key] = (H, H.clone()) if isinstance(rnn, nn.LSTM) else H
    return _kept[key]
