"""Inputs and drivers that several questions of this notebook use; each driver is self-contained."""

import torch

LIBRARY_LAYERS = (
    "torch.nn.RNN",
    "torch.nn.RNNCell",
    "torch.nn.RNNBase",
    "torch.nn.RNNCellBase",
    "torch.rnn_tanh",
    "torch.rnn_tanh_cell",
    "torch.rnn_relu",
    "torch.rnn_relu_cell",
)


def step_inputs(draw, n, d, h, dtype=torch.float64, scale=0.7):
    """Return the arguments of one step; no state and no bias is zero."""
    return {
        "X": draw.normal(n, d, scale=scale, dtype=dtype),
        "H": draw.normal(n, h, dtype=dtype),
        "W_xh": draw.normal(d, h, dtype=dtype),
        "W_hh": draw.normal(h, h, dtype=dtype),
        "b_h": draw.normal(h, dtype=dtype),
    }


def gradients(entry, upstream, **inputs):
    """Return for each input the answer when that input alone is learned, and its gradient (zeros where none arrives)."""
    reached = {}
    for learned, value in inputs.items():
        leaves = {name: given.clone().requires_grad_(name == learned) for name, given in inputs.items()}
        answer = entry(**leaves)
        gradient = torch.autograd.grad(answer, leaves[learned], upstream, allow_unused=True)[0] if answer.requires_grad else None
        reached[learned] = (answer, torch.zeros_like(value) if gradient is None else gradient)
    return reached


def on_transposed_memory(entry, **inputs):
    """Call the entry with matrices whose rows do not lie next to each other in memory."""
    return entry(**{name: value.mT.contiguous().mT if value.ndim > 1 else value for name, value in inputs.items()})
