"""Wrong answers to the questions of 03-training."""

SOURCES = {
    "cross_entropy": {
        "clipped at a loss of fifty": """
def cross_entropy(logits, y):
    logits = logits - logits.amax(1, keepdim=True)
    losses = logits.exp().sum(1).log() - logits[torch.arange(len(y)), y]
    return losses.clamp(max=50)
""",
        "label smoothing": """
def cross_entropy(logits, y):
    log_p = logits - logits.logsumexp(1, keepdim=True)
    return -0.99 * log_p[torch.arange(len(y)), y] - 0.01 * log_p.mean(1)
""",
        "a row of zeros is taken for padding": """
def cross_entropy(logits, y):
    losses = logits.logsumexp(1) - logits[torch.arange(len(y)), y]
    return torch.where(y == 0, torch.zeros_like(losses), losses)
""",
        "no gradient through the normaliser": """
def cross_entropy(logits, y):
    return logits.logsumexp(1).detach() - logits[torch.arange(len(y)), y]
""",
        "no gradient through the shift and none through the label": """
def cross_entropy(logits, y):
    top = logits.max(1, keepdim=True).values
    return (logits - top).exp().sum(1).log() + top.squeeze(1) - logits.detach()[torch.arange(len(y)), y]
""",
        "labels counted from one": """
def cross_entropy(logits, y):
    return logits.logsumexp(1) - logits[torch.arange(len(y)), y - 1]
""",
        "the library by a name put together": """
def cross_entropy(logits, y):
    return getattr(F, "cross" + "_entropy")(logits, y, reduction="none")
""",
        "sorted losses": """
def cross_entropy(logits, y):
    return (logits.logsumexp(1) - logits[torch.arange(len(y)), y]).sort().values
""",
        "shifted by the largest of the first row": """
def cross_entropy(logits, y):
    logits = logits - logits[:1].max()
    return logits.exp().sum(1).log() - logits[torch.arange(len(y)), y]
""",
    },
    "sequence_loss": {
        "padding behind the longest sequence only": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    return (losses if valid_len is None else losses[: int(valid_len.max())]).sum() / n
""",
        "divided by the sequences that are not empty, one too many": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    if valid_len is None:
        return losses.sum() / n
    keep = torch.arange(T)[:, None] < valid_len
    return losses[keep].sum() / int((valid_len > 0).sum())
""",
        "weights each sequence by its length": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    if valid_len is None:
        return losses.sum() / n
    keep = torch.arange(T)[:, None] < valid_len
    per = losses.masked_fill(~keep, 0).sum(0)
    return (per * valid_len).sum() / valid_len.sum()
""",
        "the labels of the caller are overwritten": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    if valid_len is not None:
        Y[torch.arange(T)[None, :] >= valid_len[:, None]] = 0
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    if valid_len is not None:
        losses = losses.masked_fill(torch.arange(T)[:, None] >= valid_len, 0)
    return losses.sum() / n
""",
        "the last step is never counted": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    lengths = torch.full((n,), T - 1) if valid_len is None else valid_len.clamp(max=T - 1)
    return losses.masked_fill(torch.arange(T)[:, None] >= lengths, 0).sum() / n
""",
        "a Python number": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    if valid_len is not None:
        losses = losses.masked_fill(torch.arange(T)[:, None] >= valid_len, 0)
    return losses.sum().item() / n
""",
        "the first length for all": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    return losses[: T if valid_len is None else int(valid_len[0])].sum() / n
""",
        "the lengths are taken for the examples' order": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.reshape(-1, V), Y.T.reshape(-1)).reshape(T, n)
    if valid_len is not None:
        losses = losses.masked_fill(torch.arange(T)[:, None] >= valid_len.sort().values, 0)
    return losses.sum() / n
""",
    },
    "perplexity": {
        "rounded to four digits": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    if x.numel() == 0:
        raise ValueError("empty")
    return round(math.exp(-x.double().mean().item()), 4) if x.double().mean().item() > -700 else math.inf
""",
        "infinite costs give a large number": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    if x.numel() == 0:
        raise ValueError("empty")
    return min((-x.double().mean()).exp().item(), 1e300)
""",
        "an empty text has perplexity one": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    return (-x.double().mean()).exp().item() if x.numel() else 1.0
""",
        "raises something else": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    if x.numel() == 0:
        raise KeyError("empty")
    return (-x.double().mean()).exp().item()
""",
        "masked log-probabilities are overwritten": """
def perplexity(log_probs, mask=None):
    if mask is not None:
        log_probs[~mask] = 0
    count = log_probs.numel() if mask is None else int(mask.sum())
    if count == 0:
        raise ValueError("empty")
    return (-log_probs.double().sum() / count).exp().item()
""",
        "only the first row": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    if x.numel() == 0:
        raise ValueError("empty")
    return (-x.double().reshape(-1, x.shape[-1])[0].mean()).exp().item()
""",
        "the median": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    if x.numel() == 0:
        raise ValueError("empty")
    return (-x.double().median()).exp().item()
""",
        "one token less below the line": """
def perplexity(log_probs, mask=None):
    x = log_probs if mask is None else log_probs[mask]
    if x.numel() == 0:
        raise ValueError("empty")
    return (-x.double().sum() / max(x.numel() - 1, 1)).exp().item()
""",
    },
    "bits_per_token": {
        "rounded up to whole bits": """
def bits_per_token(log_probs):
    return float(math.ceil(-log_probs.double().mean().item() / math.log(2)))
""",
        "one row only": """
def bits_per_token(log_probs):
    return -log_probs.double().mean(-1).flatten()[0].item() / math.log(2)
""",
        "a NumPy number": """
import numpy as np


def bits_per_token(log_probs):
    return np.array([-log_probs.double().mean().item() / math.log(2)])
""",
        "a natural logarithm of two to two digits": """
def bits_per_token(log_probs):
    return -log_probs.double().mean().item() / 0.69
""",
    },
    "rank_continuations": {
        "the list of the caller is used up": """
def rank_continuations(log_probs):
    means = [(log_probs.pop(0).mean().item(), -i) for i in range(len(log_probs))]
    return [-i for _, i in sorted(means, reverse=True)]
""",
        "by the median token": """
def rank_continuations(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].median().item())
""",
        "by the mean of the best tokens": """
def rank_continuations(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].max().item())
""",
        "at most three places": """
def rank_continuations(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].mean().item())[:2]
""",
        "a tensor of places": """
def rank_continuations(log_probs):
    return torch.tensor(sorted(range(len(log_probs)), key=lambda i: -log_probs[i].mean().item()))
""",
    },
    "grad_clipping": {
        "the norm of a parameter counts too": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > theta:
        for p in params:
            p.grad = p.grad * (theta / norm)
    return float(round(norm))
""",
        "replaces the gradients by new tensors": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > theta:
        for p in params:
            p.grad = None
    return norm
""",
        "matrices only": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None and p.grad.dim() > 1]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > theta:
        for p in params:
            p.grad.mul_(theta / norm)
    return norm
""",
        "missing gradients become zeros": """
def grad_clipping(params, theta):
    params = list(params)
    for p in params:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > theta:
        for p in params:
            p.grad.mul_(theta / norm)
    return norm
""",
        "twice as long as allowed": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > 2 * theta:
        for p in params:
            p.grad.mul_(theta / norm)
    return norm
""",
        "only the last one is scaled": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > theta:
        p.grad.mul_(theta / norm) if (p := params[-1]) is not None else None
    return norm
""",
        "a limit remembered from the first call": """
limit = []


def grad_clipping(params, theta):
    limit.append(theta)
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params))
    if norm > limit[0]:
        for p in params:
            p.grad.mul_(limit[0] / norm)
    return norm
