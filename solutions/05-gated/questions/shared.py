"""What several questions of this assignment draw."""

import torch

OPEN, CLOSED = 60.0, -60.0

GRU_LAYERS = ["torch.nn.GRU", "torch.nn.GRUCell", "torch.gru", "torch.gru_cell"]
LSTM_LAYERS = ["torch.nn.LSTM", "torch.nn.LSTMCell", "torch.lstm", "torch.lstm_cell"]
RNN_LAYERS = ["torch.nn.RNN", "torch.nn.RNNBase", "torch.rnn_tanh", "torch.nn.GRU", "torch.nn.LSTM"]


def triples(draw, num_inputs, num_hiddens, count, dtype=torch.float64):
    """`count` times the weights of the input, the weights of the past, and a bias, in one flat tuple."""
    shapes = ((num_inputs, num_hiddens), (num_hiddens, num_hiddens), (num_hiddens,))
    return tuple(draw.normal(*shape, dtype=dtype) for _ in range(count) for shape in shapes)


def gru_params(draw, num_inputs, num_hiddens, dtype=torch.float64):
    """Update gate, reset gate, candidate."""
    return triples(draw, num_inputs, num_hiddens, 3, dtype)


def lstm_params(draw, num_inputs, num_hiddens, dtype=torch.float64):
    """Input gate, forget gate, output gate, candidate."""
    return triples(draw, num_inputs, num_hiddens, 4, dtype)


def with_gates(params, *levels):
    """The same parameters, with the leading gates held still: OPEN, CLOSED, or the bias that is given."""
    held = []
    for place, level in enumerate(levels):
        weights = params[3 * place : 3 * place + 3]
        held += [torch.zeros_like(weights[0]), torch.zeros_like(weights[1]), torch.full_like(weights[2], level)]
    return (*held, *params[len(held) :])
