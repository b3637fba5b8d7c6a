"""Cases and known mistakes of cross_entropy."""

import math

import torch
from torch.nn import functional as F

from grader.authoring import Case

from . import assignment


def losses_and_gradient(entry, logits, y):
    logits = logits.clone().requires_grad_()
    losses = entry(logits, y)
    if not getattr(losses, "requires_grad", False):
        return losses, torch.zeros_like(logits)
    row_weights = torch.arange(1, len(y) + 1, dtype=logits.dtype, device=logits.device)
    (gradient,) = torch.autograd.grad((losses * row_weights).sum(), logits)
    return losses, gradient


@assignment.question(
    "cross_entropy",
    points=3,
    forbids=["torch.nn.functional.cross_entropy", "torch.nn.functional.nll_loss", "torch.nn.CrossEntropyLoss", "torch.nn.NLLLoss"],
)
def cross_entropy(draw):
    """Cross-entropy of every row"""
    yield Case("four rows, six classes", public=True, teaching=True, logits=draw.normal(4, 6, scale=1.5), y=torch.tensor([2, 0, 5, 3]))
    yield Case("equal scores", public=True, teaching=True, logits=torch.zeros(2, 5, dtype=torch.float64), y=torch.tensor([1, 4]))
    yield Case("only one row in the batch", logits=draw.normal(1, 5), y=torch.tensor([3]))
    yield Case("as many rows as columns", teaching=True, logits=draw.normal(4, 4), y=torch.tensor([1, 1, 3, 0]))
    yield Case("single precision in, single precision out", logits=draw.normal(3, 7, dtype=torch.float32), y=torch.tensor([6, 2, 2]))
    yield Case("softmax minus one-hot arrives at the scores", driver=losses_and_gradient, logits=draw.normal(3, 5), y=torch.tensor([4, 0, 2]))
    yield Case(
        "scores of plus and minus ten thousand",
        edge=True,
        logits=torch.tensor([[1e4, -1e4, 0.0], [1e4, 9999.0, 9998.0], [-1e4, 1e4, 1e4]], dtype=torch.float64),
        y=torch.tensor([1, 1, 0]),
    )
    heights = torch.tensor([[1200.0], [0.0], [-1200.0]], dtype=torch.float64)
    yield Case("rows at very different heights", edge=True, logits=heights + draw.normal(3, 4), y=torch.tensor([3, 0, 1]))
    yield Case("a vocabulary of one", edge=True, teaching=True, logits=draw.normal(3, 1), y=torch.zeros(3, dtype=torch.int64))


@cross_entropy.mistake(
    "E01",
    hint="Right for ordinary scores, infinite as soon as the true class is far behind the best one.",
    where="A probability that small becomes zero. Can you reach its logarithm without going through the probability itself?",
)
def log_of_a_rounded_probability(logits, y):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    p = shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)
    return -torch.log(p[torch.arange(len(y)), y])


@cross_entropy.mistake(
    "E02",
    hint="Your loss can never come near 0, however sure and right the model is.",
    where="Count how often the scores are turned into probabilities.",
)
def softmax_applied_twice(logits, y):
    return -F.log_softmax(torch.softmax(logits, dim=1), dim=1).gather(1, y.unsqueeze(1)).squeeze(1)


@cross_entropy.mistake(
    "E03",
    hint="Right for small scores, infinite or NaN for scores of a few hundred.",
    where="Which power of e is still a float? What may you take away from a whole row without changing its probabilities?",
)
def exponentials_of_raw_scores(logits, y):
    return torch.log(torch.exp(logits).sum(dim=1)) - logits[torch.arange(len(y)), y]


@cross_entropy.mistake(
    "E04",
    hint="Every value is 1.4427 times too large.",
    where="Which logarithm does the loss use? Two equally likely classes should cost 0.6931.",
)
def base_two(logits, y):
    return -F.log_softmax(logits, dim=1).gather(1, y.unsqueeze(1)).squeeze(1) / math.log(2)


@cross_entropy.mistake("E05", hint="Your losses are negative.", where="What sign has the logarithm of a number below 1?")
def sign_missing(logits, y):
    return F.log_softmax(logits, dim=1)[torch.arange(len(y)), y]


@cross_entropy.mistake(
    "E06",
    hint="Your probabilities sum to 1 over the rows of the batch, not over the classes.",
    where="Which of the two axes of the scores holds the classes?",
)
def normalised_over_the_batch(logits, y):
    return -F.log_softmax(logits, dim=0)[torch.arange(len(y)), y]


