"""5.3: one step of a long short-term memory."""

import torch
from torch import nn

from grader.authoring import Case, Failure

from .plan import assignment
from .shared import CLOSED, LSTM_LAYERS, OPEN, lstm_params, with_gates


def gradients(entry, X, H, C, params):
    leaves = [tensor.clone().requires_grad_() for tensor in (X, H, C, *params)]
    new_state, new_memory = entry(leaves[0], leaves[1], leaves[2], tuple(leaves[3:]))
    weights = torch.linspace(-1, 2, new_state.numel(), dtype=new_state.dtype, device=new_state.device).reshape(new_state.shape)
    nothing = 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad((new_state * weights).sum() + (new_memory * weights.flip(0)).sum() + nothing, leaves)


def twenty_steps(entry, inputs, H, C, params):
    for X in inputs:
        H, C = entry(X, H, C, params)
    return H, C


def agrees_with_the_library(got, inputs, H, C, params):
    """Compare with PyTorch's own layer, which stacks its gates in another order, stores its weights transposed and has two biases."""
    blocks = [params[3 * gate : 3 * gate + 3] for gate in (0, 1, 3, 2)]
    layer = nn.LSTM(inputs.shape[2], H.shape[1], dtype=inputs.dtype)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.cat([block[0] for block in blocks], 1).T)
        layer.weight_hh_l0.copy_(torch.cat([block[1] for block in blocks], 1).T)
        layer.bias_ih_l0.copy_(torch.cat([block[2] for block in blocks]))
        layer.bias_hh_l0.zero_()
        _, expected = layer(inputs, (H.unsqueeze(0), C.unsqueeze(0)))
    for name, state, wanted in zip(("hidden state", "memory"), got, expected, strict=True):
        if state.shape != wanted[0].shape or state.dtype != wanted.dtype or not torch.allclose(state, wanted[0], rtol=1e-7, atol=1e-9):
            return Failure(message=f"After twenty steps PyTorch's own layer, with the same weights, has another {name}.")
    return None


@assignment.question("lstm_step", points=4, forbids=LSTM_LAYERS, allow=["sequence"])
def lstm_step(draw):
    """One step of a long short-term memory."""

    def inputs(n, d, h, dtype=torch.float64, memory=0.7):
        return {
            "X": draw.normal(n, d, dtype=dtype),
            "H": draw.normal(n, h, dtype=dtype),
            "C": draw.normal(n, h, scale=memory, dtype=dtype),
            "params": lstm_params(draw, d, h, dtype),
        }

    def held(*levels):
        drawn = inputs(3, 5, 4, memory=3.0)
        return {**drawn, "params": with_gates(drawn["params"], *levels)}

    yield Case("three examples, five inputs, four units", teaching=True, public=True, **inputs(3, 5, 4))
    yield Case("two examples, two inputs, three units", teaching=True, **inputs(2, 2, 3))
    yield Case("batch of one, single precision", **inputs(1, 5, 4, dtype=torch.float32))
    yield Case("every size is four", **inputs(4, 4, 4))
    yield Case("a lone unit", teaching=True, **inputs(3, 5, 1))
    yield Case("memory kept, nothing written", teaching=True, **held(CLOSED, OPEN))
    yield Case("memory dropped, candidate written in full", teaching=True, **held(OPEN, CLOSED))
    yield Case("both memory gates open, memory grows", teaching=True, **held(OPEN, OPEN))
    yield Case("output gate held shut", teaching=True, **held(0.3, -0.2, CLOSED))
    yield Case("memory far beyond one", teaching=True, **inputs(3, 5, 4, memory=4.0))
    sequence = inputs(3, 5, 4)
    del sequence["X"]
    yield Case(
        "twenty steps, as in PyTorch's own layer", teaching=True, driver=twenty_steps, check=agrees_with_the_library, inputs=draw.normal(20, 3, 5), **sequence
    )
    yield Case("gradients reach the input, both states and all twelve parameters", driver=gradients, **inputs(3, 5, 4))
    saturated = inputs(3, 5, 4)
    saturated["params"] = tuple(tensor * 1e4 for tensor in saturated["params"])
    yield Case("gates far into saturation", edge=True, **saturated)
    yield Case("no examples at all", teaching=True, edge=True, **inputs(0, 5, 4))


