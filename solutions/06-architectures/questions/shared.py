"""What several questions of this assignment draw."""

import torch

LIBRARY_LAYERS = ["torch.nn.RNN", "torch.nn.RNNBase", "torch.rnn_tanh", "torch.nn.GRU", "torch.nn.LSTM", "torch.nn.utils.rnn"]


def triple(draw, num_inputs, num_hiddens, dtype=torch.float64, scale=0.7):
    """The weights of the input, the weights of the past, and a bias."""
    shapes = ((num_inputs, num_hiddens), (num_hiddens, num_hiddens), (num_hiddens,))
    return tuple(draw.normal(*shape, dtype=dtype, scale=scale) for shape in shapes)


def network(draw, d, h, q, dtype=torch.float64, scale=0.7):
    """One recurrent layer and its output layer."""
    return {
        "params": triple(draw, d, h, dtype, scale),
        "W_hq": draw.normal(h, q, dtype=dtype, scale=scale),
        "b_q": draw.normal(q, dtype=dtype, scale=scale),
    }
