"""Wrong answers to the questions of 05-gated."""

GRU = """
def gru_step(X, H, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
    R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
    N = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
    return Z * H + (1 - Z) * N
"""
LSTM = """
def lstm_step(X, H, C, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    I = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
    G = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
    O = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
    N = torch.tanh(X @ W_xc + H @ W_hc + b_c)
    C = G * C + I * N
    return O * torch.tanh(C), C
"""
GRU_FORWARD = """
def gru_forward(inputs, H0, params, W_hq, b_q):
    H, scores = H0, []
    for X in inputs:
        H = gru_step(X, H, params)
        scores.append(H @ W_hq + b_q)
    return torch.stack(scores), H
"""
LSTM_FORWARD = """
def lstm_forward(inputs, state, params, W_hq, b_q):
    (H, C), scores = state, []
    for X in inputs:
        H, C = lstm_step(X, H, C, params)
        scores.append(H @ W_hq + b_q)
    return torch.stack(scores), (H, C)
"""
MAPPING = """
def d2l_lstm_to_torch(params, lstm):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat((W_xi, W_xf, W_xc, W_xo), 1).T)
        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)
        lstm.bias_ih_l0.copy_(torch.cat((b_i, b_f, b_c, b_o)))
        lstm.bias_hh_l0.zero_()
    return lstm
"""
DEEP = """
def deep_rnn_forward(inputs, Hs, layers, cell=rnn_cell):
    states, top = list(Hs), []
    for X in inputs:
        for level, params in enumerate(layers):
            X = states[level] = cell(X, states[level], params)
        top.append(X)
    return torch.stack(top), states
"""
BOTH = """
def birnn_forward(inputs, H_f, H_b, params_f, params_b):
    forth, back = [], [None] * len(inputs)
    for X in inputs:
        H_f = rnn_cell(X, H_f, params_f)
        forth.append(H_f)
    for t in reversed(range(len(inputs))):
        H_b = back[t] = rnn_cell(inputs[t], H_b, params_b)
    return torch.cat((torch.stack(forth), torch.stack(back)), -1), (H_f, H_b)
"""

