"""Cases and known mistakes of sequence_loss."""

import torch
from torch.nn import functional as F

from grader.authoring import Case

from . import assignment


def loss_and_gradient(entry, logits, Y, valid_len=None):
    logits = logits.clone().requires_grad_()
    loss = entry(logits, Y) if valid_len is None else entry(logits, Y, valid_len)
    if not getattr(loss, "requires_grad", False):
        return loss, torch.zeros_like(logits)
    (gradient,) = torch.autograd.grad(loss.sum(), logits)
    return loss, gradient


@assignment.question("sequence_loss", points=4, depends_on=["cross_entropy"])
def sequence_loss(draw):
    """Loss of a batch of sequences, padding left out"""
    yield Case("four steps, three sequences", public=True, teaching=True, logits=draw.normal(4, 3, 5, scale=1.5), Y=draw.integers(3, 4, high=5))
    yield Case(
        "lengths given, nothing is padding",
        public=True,
        teaching=True,
        logits=draw.normal(3, 2, 4),
        Y=draw.integers(2, 3, high=4),
        valid_len=torch.tensor([3, 3]),
    )
    yield Case("as many steps as sequences", teaching=True, logits=draw.normal(3, 3, 6), Y=torch.tensor([[0, 5, 2], [1, 1, 4], [3, 0, 5]]))
    yield Case(
        "sequences of unequal length",
        teaching=True,
        logits=draw.normal(4, 3, 5, scale=1.5),
        Y=torch.tensor([[0, 3, 1, 4], [2, 0, 0, 0], [4, 0, 2, 0]]),
        valid_len=torch.tensor([4, 1, 3]),
    )
    yield Case(
        "the gradient stops at the last valid step",
        driver=loss_and_gradient,
        logits=draw.normal(5, 2, 3),
        Y=torch.tensor([[2, 1, 1, 0, 0], [0, 2, 1, 2, 0]]),
        valid_len=torch.tensor([2, 4]),
    )
    yield Case(
        "single precision with lengths",
        logits=draw.normal(4, 2, 5, dtype=torch.float32),
        Y=draw.integers(2, 4, high=5),
        valid_len=torch.tensor([4, 2]),
    )
    yield Case("a single time step", edge=True, teaching=True, logits=draw.normal(1, 3, 4), Y=torch.tensor([[3], [0], [2]]))
    yield Case(
        "one sequence has no token at all",
        edge=True,
        logits=draw.normal(3, 4, 5),
        Y=torch.tensor([[1, 4, 0], [0, 0, 0], [3, 2, 2], [4, 1, 0]]),
        valid_len=torch.tensor([2, 0, 3, 1]),
    )
    broken = draw.normal(3, 2, 4)
    broken[2, 0] = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0])
    broken[1, 1] = float("nan")
    broken[2, 1] = -float("inf")
    yield Case("scores in the padding are no numbers", edge=True, logits=broken, Y=torch.tensor([[3, 1, 0], [2, 0, 0]]), valid_len=torch.tensor([2, 1]))


@sequence_loss.mistake(
    "Q01",
    hint="Labels and scores are paired in different orders.",
    where="Flattened, the k-th label and the k-th row of scores must belong to the same sequence at the same step. Which axis comes first in each?",
)
def labels_flattened_batch_first(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = F.cross_entropy(logits.reshape(T * n, V), Y.reshape(-1), reduction="none").reshape(T, n)
    if valid_len is not None:
        steps = torch.arange(T, device=Y.device).unsqueeze(1)
        losses = torch.where(steps < valid_len, losses, 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q02",
    hint="You are too small by a factor of the number of steps.",
    where="Are the losses of the steps added or averaged?",
)
def mean_over_time(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len, losses, 0)
    return losses.sum() / n / T


@sequence_loss.mistake(
    "Q03",
    hint="You are too large by a factor of the number of sequences.",
    where="What is added and what is averaged?",
)
def sum_over_the_batch(logits, Y, valid_len=None):
    T = logits.shape[0]
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len, losses, 0)
    return losses.sum()


@sequence_loss.mistake(
    "Q04",
    hint="Steps after the end of a sequence add to your loss: change the padding and the loss changes.",
    where="What do the lengths do in your function?",
)
def padding_counts(logits, Y, valid_len=None):
    return F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none").sum() / Y.shape[0]


