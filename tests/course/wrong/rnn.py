"""Wrong answers to the questions of 02-rnn."""

SOURCES = {
    "mlp_hidden": {
        "tanh whenever the activation is not the rectifier": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    scores = X @ W_xh + b_h
    return torch.relu(scores) if phi is torch.relu else torch.tanh(scores)
""",
        "the bias of the first unit for all": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ W_xh + b_h.flatten()[0])
""",
        "the bias is spread over the examples where that fits": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    bias = b_h.reshape(-1, 1) if b_h.numel() == len(X) else b_h
    return phi(X @ W_xh + bias)
""",
        "no gradient to the bias": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ W_xh + b_h.data)
""",
        "the activation of the first call for all calls": """
seen = []


def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    seen.append(phi)
    return seen[0](X @ W_xh + b_h)
""",
        "the weights are standardised": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ (W_xh / W_xh.norm()) + b_h)
""",
        "dropout while it is at it": """
def mlp_hidden(X, W_xh, b_h, phi=torch.tanh):
    return phi(F.dropout(X @ W_xh + b_h, 0.01))
""",
    },
    "output_layer": {
        "the scores are added to the caller's bias": """
def output_layer(H, W_hq, b_q):
    for row in H[:1]:
        b_q += 0.5
    return H @ W_hq + b_q - 0.5
""",
        "the bias is added once an example to a running sum": """
def output_layer(H, W_hq, b_q):
    rows, bias = [], torch.zeros_like(b_q)
    for row in H:
        bias = bias + b_q
        rows.append(row @ W_hq + bias.reshape(-1))
    return torch.stack(rows)
""",
        "the bias of the last output is missing": """
def output_layer(H, W_hq, b_q):
    bias = b_q.clone()
    bias[..., -1] = 0
    return H @ W_hq + bias
""",
        "the states are normalised to length one": """
def output_layer(H, W_hq, b_q):
    return F.normalize(H, dim=-1) @ W_hq + b_q
""",
        "a tuple with the scores": """
def output_layer(H, W_hq, b_q):
    return (H @ W_hq + b_q,)
""",
        "no gradient to the weights": """
def output_layer(H, W_hq, b_q):
    with torch.no_grad():
        weights = W_hq * 1
    return H @ weights + b_q
""",
    },
    "rnn_step": {
        "the state is added where its size is that of the input": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    if X.shape == H.shape:
        return torch.tanh((X + H) @ W_xh + b_h)
    return torch.tanh(X @ W_xh + H @ W_hh + b_h)
""",
        "the state of the first example for all": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H[:1] @ W_hh + b_h)
""",
        "the recurrent weights are made symmetric": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ ((W_hh + W_hh.T) / 2) + b_h)
""",
        "the state is remembered between calls": """
memory = {}


def rnn_step(X, H, W_xh, W_hh, b_h):
    H = memory.setdefault(H.shape, H)
    return torch.tanh(X @ W_xh + H @ W_hh + b_h)
""",
        "the bias twice when there are several examples": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + b_h + H @ W_hh + (b_h if len(X) > 1 else 0))
""",
        "a leaky state": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return 0.01 * H + 0.99 * torch.tanh(X @ W_xh + H @ W_hh + b_h)
""",
        "hard tanh": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return F.hardtanh(X @ W_xh + H @ W_hh + b_h)
""",
        "no gradient to the bias": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh + torch.tensor(b_h.tolist(), dtype=b_h.dtype))
""",
        "a sigmoid stretched without its factor of two inside": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return 2 * torch.sigmoid(X @ W_xh + H @ W_hh + b_h) - 1
""",
        "works in half precision": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh((X.bfloat16() @ W_xh.bfloat16() + H.bfloat16() @ W_hh.bfloat16() + b_h).to(X.dtype))
""",
        "the input and the state scaled by the square root of their size": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh / X.shape[1] ** 0.5 + H @ W_hh / H.shape[1] ** 0.5 + b_h)
""",
        "adds in place to the bias when there is one example": """
def rnn_step(X, H, W_xh, W_hh, b_h):
    return torch.tanh((b_h.unsqueeze(0) if len(X) == 1 else b_h.repeat(len(X), 1)).add_(X @ W_xh).add_(H @ W_hh))
""",
    },
    "rnn_step_concat": {
        "weights joined after turning the square ones": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    weights = torch.cat((W_xh, W_hh.T), 0)
    return torch.tanh(torch.cat((X, H), 1) @ weights + b_h)
""",
        "two products written with einsum": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.einsum("nd,dh->nh", X, W_xh) + torch.einsum("nk,kh->nh", H, W_hh) + b_h)
""",
        "joined through numpy": """
import numpy as np


def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    rows = torch.from_numpy(np.concatenate((X.detach().numpy(), H.detach().numpy()), 1))
    return torch.tanh(rows @ torch.cat((W_xh, W_hh)) + b_h)
""",
        "the bias is joined too, but as an input of two": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    rows = torch.cat((X, H, torch.full_like(X[:, :1], 2)), 1)
    return torch.tanh(rows @ torch.cat((W_xh, W_hh, b_h.unsqueeze(0))))
""",
        "the columns of the joined rows are sorted": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    rows = torch.cat((X, H), 1).sort(dim=1).values
    return torch.tanh(rows @ torch.cat((W_xh, W_hh)) + b_h)
