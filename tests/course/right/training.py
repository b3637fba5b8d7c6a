"""Right answers to the questions of 03-training."""

BACKWARD = """
def rnn_backward(dH, X, H0, W_xh, W_hh, b_h):
    T = X.shape[0]
    H = [H0]
    for t in range(T):
        H.append(torch.tanh(X[t] @ W_xh + H[t] @ W_hh + b_h))
    deltas, carry = [None] * T, 0
    for t in range(T - 1, -1, -1):
        deltas[t] = (dH[t] + carry) * (1 - H[t + 1] ** 2)
        carry = deltas[t] @ W_hh.T
    D = torch.stack(deltas)
    return RESULT
"""

SOURCES = {
    "cross_entropy": {
        "logsumexp and fancy indices": """
def cross_entropy(logits, y):
    return torch.logsumexp(logits, dim=1) - logits[torch.arange(len(y)), y]
""",
        "log_softmax and gather": """
def cross_entropy(logits, y):
    return -F.log_softmax(logits, dim=-1).gather(1, y[:, None])[:, 0]
""",
        "one-hot and a sum": """
def cross_entropy(logits, y):
    log_p = logits - logits.logsumexp(1, keepdim=True)
    return -torch.where(F.one_hot(y, logits.shape[1]).bool(), log_p, 0).sum(1)
""",
        "a loop over rows": """
def cross_entropy(logits, y):
    losses = []
    for row, label in zip(logits, y):
        top = row.max()
        losses.append(top + torch.log(torch.exp(row - top).sum()) - row[label])
    return torch.stack(losses) if losses else logits.new_zeros(0)
""",
        "differences to the true score": """
def cross_entropy(logits, y):
    return (logits - logits.gather(1, y.reshape(-1, 1))).logsumexp(-1)
""",
    },
    "sequence_loss": {
        "the library's loss": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.permute(1, 2, 0), Y, reduction="none")
    if valid_len is not None:
        losses = losses[torch.arange(T, device=Y.device).expand(n, T) < valid_len[:, None]]
    return losses.sum() / n
""",
        "a loop over sequences": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    total = logits.new_zeros(())
    for i in range(n):
        end = T if valid_len is None else int(valid_len[i])
        total = total + cross_entropy(logits[:end, i], Y[i, :end]).sum()
    return total / n
""",
        "where": """
def sequence_loss(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = cross_entropy(logits.flatten(0, 1), Y.T.flatten()).view(T, n)
    if valid_len is None:
        valid_len = torch.full((n,), T, device=Y.device)
    steps = torch.arange(T, device=Y.device).unsqueeze(1)
    return torch.where(steps < valid_len, losses, torch.zeros_like(losses)).sum(0).mean()
""",
        "a step at a time": """
def sequence_loss(logits, Y, valid_len=None):
    per_sequence = 0
    for t, scores in enumerate(logits):
        loss = cross_entropy(scores, Y[:, t])
        per_sequence = per_sequence + (loss if valid_len is None else loss.masked_fill(valid_len <= t, 0))
    return per_sequence.mean()
""",
    },
    "perplexity": {
        "math with a guard": """
def perplexity(log_probs, mask=None):
    values = (log_probs if mask is None else torch.masked_select(log_probs, mask)).double().flatten()
    if len(values) == 0:
        raise ValueError("no tokens")
    nats = -values.mean().item()
    try:
        return math.exp(nats)
    except OverflowError:
        return math.inf
""",
        "numpy": """
import numpy as np


def perplexity(log_probs, mask=None):
    values = log_probs.detach().numpy().astype(np.float64)
    if mask is not None:
        values = values[mask.numpy()]
    if not values.size:
        raise ValueError("there is nothing to average")
    with np.errstate(over="ignore"):
        return float(np.exp(-values.mean()))
""",
        "where instead of selecting": """
def perplexity(log_probs, mask=None):
    mask = torch.ones_like(log_probs, dtype=torch.bool) if mask is None else mask
    count = mask.sum().item()
    if count < 1:
        raise ValueError
    total = torch.where(mask, log_probs, 0).sum(dtype=torch.float64)
    return float(torch.exp(-total / count))
""",
        "a list of numbers": """
def perplexity(log_probs, mask=None):
    flat = log_probs.reshape(-1).tolist()
    keep = [True] * len(flat) if mask is None else mask.reshape(-1).tolist()
    values = [v for v, k in zip(flat, keep) if k]
    if not values:
        raise ValueError("empty")
    mean = math.fsum(values) / len(values)
    return math.inf if mean < -700 else math.exp(-mean)
""",
    },
    "bits_per_token": {
        "one line": """
def bits_per_token(log_probs):
    return (-log_probs.double().mean() / math.log(2)).item()
""",
        "log2 of e": """
def bits_per_token(log_probs):
    return float(-(log_probs.to(torch.float64) * math.log2(math.e)).mean())
""",
        "numpy": """
import numpy as np


def bits_per_token(log_probs):
    return float(-np.mean(log_probs.detach().cpu().numpy(), dtype=np.float64) / np.log(2))
""",
        "a lambda": """
bits_per_token = lambda log_probs: -log_probs.sum(dtype=torch.float64).item() / log_probs.numel() / math.log(2)
""",
    },
    "rank_continuations": {
        "argsort": """
def rank_continuations(log_probs):
    means = torch.stack([row.double().mean() for row in log_probs])
    return torch.argsort(means, descending=True, stable=True).tolist()
""",
        "sorted with a negative key": """
def rank_continuations(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].mean())
""",
        "numpy": """
import numpy as np


def rank_continuations(log_probs):
    costs = [-float(np.mean(row.numpy())) for row in log_probs]
    return [int(i) for i in np.argsort(costs, kind="stable")]
""",
        "by perplexity": """
def rank_continuations(log_probs):
    pairs = [(perplexity(row), i) for i, row in enumerate(log_probs)]
    pairs.sort()
    return [i for _, i in pairs]
""",
    },
    "grad_clipping": {
        "as in the book": """
def grad_clipping(params, theta):
    params = [p for p in params if p.grad is not None]
    norm = torch.sqrt(sum(torch.sum(p.grad**2) for p in params)) if params else torch.tensor(0.0)
    if norm > theta:
        for p in params:
            p.grad[:] *= theta / norm
    return norm.item()
""",
        "norm of norms": """
def grad_clipping(params, theta):
    grads = [g for p in params if (g := p.grad) is not None]
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g.double()) for g in grads])).item() if grads else 0.0
    if norm > theta:
        factor = theta / norm
        for g in grads:
            g *= factor
    return norm
""",
        "one long vector": """
def grad_clipping(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = float(torch.cat([g.flatten() for g in grads]).double().norm())
    if norm > theta:
        with torch.no_grad():
            for g in grads:
                g.copy_(g * theta / norm)
    return norm
""",
        "foreach": """
def grad_clipping(params, theta):
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.hypot(*(g.detach().double().norm().item() for g in grads))
    if norm > theta:
        torch._foreach_mul_(grads, theta / norm)
    return norm
""",
    },
    "rnn_backward": {
        "einsum over all steps": BACKWARD.replace(
            "RESULT",
            "(torch.einsum('tnh,dh->tnd', D, W_xh), carry, torch.einsum('tnd,tnh->dh', X, D), torch.einsum('tnk,tnh->kh', torch.stack(H[:-1]), D), D.sum((0, 1)))",
        ),
        "flat matrices": BACKWARD.replace(
            "RESULT", "(D @ W_xh.T, carry, X.flatten(0, 1).T @ D.flatten(0, 1), torch.cat(H[:-1]).T @ torch.cat(deltas), D.flatten(0, 1).sum(0))"
        ),
        "sums of products": BACKWARD.replace(
            "RESULT",
            "[torch.stack([d @ W_xh.T for d in D]), carry, sum(x.T @ d for x, d in zip(X, D)), sum(h.T @ d for h, d in zip(H, D)), sum(d.sum(0) for d in D)]",
        ),
        "batched matrices": BACKWARD.replace(
            "RESULT", "(torch.matmul(D, W_xh.mT), carry, (X.mT @ D).sum(0), (torch.stack(H[:T]).mT @ D).sum(0), D.sum(dim=1).sum(dim=0))"
        ),
    },
    "jacobian_norms": {
        "singular values": """
def jacobian_norms(W_hh, Hs):
    product, norms = None, []
    for H in reversed(Hs[1:]):
        step = torch.diag(1 - H * H) @ W_hh.T
        product = step if product is None else product @ step
        norms.append(torch.linalg.svdvals(product)[0])
    return torch.stack(norms[::-1])
""",
        "the matrix norm of the library": """
def jacobian_norms(W_hh, Hs):
    J = torch.eye(W_hh.shape[0], dtype=Hs.dtype)
    norms = torch.zeros(len(Hs) - 1, dtype=Hs.dtype)
    for t in range(len(Hs) - 1, 0, -1):
        J = J @ ((1 - Hs[t] ** 2)[:, None] * W_hh.T)
        norms[t - 1] = torch.linalg.norm(J, ord=2)
    return norms
""",
        "the transposed chain": """
def jacobian_norms(W_hh, Hs):
    chain, norms = torch.eye(len(W_hh), dtype=Hs.dtype, device=Hs.device), []
    for H in Hs[1:].flip(0):
        chain = (W_hh * (1 - H.square())) @ chain
        norms.insert(0, torch.linalg.matrix_norm(chain, ord=2))
    return torch.stack(norms)
""",
        "all products at once": """
def jacobian_norms(W_hh, Hs):
    steps = torch.einsum("th,kh->thk", 1 - Hs[1:] ** 2, W_hh)
    return torch.stack([torch.linalg.matrix_norm(torch.linalg.multi_dot([*steps[t:].flip(0), torch.eye(len(W_hh), dtype=Hs.dtype)]), 2) for t in range(len(steps))])
""",
    },
    "choices_03": {
        "capitals": """
answers = {"C11": "B", "C11b": "D", "C12": "A", "C13": "C", "C14": "B"}
""",
    },
}