@sequence_loss.mistake(
    "Q05",
    hint="A step that should not count still makes the loss NaN.",
    where="Zero times infinity is not zero. Choose between two values instead of multiplying.",
)
def masked_by_multiplying(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = losses * (torch.arange(T, device=Y.device).unsqueeze(1) < valid_len).to(losses.dtype)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q06",
    hint="Long and short sequences are thrown together: you divide by the number of tokens.",
    where="By which number does the text divide: tokens or sequences?",
)
def mean_over_valid_tokens(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is None:
        return losses.sum() / n
    keep = torch.arange(T, device=Y.device).unsqueeze(1) < valid_len
    return losses[keep].sum() / keep.sum()


@sequence_loss.mistake(
    "Q07",
    hint="Short sequences count one step too many.",
    where="Steps are numbered from 0. Which of them are valid when the length is 2?",
)
def one_step_too_many(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) <= valid_len, losses, 0)
    return losses.sum() / n


@sequence_loss.mistake("Q08", hint="Only the last step counts in your loss.", where="The total is over all time steps: what does your loop keep?")
def last_step_only(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    for t in range(T):
        losses = F.cross_entropy(logits[t], Y[:, t], reduction="none")
        if valid_len is not None:
            losses = torch.where(t < valid_len, losses, 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q09",
    hint="A sequence of length 0 is not counted when you average.",
    where="Does an empty sequence still belong to the batch?",
)
def empty_sequences_not_counted(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is None:
        return losses.sum() / n
    losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len, losses, 0)
    return losses.sum() / (valid_len > 0).sum()


@sequence_loss.mistake(
    "Q10",
    hint="You keep the end of each sequence and drop its beginning.",
    where="Where does the padding of a short sequence stand, before or after its tokens?",
)
def keeps_the_last_steps(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) >= T - valid_len, losses, 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q11",
    hint="The shapes fit, but scores of different sequences and steps were mixed.",
    where="To exchange two axes is something else than to read the same numbers into another shape.",
)
def scores_reread_in_another_shape(logits, Y, valid_len=None):
    T, n, V = logits.shape
    losses = F.cross_entropy(logits.reshape(n * T, V), Y.reshape(-1), reduction="none").reshape(n, T)
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device) < valid_len.unsqueeze(1), losses, 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q12",
    hint="The value is right, but no gradient arrives at the scores.",
    where="Do you take plain numbers out of tensors while adding up?",
)
def detached(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.detach().transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len, losses, 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q13",
    hint="Every sequence is divided by its own length.",
    where="A long sequence may cost more than a short one here. By what does the text divide, and when?",
)
def each_sequence_averaged(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is None:
        return losses.sum() / n
    losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len, losses, 0)
    return (losses.sum(dim=0) / valid_len.clamp(min=1)).mean()


@sequence_loss.mistake(
    "Q14",
    hint="Padding is scored as if its label were token 0.",
    where="Overwriting a label does not take its step out of the sum. What should a padded step add?",
)
def padding_labelled_zero(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    if valid_len is not None:
        Y = torch.where(torch.arange(T, device=Y.device) < valid_len.unsqueeze(1), Y, 0)
    return F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none").sum() / n


@sequence_loss.mistake(
    "Q15",
    hint="Every padded step still costs the logarithm of the vocabulary size.",
    where="Equal scores are a guess, and a guess has a price. What should a padded step add?",
)
def padded_scores_set_to_zero(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    if valid_len is not None:
        keep = torch.arange(T, device=Y.device).unsqueeze(1) < valid_len
        logits = torch.where(keep.unsqueeze(2), logits, 0)
    return F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none").sum() / n


@sequence_loss.mistake(
    "Q16",
    hint="Real tokens with label 0 are missing from your loss.",
    where="Label 0 is a token like any other here. What tells you where the padding begins?",
)
def label_zero_taken_for_padding(logits, Y, valid_len=None):
    return F.cross_entropy(logits.transpose(1, 2), Y.T, ignore_index=0, reduction="sum") / Y.shape[0]


@sequence_loss.mistake("Q17", hint="Given float32 you return float64.", where="Which dtype has the mask that you multiply or divide by?")
def mask_in_double_precision(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        keep = torch.arange(T, device=Y.device).unsqueeze(1) < valid_len
        losses = torch.where(keep, losses.double(), 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q18",
    hint="Short sequences count one step too few.",
    where="Steps are numbered from 0. Is the last valid one inside your mask?",
)
def one_step_too_few(logits, Y, valid_len=None):
    T, n, _ = logits.shape
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len - 1, losses, 0)
    return losses.sum() / n


@sequence_loss.mistake(
    "Q19",
    hint="You return one loss a sequence instead of a single number.",
    where="Which average is still to be taken?",
)
def one_loss_a_sequence(logits, Y, valid_len=None):
    T = logits.shape[0]
    losses = F.cross_entropy(logits.transpose(1, 2), Y.T, reduction="none")
    if valid_len is not None:
        losses = torch.where(torch.arange(T, device=Y.device).unsqueeze(1) < valid_len, losses, 0)
    return losses.sum(dim=0)