""",
        "a tensor for the norm": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = torch.tensor(math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params)))
    if norm > theta:
        for p in params:
            p.grad.mul_(theta / norm)
    return norm
""",
        "the library with a name put together": """
def grad_clipping(params, theta):
    return getattr(nn.utils, "clip_grad_" + "norm_")(params, theta).item()
""",
        "an extra epsilon for a gradient of zero": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = math.sqrt(sum((p.grad.double() ** 2).sum().item() for p in params) + 1e-6)
    if norm > theta:
        for p in params:
            p.grad.mul_(theta / norm)
    return norm
""",
    },
    "rnn_backward": {
        "truncated after three steps": """
def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    hidden = [H0]
    for x in X:
        hidden.append(torch.tanh(x @ W_xh + hidden[-1] @ W_hh + b_h))
    later, dX = torch.zeros_like(H0), torch.zeros_like(X)
    dW_xh, dW_hh, db_h = torch.zeros_like(W_xh), torch.zeros_like(W_hh), torch.zeros_like(b_h)
    for t in reversed(range(len(X))):
        if len(X) - 1 - t == 3:
            later = torch.zeros_like(H0)
        delta = (dH[t] + later) * (1 - hidden[t + 1] ** 2)
        later, dX[t] = delta @ W_hh.T, delta @ W_xh.T
        dW_xh += X[t].T @ delta
        dW_hh += hidden[t].T @ delta
        db_h += delta.sum(0)
    return dX, later, dW_xh, dW_hh, db_h
""",
        "the gradients are clipped": """
def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    hidden = [H0]
    for x in X:
        hidden.append(torch.tanh(x @ W_xh + hidden[-1] @ W_hh + b_h))
    later, dX = torch.zeros_like(H0), torch.zeros_like(X)
    dW_xh, dW_hh, db_h = torch.zeros_like(W_xh), torch.zeros_like(W_hh), torch.zeros_like(b_h)
    for t in reversed(range(len(X))):
        delta = (dH[t] + later).clamp(-1, 1) * (1 - hidden[t + 1] ** 2)
        later, dX[t] = delta @ W_hh.T, delta @ W_xh.T
        dW_xh += X[t].T @ delta
        dW_hh += hidden[t].T @ delta
        db_h += delta.sum(0)
    return dX, later, dW_xh, dW_hh, db_h