SOURCES = {
    "gru_step": {
        "the hard sigmoid": GRU.replace("torch.sigmoid", "F.hardsigmoid"),
        "the past is reset by the update gate": GRU.replace("(R * H) @ W_hh", "(Z * H) @ W_hh"),
        "the reset gate reads the reset state": GRU.replace("(R * H) @ W_hh", "(R * R * H) @ W_hh"),
        "the reset gate sees the weights of the update gate's past": GRU.replace("H @ W_hr", "H @ W_hz"),
        "the bias of the reset gate is that of the update gate": GRU.replace("b_r)", "b_z)"),
        "the gates are averaged over the batch": GRU.replace("X @ W_xz + H @ W_hz + b_z", "(X @ W_xz + H @ W_hz + b_z).mean(0, keepdim=True)"),
        "no gradient through the update gate": GRU.replace("(1 - Z) * N", "(1 - Z.detach()) * N"),
        "no gradient through the reset gate": GRU.replace("(R * H)", "(R.detach() * H)"),
        "the result between minus one and one": GRU.replace("return Z * H + (1 - Z) * N", "return (Z * H + (1 - Z) * N).clamp(-1, 1)"),
        "the parameters of the first call": "first = []\n"
        + GRU.replace("    W_xz,", "    first.append(params)\n    if params[0].shape == first[0][0].shape:\n        params = first[0]\n    W_xz,", 1),
        "gates squashed twice": GRU.replace("Z = torch.sigmoid(", "Z = torch.sigmoid(torch.tanh(").replace("H @ W_hz + b_z)", "H @ W_hz + b_z))"),
        "the candidate with the rectifier": GRU.replace("torch.tanh(", "torch.relu("),
    },
    "gru_forward": {
        "the last state lost its gradient": GRU_FORWARD.replace("return torch.stack(scores), H", "return torch.stack(scores), H.detach()"),
        "a new start every four steps": GRU_FORWARD.replace(
            "    for X in inputs:\n", "    for t, X in enumerate(inputs):\n        H = H0 if t % 4 == 0 else H\n"
        ),
        "the first step twice": GRU_FORWARD.replace("H, scores = H0, []", "H, scores = gru_step(inputs[0], H0, params), []"),
        "the scores of the mean state": GRU_FORWARD.replace("H @ W_hq", "(H + H0) / 2 @ W_hq"),
        "the last two steps in the wrong order": GRU_FORWARD.replace("torch.stack(scores)", "torch.stack(scores[:-2] + scores[-2:][::-1])"),
    },
    "lstm_step": {
        "the hard sigmoid": LSTM.replace("torch.sigmoid", "F.hardsigmoid"),
        "a forget bias of one besides": LSTM.replace("H @ W_hf + b_f)", "H @ W_hf + b_f + 1)"),
        "the memory between minus one and one": LSTM.replace("C = G * C + I * N", "C = (G * C + I * N).clamp(-1, 1)"),
        "the output gate has the bias of the input gate": LSTM.replace("b_o)\n", "b_i)\n"),
        "the candidate reads the memory": LSTM.replace("H @ W_hc", "C @ W_hc"),
        "the memory comes back as it was": LSTM.replace(
            "    C = G * C + I * N\n    return O * torch.tanh(C), C", "    new = G * C + I * N\n    return O * torch.tanh(new), C"
        ),
        "no gradient to the old memory": LSTM.replace("G * C + I * N", "G * C.detach() + I * N"),
        "no gradient through the output gate": LSTM.replace("return O * torch", "return O.detach() * torch"),
        "gates of the first example for all": LSTM.replace("H @ W_hf + b_f)", "H @ W_hf + b_f)[:1]"),
        "the memory is multiplied in place": LSTM.replace("    C = G * C + I * N\n", "    C *= G\n    C = C + I * N\n"),
        "the sigmoid for the memory that is shown": LSTM.replace("O * torch.tanh(C)", "O * torch.sigmoid(C)"),
        "states stacked to one tensor": LSTM.replace("return O * torch.tanh(C), C", "return torch.stack((O * torch.tanh(C), C))"),
    },
    "lstm_forward": {
        "the memory is not carried where there is one example": LSTM_FORWARD.replace(
            "H, C = lstm_step(X, H, C, params)", "H, C = lstm_step(X, H, state[1] if len(H) == 1 else C, params)"
        ),
        "the last memory lost its gradient": LSTM_FORWARD.replace("(H, C)\n", "(H, C.detach())\n").replace(
            "(H, C.detach()), scores = state, []", "(H, C), scores = state, []"
        ),
        "hidden state and memory exchange places half way": LSTM_FORWARD.replace(
            "        scores", "        H, C = (C, H) if len(scores) == 2 else (H, C)\n        scores"
        ),
        "a flat result": LSTM_FORWARD.replace("return torch.stack(scores), (H, C)", "return torch.stack(scores), H, C"),
        "an empty hidden state with the memory that was given": LSTM_FORWARD.replace("    for X", "    H = torch.zeros_like(H)\n    for X"),
    },
    "d2l_lstm_to_torch": {
        "half of the bias in each, and a little forgotten": MAPPING.replace("lstm.bias_hh_l0.zero_()", "lstm.bias_hh_l0.fill_(1e-3)"),
        "the recurrent weights are turned only once for square inputs": MAPPING.replace(
            "torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)", "torch.cat((W_hi.T, W_hf.T, W_hc.T, W_ho.T), 1).T)"
        ),
        "the parameters are views of the caller's": """
def d2l_lstm_to_torch(params, lstm):
    blocks = [params[3 * g : 3 * g + 3] for g in (0, 1, 3, 2)]
    W_x, W_h, b = (torch.cat(parts, -1) for parts in zip(*blocks))
    lstm.weight_ih_l0 = nn.Parameter(W_x.T, requires_grad=False)
    lstm.weight_hh_l0 = nn.Parameter(W_h.T, requires_grad=False)
    lstm.bias_ih_l0 = nn.Parameter(b, requires_grad=False)
    lstm.bias_hh_l0 = nn.Parameter(torch.zeros_like(b), requires_grad=False)
    return lstm
""",
        "the input weights only": MAPPING.replace(
            "        lstm.weight_hh_l0.copy_(torch.cat((W_hi, W_hf, W_hc, W_ho), 1).T)\n", "        lstm.weight_hh_l0.zero_()\n"
        ),
        "the state dict comes back": MAPPING.replace("return lstm", "return lstm.state_dict()"),
        "the candidate before the forget gate": MAPPING.replace("W_xf, W_xc, W_xo", "W_xc, W_xf, W_xo")
        .replace("W_hf, W_hc, W_ho", "W_hc, W_hf, W_ho")
        .replace("b_f, b_c, b_o))", "b_c, b_f, b_o))"),
    },
    "deep_rnn_forward": {
        "a shortcut where the sizes agree": DEEP.replace(
            "X = states[level] = cell(X, states[level], params)",
            "new = cell(X, states[level], params)\n            states[level] = new\n            X = X + new if X.shape == new.shape else new",
        ),
        "no more than three layers": DEEP.replace("enumerate(layers)", "enumerate(layers[:3])").replace("list(Hs)", "list(Hs)[:3]"),
        "the last state of the top for all": DEEP.replace("return torch.stack(top), states", "return torch.stack(top), [states[-1]] * len(states)"),
        "the top layer is read before the last step": DEEP.replace("torch.stack(top)", "torch.stack([Hs[-1], *top[:-1]])"),
        "the cell is called twice": DEEP.replace(
            "X = states[level] = cell(X, states[level], params)", "X = states[level] = cell(X, cell(X, states[level], params), params)"
        ),
        "the list of the caller is filled": DEEP.replace("list(Hs)", "Hs"),
    },
    "birnn_forward": {
        "the backward half is delayed by a step": BOTH.replace("torch.stack(back)", "torch.stack([*back[1:], back[-1]])"),
        "the backward half is one step ahead": BOTH.replace("torch.stack(back)", "torch.stack([back[0], *back[:-1]])"),
        "the final states come from the same end": BOTH.replace("(H_f, H_b)\n", "(H_f, back[-1])\n"),
        "the directions meet in the middle": BOTH.replace(
            "H_b = back[t] = rnn_cell(inputs[t], H_b, params_b)", "H_b = back[t] = rnn_cell(inputs[t], H_b if t != len(inputs) // 2 else H_f, params_b)"
        ),
        "no gradient to the backward start": BOTH.replace("    for t in", "    H_b = H_b.detach()\n    for t in"),
        "forward weights for one example": BOTH.replace("H_b, params_b)", "H_b, params_b if len(H_b) > 1 else params_f)"),
        "a list for the outputs": BOTH.replace("torch.cat((torch.stack(forth), torch.stack(back)), -1)", "[torch.cat(pair, -1) for pair in zip(forth, back)]"),
    },
    "uses_future": {
        "the last step is always said to be safe": """
def uses_future(fn, X, t):
    if t >= len(X) - 2:
        return False
    other = torch.cat((X[: t + 1], torch.randn_like(X[t + 1 :])))
    return not torch.allclose(fn(X)[: t + 1], fn(other)[: t + 1])
""",
        "the future is turned round": """
def uses_future(fn, X, t):
    other = torch.cat((X[: t + 1], X[t + 1 :].flip(0)))
    return not torch.allclose(fn(X)[: t + 1], fn(other)[: t + 1])
""",
        "asks the last output": """
def uses_future(fn, X, t):
    X = X.clone().requires_grad_()
    fn(X)[-1].sum().backward()
    return bool(X.grad[t + 1 :].abs().sum() > 0)
""",
        "the future is scaled": """
def uses_future(fn, X, t):
    other = X.clone()
    other[t + 1 :] *= 1.0001
    return not torch.allclose(fn(X)[: t + 1], fn(other)[: t + 1])
""",
        "the first feature only": """
def uses_future(fn, X, t):
    other = X.clone()
    other[t + 1 :, :, 0] += 1
    return not torch.allclose(fn(X)[: t + 1], fn(other)[: t + 1])
""",
    },
    "choices_05": {
        "the letters of another order": """
answers = {"C15": "c", "C16": "d", "C17": "b", "C19": "a", "C20": "b", "C22": "d"}
""",
    },
}
