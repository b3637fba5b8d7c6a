"""Right answers to the questions of 02-rnn."""

SOURCES = {
    "mlp_hidden": {
        "einsum": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(torch.einsum("nd,dh->nh", X, W_xh) + b_h)
""",
        "addmm": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(torch.addmm(b_h, X, W_xh))
""",
        "the linear layer's function": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(F.linear(X, W_xh.T, b_h.reshape(-1)))
""",
        "in place on its own tensor": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    scores = torch.matmul(X, W_xh)
    scores += b_h
    return phi(scores)
""",
        "a lambda": """
mlp_hidden = lambda X, W_xh, b_h, phi=torch.tanh: phi(torch.mm(X, W_xh) + b_h)
""",
    },
    "output_layer": {
        "einsum": """
def output_layer(H, W_hq, b_q):
    return torch.einsum("nh,hq->nq", H, W_hq) + b_q
""",
        "products and sums": """
def output_layer(H, W_hq, b_q):
    return (H[:, :, None] * W_hq[None]).sum(1) + b_q
""",
        "the linear layer's function": """
def output_layer(H, W_hq, b_q):
    return F.linear(H, W_hq.t()) + b_q
""",
        "type annotations": """
def output_layer(H: torch.Tensor, W_hq: torch.Tensor, b_q: torch.Tensor) -> torch.Tensor:
    scores: torch.Tensor = torch.matmul(H, W_hq)
    return torch.add(scores, b_q)
""",
    },
    "rnn_step": {
        "einsum": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.einsum("nd,dh->nh", X, W_xh) + torch.einsum("nk,kh->nh", H, W_hh) + b_h)
""",
        "the linear layer's function": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return F.linear(X, W_xh.T, b_h).add_(F.linear(H, W_hh.T)).tanh()
""",
        "a loop over examples": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    rows = [torch.tanh(x @ W_xh + h @ W_hh + b_h) for x, h in zip(X, H)]
    return torch.stack(rows) if rows else torch.zeros_like(H)
""",
        "joined, as in the next question": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.hstack((X, H)) @ torch.vstack((W_xh, W_hh)) + b_h)
""",
        "twice a sigmoid": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    Z = X @ W_xh + H @ W_hh + b_h
    return 2 * torch.sigmoid(2 * Z) - 1
""",
        "in place, step by step": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    Z = torch.mm(X, W_xh)
    Z += torch.mm(H, W_hh)
    Z += b_h
    return Z.tanh_()
""",
        "columns": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(W_xh.T @ X.T + W_hh.T @ H.T + b_h[:, None]).T
""",
        "a class that can be called": """
class Step:
    phi = staticmethod(torch.tanh)

    def __call__(self, X, H, W_xh, W_hh, b_h):
        return self.phi(sum((X @ W_xh, H @ W_hh, b_h)))


rnn_step = Step()
""",
    },
    "rnn_step_concat": {
        "hstack and vstack": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.hstack([X, H]).matmul(torch.vstack([W_xh, W_hh])) + b_h)
""",
        "addmm": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.addmm(b_h, torch.cat([X, H], -1), torch.cat([W_xh, W_hh])).tanh()
""",
        "the bias as one more row": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    rows = torch.cat((X, H, X.new_ones(len(X), 1)), 1)
    return torch.tanh(rows @ torch.cat((W_xh, W_hh, b_h[None])))
""",
        "einsum": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.einsum("nk,kh->nh", torch.cat((X, H), 1), torch.cat((W_xh, W_hh), 0)) + b_h)
""",
        "the state first on both sides": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.concat((H, X), dim=1) @ torch.concat((W_hh, W_xh), dim=0) + b_h)
""",
        "the linear layer's function": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.tanh(F.linear(torch.cat((X, H), 1), torch.cat((W_xh.T, W_hh.T), 1), b_h))
""",
    },
    "to_row_form": {
        "permute": """
def to_row_form(Waa, Wax):
    return Wax.permute(1, 0), Waa.permute(1, 0)
""",
        "a comprehension": """
def to_row_form(Waa, Wax):
    return [W.t() for W in (Wax, Waa)]
""",
        "in memory of their own": """
def to_row_form(Waa, Wax):
    W_xh = Wax.transpose(0, 1).contiguous()
    W_hh = Waa.transpose(0, 1).contiguous()
    return W_xh, W_hh