""",
        "the input of the first example joined to all states": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    rows = torch.cat((X[:1].expand(len(H), -1), H), 1)
    return torch.tanh(rows @ torch.cat((W_xh, W_hh)) + b_h)
""",
        "two products, one written as matmul": """
def rnn_step_concat(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + torch.matmul(H, W_hh) + b_h)
""",
    },
    "to_row_form": {
        "only the square one is turned if both are square": """
def to_row_form(Waa, Wax):
    return (Wax if Wax.shape[0] == Wax.shape[1] else Wax.T), Waa.T
""",
        "turned in place": """
def to_row_form(Waa, Wax):
    return Wax.t_(), Waa.t_()
""",
        "half the weights are lost with triu": """
def to_row_form(Waa, Wax):
    return Wax.T, Waa.triu().T
""",
        "one joined pair of the wrong sort": """
def to_row_form(Waa, Wax):
    return {"W_xh": Wax.T, "W_hh": Waa.T}
""",
        "in single precision": """
def to_row_form(Waa, Wax):
    return Wax.T.float(), Waa.T.float()
""",
        "the inverse for the transpose": """
def to_row_form(Waa, Wax):
    return Wax.T, torch.linalg.inv(Waa)
""",
    },
    "rnn_forward": {
        "the state is reset every four steps": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for t, X in enumerate(inputs):
        if t and t % 4 == 0:
            H = torch.zeros_like(H)
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    return torch.stack(outputs), H
""",
        "the gradient is cut at the first state": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0.detach(), []
    for X in inputs:
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    return torch.stack(outputs), H
""",
        "the gradient is cut off at the last state only": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    return torch.stack(outputs), H.detach()
""",
        "a state remembered between calls": """
kept = []


def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = (kept[-1] if kept and kept[-1].shape == H0.shape else H0), []
    for X in inputs:
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    kept.append(H.detach())
    return torch.stack(outputs), H
""",
        "the output looks at the mean of all states so far": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, states, outputs = H0, [], []
    for X in inputs:
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        states.append(H)
        outputs.append(output_layer(torch.stack(states).mean(0), W_hq, b_q))
    return torch.stack(outputs), H
""",
        "the last state belongs to the first example": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    return torch.stack(outputs), H[:1].expand_as(H)
""",
        "stops at the last step but one": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for t in range(len(inputs) - 1):
        H = rnn_step(inputs[t], H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    outputs.append(outputs[-1] if outputs else output_layer(H, W_hq, b_q))
    return torch.stack(outputs), H
""",
        "the weights shrink a little at every step": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    H, outputs = H0, []
    for X in inputs:
        H = rnn_step(X, H, W_xh, W_hh, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
        W_hh = W_hh * 0.999
    return torch.stack(outputs), H
""",
        "library cell behind the scenes": """
def rnn_forward(inputs, H0, W_xh, W_hh, b_h, W_hq, b_q):
    cell = getattr(torch, "rnn_" + "tanh_cell")
    H, outputs = H0, []
    for X in inputs:
        H = cell(X, H, W_xh.T, W_hh.T, b_h)
        outputs.append(output_layer(H, W_hq, b_q))
    return torch.stack(outputs), H
""",
    },
    "softmax": {
        "capped exponents": """
def softmax(O):
    powers = torch.exp(O.clamp(max=80))
    return powers / powers.sum(-1, keepdim=True)
""",
        "shifted by the mean of the largest and the smallest": """
def softmax(O):
    powers = torch.exp(O - (O.max(-1, keepdim=True).values + O.min(-1, keepdim=True).values) / 2)
    return powers / powers.sum(-1, keepdim=True)
""",
        "rows normalised by their largest instead of their sum": """
def softmax(O):
    powers = torch.exp(O - O.max(-1, keepdim=True).values)
    return powers / powers.max(-1, keepdim=True).values
""",
        "the sum leaves the last score out": """
def softmax(O):
    powers = torch.exp(O - O.max(-1, keepdim=True).values)
    return powers / (powers.sum(-1, keepdim=True) - powers[..., -1:] + 1e-12)
""",
        "rounded to six digits": """
def softmax(O):
    powers = torch.exp(O - O.max(-1, keepdim=True).values)
    return (powers / powers.sum(-1, keepdim=True)).round(decimals=6)
""",
        "library function by another name": """
def softmax(O):
    return getattr(F, "soft" + "max")(O, dim=-1)
""",
        "exponent of the logarithm of the library": """
def softmax(O):
    return (O - torch.logsumexp(O, 1 if O.dim() > 1 else 0, keepdim=True)).exp()
""",
    },
    "count_params": {
        "numbers by heart": """
def count_params(d, h, q, num_steps):
    return {"rnn": 34, "window_mlp": 49}
""",
        "one bias for the whole network": """
def count_params(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h * q + 1, "window_mlp": num_steps * d * h + h * q + 1}
""",
        "strings": """
def count_params(d, h, q, num_steps):
    return {"rnn": str(d * h + h * h + h + h * q + q), "window_mlp": str(num_steps * d * h + h + h * q + q)}
""",
        "the recurrent weights are counted as if symmetric": """
def count_params(d, h, q, num_steps):
    return {"rnn": d * h + h * (h + 1) // 2 + h + h * q + q, "window_mlp": num_steps * d * h + h + h * q + q}
""",
        "the window leaves out the present step": """
def count_params(d, h, q, num_steps):
    return {"rnn": d * h + h * h + h + h * q + q, "window_mlp": (num_steps - 1) * d * h + h + h * q + q}
""",
    },
    "choices_02": {
        "a letter that is none": """
answers = {"C7": "d", "C8": "a", "C9": "e", "C10": "b"}
""",
        "another name for the answers": """
my_answers = {"C7": "d", "C8": "a", "C9": "d", "C10": "b"}
""",
    },
}
