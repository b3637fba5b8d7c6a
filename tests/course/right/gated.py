"""Right answers to the questions of 05-gated."""

SOURCES = {
    "gru_step": {
        "as in the book": """
def gru_step(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid((X @ W_xz) + (H @ W_hz) + b_z)
    R = torch.sigmoid((X @ W_xr) + (H @ W_hr) + b_r)
    H_tilda = torch.tanh((X @ W_xh) + ((R * H) @ W_hh) + b_h)
    return Z * H + (1 - Z) * H_tilda
""",
        "both gates in one product": """
def gru_step(X, H, params):
    W_x = torch.cat((params[0], params[3]), 1)
    W_h = torch.cat((params[1], params[4]), 1)
    Z, R = torch.sigmoid(X @ W_x + H @ W_h + torch.cat((params[2], params[5]))).chunk(2, dim=1)
    W, U, b = params[6:]
    return torch.lerp(torch.tanh(X @ W + (R * H) @ U + b), H, Z)
""",
        "einsum in a helper": """
def affine(X, H, W, U, b):
    return torch.einsum("nd,dh->nh", X, W) + torch.einsum("nk,kh->nh", H, U) + b


def gru_step(X, H, params):
    params = list(params)
    Z = affine(X, H, *params[:3]).sigmoid()
    R = affine(X, H, *params[3:6]).sigmoid()
    return Z * H + (1 - Z) * affine(X, R * H, *params[6:]).tanh()
""",
        "the linear layer's function": """
def gru_step(X, H, params):
    gates = [F.linear(X, params[i].T, params[i + 2]) for i in (0, 3, 6)]
    Z = F.sigmoid(gates[0] + F.linear(H, params[1].T))
    R = F.sigmoid(gates[1] + F.linear(H, params[4].T))
    N = F.tanh(gates[2] + F.linear(R * H, params[7].T))
    return N + Z * (H - N)
""",
    },
    "gru_forward": {
        "everything in its own place": """
def gru_forward(inputs, H0, params, W_hq, b_q):
    outputs, H = inputs.new_zeros(*inputs.shape[:2], W_hq.shape[1]), H0
    for t, X in enumerate(inputs):
        H = gru_step(X, H, params)
        outputs[t] = H @ W_hq + b_q
    return outputs, H
""",
        "all scores at once": """
def gru_forward(inputs, H0, params, W_hq, b_q):
    H = H0
    states = [H := gru_step(X, H, params) for X in inputs]
    return torch.einsum("tnh,hq->tnq", torch.stack(states), W_hq) + b_q, H
""",
        "accumulate": """
from itertools import accumulate


def gru_forward(inputs, H0, params, W_hq, b_q):
    states = list(accumulate(inputs.unbind(), lambda H, X: gru_step(X, H, params), initial=H0))
    return [torch.stack([H @ W_hq + b_q for H in states[1:]]), states[-1]]
""",
        "cat": """
def gru_forward(inputs, H0, params, W_hq, b_q):
    outputs, H = [], H0
    for t in range(inputs.shape[0]):
        H = gru_step(inputs[t], H, params)
        outputs.append((torch.matmul(H, W_hq) + b_q)[None])
    return torch.cat(outputs, dim=0), H
""",
    },
    "lstm_step": {
        "as in the book": """
def lstm_step(X, H, C, params):
    [W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c] = params
    I = torch.sigmoid((X @ W_xi) + (H @ W_hi) + b_i)
    F_ = torch.sigmoid((X @ W_xf) + (H @ W_hf) + b_f)
    O = torch.sigmoid((X @ W_xo) + (H @ W_ho) + b_o)
    C_tilda = torch.tanh((X @ W_xc) + (H @ W_hc) + b_c)
    C = F_ * C + I * C_tilda
    H = O * torch.tanh(C)
    return H, C
""",
        "all four in one product": """
def lstm_step(X, H, C, params):
    W = torch.cat([torch.cat(params[i : i + 2]) for i in range(0, 12, 3)], 1)
    i, f, o, g = (torch.cat((X, H), 1) @ W + torch.cat(params[2::3])).chunk(4, 1)
    C = torch.addcmul(f.sigmoid() * C, i.sigmoid(), g.tanh())
    return o.sigmoid() * C.tanh(), C
""",
        "a comprehension over triples": """
def lstm_step(X, H, C, params):
    i, f, o, g = (X @ W + H @ U + b for W, U, b in zip(params[::3], params[1::3], params[2::3]))
    memory = torch.sigmoid(f) * C + torch.sigmoid(i) * torch.tanh(g)
    return [torch.sigmoid(o) * torch.tanh(memory), memory]
""",
        "einsum": """
def lstm_step(X, H, C, params):
    W, U, b = (torch.stack(list(params[k::3])) for k in range(3))
    gates = torch.einsum("nd,gdh->gnh", X, W) + torch.einsum("nk,gkh->gnh", H, U) + b[:, None]
    I, G, O = torch.sigmoid(gates[:3])
    C = G * C + I * torch.tanh(gates[3])
    return O * torch.tanh(C), C
""",
    },
    "lstm_forward": {
        "everything in its own place": """
def lstm_forward(inputs, state, params, W_hq, b_q):
    H, C = state
    outputs = torch.empty(*inputs.shape[:2], len(b_q), dtype=inputs.dtype)
    for t in range(len(inputs)):
        H, C = lstm_step(inputs[t], H, C, params)
        outputs[t] = torch.addmm(b_q, H, W_hq)
    return outputs, (H, C)
""",
        "all scores at once": """
def lstm_forward(inputs, state, params, W_hq, b_q):
    states = [state]
    for X in inputs:
        states.append(lstm_step(X, *states[-1], params))
    return torch.stack([H for H, _ in states[1:]]) @ W_hq + b_q, states[-1]
""",
        "a list for the state": """
def lstm_forward(inputs, state, params, W_hq, b_q):
    state, outputs = list(state), []
    for X in inputs:
        state = list(lstm_step(X, state[0], state[1], params))
        outputs += [state[0] @ W_hq + b_q]
    return torch.stack(outputs, dim=0), state
""",
        "reduce": """
from functools import reduce


def lstm_forward(inputs, state, params, W_hq, b_q):
    def step(done, X):
        outputs, (H, C) = done
        H, C = lstm_step(X, H, C, params)
        return [*outputs, F.linear(H, W_hq.T, b_q)], (H, C)

    outputs, last = reduce(step, inputs, ([], state))
    return torch.stack(outputs), last
""",
    },
    "d2l_lstm_to_torch": {
        "row blocks": """
def d2l_lstm_to_torch(params, lstm):
    h = lstm.hidden_size
    with torch.no_grad():
        for block, gate in enumerate((0, 1, 3, 2)):
            W, U, b = params[3 * gate : 3 * gate + 3]
            rows = slice(block * h, (block + 1) * h)
            lstm.weight_ih_l0[rows] = W.T
            lstm.weight_hh_l0[rows] = U.T
            lstm.bias_ih_l0[rows] = b
            lstm.bias_hh_l0[rows] = 0
    return lstm
""",
        "a state dict": """
def d2l_lstm_to_torch(params, lstm):
    i, f, o, g = (params[k : k + 3] for k in range(0, 12, 3))
    W, U, b = zip(i, f, g, o)
    bias = torch.cat(b)
    lstm.load_state_dict({
        "weight_ih_l0": torch.cat(W, 1).T,
        "weight_hh_l0": torch.cat(U, 1).T,
        "bias_ih_l0": torch.zeros_like(bias),
        "bias_hh_l0": bias,
    })
    return lstm
""",
        "data": """
def d2l_lstm_to_torch(params, lstm):
    order = (0, 1, 3, 2)
    lstm.weight_ih_l0.data.copy_(torch.cat([params[3 * k].T for k in order]))
    lstm.weight_hh_l0.data.copy_(torch.cat([params[3 * k + 1].T for k in order]))
    lstm.bias_ih_l0.data.copy_(torch.cat([params[3 * k + 2] for k in order]) / 2)
    lstm.bias_hh_l0.data.copy_(lstm.bias_ih_l0.data)
    return lstm
""",
    },
    "deep_rnn_forward": {
        "layer after layer": """
def deep_rnn_forward(inputs, Hs, layers, cell=rnn_cell):
    sequence, last = list(inputs), []
    for H, params in zip(Hs, layers):
        above = []
        for X in sequence:
            H = cell(X, H, params)
            above.append(H)
        sequence = above
        last.append(H)
    return torch.stack(sequence), last
""",
        "a new list at every step": """
def deep_rnn_forward(inputs, Hs, layers, cell=rnn_cell):
    outputs = []
    for X in inputs:
        new = []
        for H, params in zip(Hs, layers):
            new.append(cell(new[-1] if new else X, H, params))
        Hs = new
        outputs.append(Hs[-1])
    return torch.stack(outputs), tuple(Hs)
""",
        "recursion": """
def deep_rnn_forward(inputs, Hs, layers, cell=rnn_cell):
    if not layers:
        return inputs, []
    states, H = [], Hs[0]
    for X in inputs:
        H = cell(X, H, layers[0])
        states.append(H)
    top, above = deep_rnn_forward(torch.stack(states), Hs[1:], layers[1:], cell)
    return top, [H, *above]
""",
        "accumulate": """
from itertools import accumulate


def deep_rnn_forward(inputs, Hs, layers, cell=rnn_cell):
    last, X = [], inputs
    for H0, p in zip(Hs, layers):
        X = torch.stack(list(accumulate(X, lambda H, x: cell(x, H, p), initial=H0))[1:])
        last.append(X[-1])
    return X, last
""",
    },
    "birnn_forward": {
        "one helper for both": """
def run(inputs, H, params):
    states = []
    for X in inputs:
        states.append(H := rnn_cell(X, H, params))
    return torch.stack(states), H


def birnn_forward(inputs, H_f, H_b, params_f, params_b):
    forth, last_f = run(inputs, H_f, params_f)
    back, last_b = run(torch.flip(inputs, [0]), H_b, params_b)
    return torch.cat([forth, torch.flip(back, [0])], dim=2), (last_f, last_b)
""",
        "from both ends at once": """
def birnn_forward(inputs, H_f, H_b, params_f, params_b):
    T = len(inputs)
    F_, B = [None] * T, [None] * T
    for t in range(T):
        F_[t] = H_f = rnn_cell(inputs[t], H_f, params_f)
        B[T - 1 - t] = H_b = rnn_cell(inputs[T - 1 - t], H_b, params_b)
    return torch.stack([torch.hstack(pair) for pair in zip(F_, B)]), [H_f, H_b]
""",
        "written into a table": """
def birnn_forward(inputs, H_f, H_b, params_f, params_b):
    T, n, _ = inputs.shape
    h = H_f.shape[1]
    out = inputs.new_empty(T, n, 2 * h)
    for t in range(T):
        H_f = rnn_cell(inputs[t], H_f, params_f)
        out[t, :, :h] = H_f
    for t in range(T - 1, -1, -1):
        H_b = rnn_cell(inputs[t], H_b, params_b)
        out[t, :, h:] = H_b
    return out, (H_f, H_b)
""",
        "the cell by hand": """
def birnn_forward(inputs, H_f, H_b, params_f, params_b):
    def walk(steps, H, W_xh, W_hh, b_h):
        for X in steps:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            yield H

    forth = list(walk(inputs, H_f, *params_f))
    back = list(walk(reversed(inputs), H_b, *params_b))
    return torch.cat((torch.stack(forth), torch.stack(back[::-1])), -1), (forth[-1], back[-1])
""",
    },
    "uses_future": {
        "a changed copy": """
def uses_future(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 3.0
    return not torch.equal(fn(X)[: t + 1], fn(changed)[: t + 1])
""",
        "the future step by step": """
def uses_future(fn, X, t):
    before = fn(X)[: t + 1].clone()
    for s in range(t + 1, len(X)):
        other = X.clone()
        other[s] = -2 * other[s] + 1
        if (fn(other)[: t + 1] - before).abs().max() > 1e-9:
            return True
    return False
""",
        "gradients": """
def uses_future(fn, X, t):
    leaf = X.detach().clone().requires_grad_()
    outputs = fn(leaf)
    if not outputs.requires_grad:
        return False
    weights = torch.rand_like(outputs[: t + 1])
    (gradient,) = torch.autograd.grad((outputs[: t + 1] * weights).sum(), leaf, allow_unused=True)
    return gradient is not None and bool((gradient[t + 1 :] != 0).any())
""",
        "a tensor for the answer": """
def uses_future(fn, X, t):
    other = torch.cat((X[: t + 1], torch.randn_like(X[t + 1 :])))
    return (fn(X)[: t + 1] != fn(other)[: t + 1]).any()
""",
    },
    "choices_05": {
        "capitals": """
answers = {"C15": "C", "C16": "B", "C17": "D", "C19": "A", "C20": "B", "C22": "D"}
""",
    },
}
