"""5.5: the same LSTM, in PyTorch's own layer."""

import torch
from torch import nn

from grader.authoring import Case

from .plan import assignment
from .shared import lstm_params


def filled_layer(entry, inputs, H0, C0, params):
    """What the filled layer computes; before it is filled, all of its parameters are 0.3."""
    lstm = nn.LSTM(inputs.shape[-1], H0.shape[-1], dtype=inputs.dtype, device=inputs.device)
    for parameter in lstm.parameters():
        nn.init.constant_(parameter, 0.3)
    returned = entry(params, lstm)
    with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        outputs, (H, C) = lstm(inputs, (H0.unsqueeze(0), C0.unsqueeze(0)))
    return {
        "hidden states of all steps": outputs,
        "last hidden state": H[0],
        "last memory": C[0],
        "the given layer is returned": returned is lstm,
        "parameters can be trained": all(parameter.requires_grad for parameter in lstm.parameters()),
    }


@assignment.question("d2l_lstm_to_torch", points=2)
def d2l_lstm_to_torch(draw):
    """Your LSTM's weights in PyTorch's own layer."""

    def inputs(num_steps, n, d, h, dtype=torch.float64):
        return {
            "inputs": draw.normal(num_steps, n, d, dtype=dtype),
            "H0": draw.normal(n, h, dtype=dtype),
            "C0": draw.normal(n, h, dtype=dtype),
            "params": lstm_params(draw, d, h, dtype),
        }

    yield Case("five inputs, four units, twenty steps", teaching=True, public=True, driver=filled_layer, **inputs(20, 3, 5, 4))
    yield Case("as many inputs as units", teaching=True, driver=filled_layer, **inputs(6, 2, 4, 4))
    yield Case("one input, six units", teaching=True, driver=filled_layer, **inputs(6, 2, 1, 6))
    yield Case("a layer in single precision", teaching=True, driver=filled_layer, **inputs(3, 2, 5, 4, dtype=torch.float32))
    yield Case("a layer with one unit", teaching=True, edge=True, driver=filled_layer, **inputs(6, 2, 3, 1))


@d2l_lstm_to_torch.mistake(
    "Y01",
    hint="PyTorch stacks its gates in another order than the text.",
    where="Read the shape notes of the layer in PyTorch's documentation: which block comes third?",
)
def keeps_the_order_of_the_text(params, lstm):
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat([params[3 * gate].T for gate in range(4)]))
        lstm.weight_hh_l0.copy_(torch.cat([params[3 * gate + 1].T for gate in range(4)]))
        lstm.bias_ih_l0.copy_(torch.cat([params[3 * gate + 2] for gate in range(4)]))
        lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y02",
    hint="The weights stand the wrong way round; square weights hide it.",
    where="Compare the shapes of both kinds of weights: where are the rows of the inputs?",
)
def does_not_transpose(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    lstm.weight_ih_l0 = nn.Parameter(torch.cat((W_xi, W_xf, W_xc, W_xo)))
    lstm.weight_hh_l0 = nn.Parameter(torch.cat((W_hi, W_hf, W_hc, W_ho)))
    lstm.bias_ih_l0 = nn.Parameter(torch.cat((b_i, b_f, b_c, b_o)))
    lstm.bias_hh_l0 = nn.Parameter(torch.zeros_like(lstm.bias_ih_l0))
    return lstm


@d2l_lstm_to_torch.mistake("Y03", hint="Every bias counts twice.", where="PyTorch has two biases for each gate and adds them. What should they add up to?")
def fills_both_biases(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        lstm.bias_hh_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y04",
    hint="Something of the layer's old parameters is still in there.",
    where="PyTorch has two biases for each gate and adds them. Did you take care of both?",
)
def leaves_the_second_bias_as_it_was(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y05", hint="Weights and biases stand in different orders.", where="The four blocks of the biases must line up with the four blocks of the weights."
)
def orders_only_the_weights(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_o, b_c)))
        lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake("Y06", hint="The layer is filled, but nothing comes back.", where="How does your function end?")
def returns_nothing(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        lstm.bias_hh_l0.zero_()


@d2l_lstm_to_torch.mistake(
    "Y07",
    hint="A correct layer comes back, but it is not the one that was handed in.",
    where="The caller's own layer should hold the weights in the end. What happened to it?",
)
def fills_a_new_layer(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    filled = nn.LSTM(lstm.input_size, lstm.hidden_size, dtype=W_xi.dtype, device=W_xi.device)
    with torch.no_grad():
        filled.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        filled.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        filled.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        filled.bias_hh_l0.zero_()
    return filled


@d2l_lstm_to_torch.mistake(
    "Y08", hint="The values are right, but the layer can no longer be trained.", where="What makes a tensor a parameter that an optimiser may move?"
)
def freezes_the_parameters(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    lstm.requires_grad_(requires_grad=False)
    lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
    lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
    lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
    lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y09",
    hint="PyTorch refuses to write into a parameter while it records gradients.",
    where="Filling a layer is no step of the computation. How do you tell PyTorch not to record it?",
)
def writes_while_gradients_are_recorded(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
    lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
    lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
    lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y10",
    hint="All numbers are there, but rows and columns got mixed.",
    where="Changing the shape of a tensor does not exchange its axes. Follow one weight into the layer.",
)
def reshapes_where_it_should_transpose(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo)).reshape(lstm.weight_ih_l0.shape))
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho)).reshape(lstm.weight_hh_l0.shape))
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y11", hint="The layer reads its inputs as it should, but its past with foreign weights.", where="Which of the layer's four parameters did you never touch?"
)
def forgets_the_weights_of_the_past(params, lstm):
    W_xi, _, b_i, W_xf, _, b_f, W_xo, _, b_o, W_xc, _, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake("Y12", hint="The biases are lost.", where="Setting something to zero is right for one of the two biases. Which one holds yours?")
def zeroes_both_biases(params, lstm):
    W_xi, W_hi, _, W_xf, W_hf, _, W_xo, W_ho, _, W_xc, W_hc, _ = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.zero_()
        lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y13", hint="Forget and input gate are exchanged.", where="Compare the first two blocks with the order that PyTorch's documentation names."
)
def puts_the_forget_gate_first(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xf, W_xi, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hf, W_hi, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_f, b_i, b_c, b_o)))
        lstm.bias_hh_l0.zero_()
    return lstm


@d2l_lstm_to_torch.mistake(
    "Y14",
    hint="Only the weights of the inputs stand the wrong way round, or only those of the past.",
    where="Both kinds of weights need the same treatment; square weights hide that one was left out.",
)
def transposes_the_inputs_only(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho)))
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        lstm.bias_hh_l0.zero_()
    return lstm
