"""5.4: an LSTM over a whole sequence."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import LSTM_LAYERS, lstm_params


def in_two_parts(entry, inputs, state, **parameters):
    """What comes out when the sequence is cut after its second step and the state is passed on."""
    first, state = entry(inputs=inputs[:2], state=state, **parameters)
    second, state = entry(inputs=inputs[2:], state=state, **parameters)
    return torch.cat((first, second)), state


def with_another_future(entry, inputs, future, **rest):
    """The first outputs when later inputs are exchanged, and whether later outputs noticed."""
    steps = len(inputs) - len(future)
    before, _ = entry(inputs=inputs, **rest)
    after, _ = entry(inputs=torch.cat((inputs[:steps], future)), **rest)
    return after[:steps], not torch.allclose(before[steps:], after[steps:])


def batch_first_in_memory(entry, inputs, **rest):
    return entry(inputs=inputs.transpose(0, 1).contiguous().transpose(0, 1), **rest)


def gradients_through_time(entry, inputs, state, params, W_hq, b_q):
    leaves = [tensor.clone().requires_grad_() for tensor in (inputs, *state, W_hq, b_q, *params)]
    outputs, (H, C) = entry(leaves[0], (leaves[1], leaves[2]), tuple(leaves[5:]), leaves[3], leaves[4])
    weights = torch.linspace(-1, 2, outputs.numel(), dtype=outputs.dtype, device=outputs.device).reshape(outputs.shape)
    nothing = 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad((outputs * weights).sum() + H.sum() + 2 * C.sum() + nothing, leaves)


@assignment.question("lstm_forward", points=1, depends_on=["lstm_step"], forbids=LSTM_LAYERS, allow=["sequence"])
def lstm_forward(draw):
    """A long short-term memory that reads a whole sequence."""

    def inputs(num_steps, n, d=5, h=4, q=6, dtype=torch.float64):
        return {
            "inputs": draw.normal(num_steps, n, d, dtype=dtype),
            "state": (draw.normal(n, h, dtype=dtype), draw.normal(n, h, dtype=dtype)),
            "params": lstm_params(draw, d, h, dtype),
            "W_hq": draw.normal(h, q, dtype=dtype),
            "b_q": draw.normal(q, dtype=dtype),
        }

    yield Case("four steps, three examples", teaching=True, public=True, **inputs(4, 3))
    yield Case("five steps, two examples", teaching=True, **inputs(5, 2))
    yield Case("a sequence of one step", teaching=True, **inputs(1, 3))
    yield Case("single precision, batch of one", **inputs(4, 1, dtype=torch.float32))
    yield Case("as many steps as examples", teaching=True, **inputs(3, 3))
    yield Case("as many outputs as units", teaching=True, **inputs(4, 3, q=4))
    yield Case("cut in two, the state handed over", teaching=True, driver=in_two_parts, **inputs(5, 3))
    yield Case("another future, the same past", teaching=True, driver=with_another_future, future=draw.normal(3, 3, 5), **inputs(6, 3))
    yield Case("gradients travel back through all steps", driver=gradients_through_time, **inputs(4, 3))
    yield Case("memory laid out with the batch first", edge=True, driver=batch_first_in_memory, **inputs(4, 3))
    yield Case("no examples at all", teaching=True, edge=True, **inputs(4, 0))


@lstm_forward.mistake(
    "LF01", hint="The first step differs already: your result does not depend on the initial state.", where="Where does your loop's first state come from?"
)
def starts_from_zeros(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, H, C = [], torch.zeros_like(state[0]), torch.zeros_like(state[1])
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF02",
    hint="From the second step on nothing is remembered of the steps before.",
    where="Which states does step t read? Follow both through two turns of your loop.",
)
def reads_the_initial_states_at_every_step(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H0, C0) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H0 @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H0 @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H0 @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H0 @ W_hc + b_c)
        C = F_gate * C0 + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF03",
    hint="The hidden state travels along the sequence, the memory does not.",
    where="Two things have to reach the next step. Follow each of them through two turns of your loop.",
)
def starts_every_step_with_the_initial_memory(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C0) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C0 + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF04",
    hint="The first step differs already: your result does not depend on the initial memory.",
    where="The state that you are given has two parts. Are both in use?",
)
def starts_with_an_empty_memory(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, H, C = [], state[0], torch.zeros_like(state[1])
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake("LF05", hint="The two parts of the initial state are exchanged.", where="Which part of the state comes first in the text?")
def takes_the_memory_for_the_hidden_state(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (C, H) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake("LF06", hint="Your outputs are computed from the memory.", where="Which of the two states does the output layer see?")
def shows_the_memory_to_the_output_layer(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(C @ W_hq + b_q)
    return torch.stack(outputs), (H, C)