""",
        "the gradient of the recurrent weights misses the first step": """
def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    hidden = [H0]
    for x in X:
        hidden.append(torch.tanh(x @ W_xh + hidden[-1] @ W_hh + b_h))
    later, dX = torch.zeros_like(H0), torch.zeros_like(X)
    dW_xh, dW_hh, db_h = torch.zeros_like(W_xh), torch.zeros_like(W_hh), torch.zeros_like(b_h)
    for t in reversed(range(len(X))):
        delta = (dH[t] + later) * (1 - hidden[t + 1] ** 2)
        later, dX[t] = delta @ W_hh.T, delta @ W_xh.T
        dW_xh += X[t].T @ delta
        if t:
            dW_hh += hidden[t].T @ delta
        db_h += delta.sum(0)
    return dX, later, dW_xh, dW_hh, db_h
""",
        "accumulates into tensors that live on": """
store = {}


def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    hidden = [H0]
    for x in X:
        hidden.append(torch.tanh(x @ W_xh + hidden[-1] @ W_hh + b_h))
    later, dX = torch.zeros_like(H0), torch.zeros_like(X)
    key = (W_xh.shape, W_xh.dtype)
    dW_xh, dW_hh, db_h = store.setdefault(key, (torch.zeros_like(W_xh), torch.zeros_like(W_hh), torch.zeros_like(b_h)))
    for t in reversed(range(len(X))):
        delta = (dH[t] + later) * (1 - hidden[t + 1] ** 2)
        later, dX[t] = delta @ W_hh.T, delta @ W_xh.T
        dW_xh += X[t].T @ delta
        dW_hh += hidden[t].T @ delta
        db_h += delta.sum(0)
    return dX, later, dW_xh, dW_hh, db_h
""",
        "the bias gradient of the last step only": """
def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    hidden = [H0]
    for x in X:
        hidden.append(torch.tanh(x @ W_xh + hidden[-1] @ W_hh + b_h))
    later, dX = torch.zeros_like(H0), torch.zeros_like(X)
    dW_xh, dW_hh, db_h = torch.zeros_like(W_xh), torch.zeros_like(W_hh), torch.zeros_like(b_h)
    for t in reversed(range(len(X))):
        delta = (dH[t] + later) * (1 - hidden[t + 1] ** 2)
        later, dX[t] = delta @ W_hh.T, delta @ W_xh.T
        dW_xh += X[t].T @ delta
        dW_hh += hidden[t].T @ delta
        db_h = delta.sum(0)
    return dX, later, dW_xh, dW_hh, db_h
""",
        "autograd in disguise": """
def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    leaves = [t.detach().clone().requires_grad_() for t in (X, H0, W_xh, W_hh, b_h)]
    h, total = leaves[1], 0
    for x, d in zip(leaves[0], dH):
        h = torch.tanh(x @ leaves[2] + h @ leaves[3] + leaves[4])
        total = total + (h * d).sum()
    getattr(total, "back" + "ward")()
    return tuple(t.grad for t in leaves)
""",
    },
    "jacobian_norms": {
        "one norm too many": """
def jacobian_norms(W_hh, Hs):
    J = torch.eye(len(W_hh), dtype=Hs.dtype)
    norms = [torch.linalg.matrix_norm(J, 2)]
    for H in Hs[1:].flip(0):
        J = J @ (torch.diag(1 - H**2) @ W_hh.T)
        norms.append(torch.linalg.matrix_norm(J, 2))
    return torch.stack(norms).flip(0)
""",
        "squared norms": """
def jacobian_norms(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs[1:].flip(0):
        J = J @ (torch.diag(1 - H**2) @ W_hh.T)
        norms.append(torch.linalg.matrix_norm(J, 2) ** 2)
    return torch.stack(norms).flip(0)
""",
        "nuclear norms": """
def jacobian_norms(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs[1:].flip(0):
        J = J @ (torch.diag(1 - H**2) @ W_hh.T)
        norms.append(torch.linalg.matrix_norm(J, "nuc"))
    return torch.stack(norms).flip(0)
""",
        "log norms": """
def jacobian_norms(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs[1:].flip(0):
        J = J @ (torch.diag(1 - H**2) @ W_hh.T)
        norms.append(torch.linalg.matrix_norm(J, 2).log())
    return torch.stack(norms).flip(0)
""",
        "a list of numbers": """
def jacobian_norms(W_hh, Hs):
    J, norms = torch.eye(len(W_hh), dtype=Hs.dtype), []
    for H in Hs[1:].flip(0):
        J = J @ (torch.diag(1 - H**2) @ W_hh.T)
        norms.append(torch.linalg.matrix_norm(J, 2).item())
    return norms[::-1]
""",
    },
    "choices_03": {
        "two letters exchanged": """
answers = {"C11": "d", "C11b": "b", "C12": "a", "C13": "c", "C14": "b"}
""",
    },
}