""",
        "einsum": """
def to_row_form(Waa, Wax):
    return torch.einsum("hd->dh", Wax), torch.einsum("ij->ji", Waa)
""",
    },
    "rnn_forward": {
        "everything in its own place": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H = H0
    outputs = inputs.new_empty(inputs.shape[0], inputs.shape[1], W_hq.shape[1])
    for t in range(inputs.shape[0]):
        H = torch.tanh(inputs[t] @ W_xh + H @ W_hh + b_h)
        outputs[t] = H @ W_hq + b_q
    return outputs, H
""",
        "all input products and all outputs at once": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    states, H = [], H0
    for Z in (inputs @ W_xh + b_h).unbind(0):
        states.append(H := torch.tanh(Z + H @ W_hh))
    return torch.stack(states) @ W_hq + b_q, H
""",
        "einsum": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    states = [H0]
    for X in torch.einsum("tnd,dh->tnh", inputs, W_xh):
        states.append(torch.tanh(X + torch.einsum("nk,kh->nh", states[-1], W_hh) + b_h))
    return [torch.einsum("tnh,hq->tnq", torch.stack(states[1:]), W_hq) + b_q, states[-1]]
""",
        "accumulate": """
from itertools import accumulate


def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    _, *states = accumulate(inputs, lambda H, X: rnn_step(X, H, W_xh, W_hh, b_h), initial=H0)
    return torch.stack([output_layer(H, W_hq, b_q) for H in states]), states[-1]
""",
        "joined with cat": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, rows = H0, []
    for t in range(len(inputs)):
        H = rnn_step_concat(inputs[t], H, W_xh, W_hh, b_h)
        rows.append(output_layer(H, W_hq, b_q).unsqueeze(0))
    return torch.cat(rows, dim=0), H
""",
    },
    "softmax": {
        "logsumexp": """
def softmax(O):
    return torch.exp(O - torch.logsumexp(O, dim=-1, keepdim=True))
""",
        "amax and in place on its own tensor": """
def softmax(O):
    powers = (O - O.amax(-1, keepdim=True)).exp_()
    return powers / powers.sum(-1, True)
""",
        "named steps": """
def softmax(O: torch.Tensor) -> torch.Tensor:
    highest, _ = torch.max(O, dim=-1)
    numerator = torch.exp(O - highest.unsqueeze(-1))
    denominator = numerator.sum(dim=-1).unsqueeze(-1)
    return torch.div(numerator, denominator)
""",
        "the highest without gradient": """
def softmax(O):
    E = torch.exp(O - O.detach().max(dim=-1, keepdim=True)[0])
    return torch.einsum("...v,...->...v", E, 1 / torch.einsum("...v->...", E))
""",
    },
    "count_params": {
        "by layers": """
def count_params(d, h, q, num_steps):
    def dense(rows, columns):
        return rows * columns + columns

    return {"rnn": dense(d, h) + h**2 + dense(h, q), "window_mlp": dense(num_steps * d, h) + dense(h, q)}
""",
        "one product for the joined weights": """
def count_params(d, h, q, num_steps):
    return dict(rnn=(d + h + 1) * h + (h + 1) * q, window_mlp=(num_steps * d + 1) * h + (h + 1) * q)
""",
        "real layers, counted": """
def count_params(d, h, q, num_steps):
    def count(*modules):
        return sum(p.numel() for m in modules for p in m.parameters())

    with torch.device("meta"):
        rnn = count(nn.Linear(d, h), nn.Linear(h, h, bias=False), nn.Linear(h, q))
        window = count(nn.Linear(num_steps * d, h), nn.Linear(h, q))
    return {"window_mlp": window, "rnn": rnn}
""",
        "math.prod": """
def count_params(d, h, q, num_steps):
    rnn = [(d, h), (h, h), (h,), (h, q), (q,)]
    mlp = [(num_steps * d, h), (h,), (h, q), (q,)]
    return {name: sum(map(math.prod, shapes)) for name, shapes in (("rnn", rnn), ("window_mlp", mlp))}
""",
    },
    "choices_02": {
        "capitals": """
answers = {"C7": "D", "C8": "A", "C9": "D", "C10": "B"}
""",
    },
}