@lstm_step.mistake("W01", hint="Forget and input gate are exchanged.", where="Which gate looks after the old memory, and which one after the new candidate?")
def exchanges_forget_and_input(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = I_gate * C + F_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W02", hint="Your hidden state can leave the range from -1 to 1.", where="What happens to the memory on its way out, before the output gate acts?"
)
def lets_the_memory_out_unsquashed(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * C, C


@lstm_step.mistake(
    "W03", hint="Your hidden state is made from the memory before the update.", where="In which order do memory and hidden state come into being?"
)
def reads_the_memory_before_the_update(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C_new = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C_new


@lstm_step.mistake(
    "W04", hint="Your candidate is never negative.", where="Gates and candidate do not share their activation. Which one does the candidate have?"
)
def gives_the_candidate_a_sigmoid(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.sigmoid(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W05", hint="The input gate has no effect on your result.", where="How much of the candidate may be written into the memory, and who decides?"
)
def never_uses_the_input_gate(X, H, C, params):
    _W_xi, _W_hi, _b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W06", hint="Nothing of the old memory stays, not even with the forget gate wide open.", where="The new memory has two sources. Which one is missing?"
)
def never_uses_the_forget_gate(X, H, C, params):
    W_xi, W_hi, b_i, _W_xf, _W_hf, _b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W07", hint="Writing and keeping are tied together, as in a GRU.", where="The LSTM has two separate gates for the two. Do you use both?")
def couples_the_two_memory_gates(X, H, C, params):
    _W_xi, _W_hi, _b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + (1 - F_gate) * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W08", hint="Your memory never leaves the range from -1 to 1.", where="The hidden state is squashed. Is the memory, too?")
def squashes_the_memory_itself(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = torch.tanh(F_gate * C + I_gate * C_tilde)
    return O_gate * C, C


@lstm_step.mistake("W09", hint="The values are right but come back in the other order.", where="Which of the two states does the text return first?")
def returns_the_memory_first(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return C, O_gate * torch.tanh(C)


@lstm_step.mistake(
    "W10",
    hint="Output gate and candidate are mixed up.",
    where="This is close to the order that PyTorch uses. Compare the order of the parameters with the text.",
)
def takes_the_candidate_before_the_output_gate(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xc, W_hc, b_c, W_xo, W_ho, b_o = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W11", hint="Your gates read the memory instead of the hidden state.", where="Which of the two states do gates and candidate look at?")
def computes_the_gates_from_the_memory(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + C @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + C @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + C @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + C @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W12",
    hint="Forget and input gate are exchanged.",
    where="Compare the order in which you take the parameters apart with the order in the text.",
    same_as="W01",
)
def takes_the_forget_gate_first(X, H, C, params):
    W_xf, W_hf, b_f, W_xi, W_hi, b_i, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W13",
    hint="The output gate is multiplied as a matrix, so the shapes do not meet or the units get mixed.",
    where="A gate multiplies each unit by its own factor. Which product does that?",
)
def multiplies_the_output_gate_as_a_matrix(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate @ torch.tanh(C), C


@lstm_step.mistake("W14", hint="The output gate has no effect on your result.", where="How much of the memory may be seen outside, and who decides?")
def never_uses_the_output_gate(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, _W_xo, _W_ho, _b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return torch.tanh(C), C


@lstm_step.mistake("W15", hint="Your gates are not confined to the range from 0 to 1.", where="Which function turns a gate's scores into shares?")
def leaves_the_gates_linear(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = X @ W_xi + H @ W_hi + b_i
    F_gate = X @ W_xf + H @ W_hf + b_f
    O_gate = X @ W_xo + H @ W_ho + b_o
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W16", hint="Your candidate can leave the range from -1 to 1.", where="Something from the formula of the candidate is missing around its sum."
)
def leaves_the_candidate_linear(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = X @ W_xc + H @ W_hc + b_c
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W17", hint="The biases have no effect on your result.", where="Count the parameters that you use: the text has twelve.")
def forgets_the_biases(X, H, C, params):
    W_xi, W_hi, _, W_xf, W_hf, _, W_xo, W_ho, _, W_xc, W_hc, _ = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W18", hint="Your gates do not look at the past.", where="What do gates and candidate read besides the input of this step?")
def computes_the_gates_from_the_input_alone(X, H, C, params):
    W_xi, _, b_i, W_xf, _, b_f, W_xo, _, b_o, W_xc, _, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + b_o)
    C_tilde = torch.tanh(X @ W_xc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W19", hint="The old memory is kept in full, whatever the forget gate says.", where="What should happen to the old memory when the forget gate is 0?"
)
def keeps_all_of_the_memory(X, H, C, params):
    W_xi, W_hi, b_i, _W_xf, _W_hf, _b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W20", hint="Your forget gate works backwards: open, it forgets.", where="In the text an open forget gate keeps. Which share of the old memory do you keep?"
)
def forgets_where_it_should_keep(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = (1 - F_gate) * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W21", hint="The values are right, but no gradient comes through your step.", where="What cuts the computation graph between the inputs and the results?"
)
def detaches_both_states(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = (F_gate * C + I_gate * C_tilde).detach()
    return (O_gate * torch.tanh(C)).detach(), C


@lstm_step.mistake(
    "W22",
    hint="The values are right, but the gradient does not flow along the memory.",
    where="The straight way from memory to memory is what the LSTM was made for. Is it cut somewhere?",
)
def detaches_the_memory(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C.detach() + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W23", hint="Your function changes the memory that it was given.", where="The caller may still need the old memory. Which of your lines writes into it?"
)
def overwrites_the_memory_of_the_caller(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C *= F_gate
    C += I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W24",
    hint="Correct for moderate numbers; for large scores your gates become NaN.",
    where="A homemade sigmoid overflows. What is divided by what when the score is 10000?",
)
def writes_a_sigmoid_that_overflows(X, H, C, params):
    def sigmoid(scores):
        return torch.exp(scores) / (1 + torch.exp(scores))

    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W25", hint="Given float32 you return float64.", where="Let the inputs decide about the type of the numbers.")
def forces_double_precision(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return (O_gate * torch.tanh(C)).double(), C.double()


@lstm_step.mistake("W26", hint="Given float64 you return float32.", where="Let the inputs decide about the type of the numbers.")
def forces_single_precision(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return (O_gate * torch.tanh(C)).float(), C.float()


@lstm_step.mistake("W27", hint="With one example your results lose their first axis.", where="Something in your code removes axes of length one.")
def squeezes_the_results(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return (O_gate * torch.tanh(C)).squeeze(0), C.squeeze(0)


@lstm_step.mistake("W28", hint="You return the hidden state alone.", where="Two things have to reach the next step. Which one is missing?")
def returns_the_hidden_state_only(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C)


@lstm_step.mistake(
    "W29",
    hint="Your output gate looks at the memory that has just been updated.",
    where="From which of the two states is the output gate computed, and from which point in time?",
)
def lets_the_output_gate_peek_at_the_new_memory(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    O_gate = torch.sigmoid(X @ W_xo + C @ W_ho + b_o)
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W30",
    hint="The weights of the past are used lying on their side.",
    where="Weights that map the past are square, so no error tells you: do their rows belong to the old state or to the new one?",
)
def transposes_the_weights_of_the_past(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi.T + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf.T + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho.T + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc.T + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake(
    "W31", hint="One gate reads the past through the weights of another.", where="Each gate has its own matrices. Check every name in every line."
)
def copies_a_line_and_forgets_to_rename(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, _W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_hf + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C


@lstm_step.mistake("W32", hint="Your hidden state is squashed twice.", where="How often does the text apply tanh to the memory on its way out?")
def squashes_the_output_twice(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return torch.tanh(O_gate * torch.tanh(C)), C


@lstm_step.mistake(
    "W33",
    hint="Right except where inputs and hidden units are equally many.",
    where="The orientation of the input weights seems to depend on the shapes. Rows belong to inputs, columns to hidden units, always.",
)
def guesses_the_orientation_of_the_input_weights(X, H, C, params):
    turned = [params[place].T if place % 3 == 0 and X.shape[1] == H.shape[1] else params[place] for place in range(12)]
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = turned
    I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = F_gate * C + I_gate * C_tilde
    return O_gate * torch.tanh(C), C