@cross_entropy.mistake(
    "E07",
    hint="Labels are used as row numbers: with as many rows as classes you read the wrong entries, otherwise you run out of rows.",
    where="A label names a class. Along which axis do you look it up?",
)
def label_picks_a_row(logits, y):
    log_p = F.log_softmax(logits, dim=1)
    return -log_p[y, torch.arange(len(y))]


@cross_entropy.mistake(
    "E08",
    hint="A score alone is taken for a loss; add the same number to a whole row and your loss changes.",
    where="What makes the scores of one row into probabilities that sum to 1?",
)
def never_normalised(logits, y):
    return -logits[torch.arange(len(y)), y]


@cross_entropy.mistake("E09", hint="You return one number, the mean.", where="The question asks for one loss a row; averaging comes later.")
def mean_over_the_batch(logits, y):
    return -F.log_softmax(logits, dim=1).gather(1, y.unsqueeze(1)).mean()


@cross_entropy.mistake(
    "E10",
    hint="Fine while all rows have similar scores, NaN or infinite for a row far below the largest score of the batch.",
    where="From which set of numbers is the maximum taken that you subtract?",
)
def maximum_of_the_whole_batch(logits, y):
    shifted = logits - logits.max()
    return torch.log(shifted.exp().sum(dim=1)) - shifted[torch.arange(len(y)), y]


@cross_entropy.mistake(
    "E11",
    hint="The values are right, but no gradient arrives at the scores.",
    where="What in your function leaves the graph: a number, an array, a copy without history?",
)
def detached(logits, y):
    return -F.log_softmax(logits.detach(), dim=1).gather(1, y.unsqueeze(1)).squeeze(1)


@cross_entropy.mistake(
    "E12",
    hint="The scores of the caller are different after your function than before.",
    where="Which of your steps works in place?",
)
def scores_changed_in_place(logits, y):
    logits -= logits.max(dim=1, keepdim=True).values
    return -F.log_softmax(logits, dim=1).gather(1, y.unsqueeze(1)).squeeze(1)


@cross_entropy.mistake(
    "E13",
    hint="Finite where it should be large: very unlikely classes all cost the same.",
    where="A small number added before the logarithm puts a ceiling on the loss. What does the formula say without it?",
)
def small_number_against_log_zero(logits, y):
    p = torch.softmax(logits, dim=1)
    return -torch.log(p[torch.arange(len(y)), y] + 1e-9)


@cross_entropy.mistake("E14", hint="One axis too many comes back.", where="One loss a row: which axis of length 1 is left over?")
def a_column_comes_back(logits, y):
    return -F.log_softmax(logits, dim=1).gather(1, y.unsqueeze(1))


@cross_entropy.mistake(
    "E15",
    hint="With one row in the batch you return a single number instead of one loss in a row.",
    where="Which axes of length 1 do you remove, and is the batch one of them?",
)
def every_axis_of_length_one_removed(logits, y):
    return -F.log_softmax(logits, dim=1).gather(1, y.unsqueeze(1)).squeeze()


@cross_entropy.mistake("E16", hint="Given float32 you return float64.", where="Let the scores decide the dtype.")
def double_precision_forced(logits, y):
    return -F.log_softmax(logits.double(), dim=1).gather(1, y.unsqueeze(1)).squeeze(1)


@cross_entropy.mistake("E17", hint="Given float64 you return float32.", where="Let the scores decide the dtype.")
def single_precision_forced(logits, y):
    return -F.log_softmax(logits.float(), dim=1).gather(1, y.unsqueeze(1)).squeeze(1)


@cross_entropy.mistake(
    "E18",
    hint="The wrong classes add to your loss.",
    where="In the sum over classes only one term has a target above zero: which?",
)
def summed_over_all_classes(logits, y):
    return -F.log_softmax(logits, dim=1).sum(dim=1) + 0 * y


@cross_entropy.mistake(
    "E19",
    hint="Each class is judged by itself; your probabilities of one row do not sum to 1.",
    where="Sigmoid answers yes or no. Which function shares out one unit of probability among all classes?",
)
def sigmoid_for_softmax(logits, y):
    return -F.logsigmoid(logits)[torch.arange(len(y)), y]


@cross_entropy.mistake(
    "E20",
    hint="You return probabilities between 0 and 1, where a larger one means a better model.",
    where="Which function turns a probability into a cost?",
)
def probability_instead_of_loss(logits, y):
    return torch.softmax(logits, dim=1)[torch.arange(len(y)), y]
