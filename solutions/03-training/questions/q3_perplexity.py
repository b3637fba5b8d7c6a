"""Cases and known mistakes of perplexity."""

import math

import numpy as np
import torch

from grader.authoring import Case

from . import assignment


def value_or_refusal(entry, log_probs, mask=None):
    try:
        return entry(log_probs) if mask is None else entry(log_probs, mask)
    except ValueError:
        return "ValueError"


@assignment.question("perplexity", points=4)
def perplexity(draw):
    """Perplexity of a text"""
    yield Case("every one of 28 tokens equally likely", public=True, teaching=True, log_probs=torch.full((10,), -math.log(28), dtype=torch.float64))
    yield Case("a perfect model", public=True, teaching=True, log_probs=torch.zeros(6, dtype=torch.float64))
    yield Case("a half and an eighth", teaching=True, log_probs=torch.tensor([0.5, 0.125], dtype=torch.float64).log())
    masked = -draw.uniform(3, 4, low=0.2, high=3.0)
    keep = torch.tensor([[True, True, True, True], [True, False, True, False], [True, True, False, False]])
    yield Case("only some of the tokens count", teaching=True, log_probs=masked, mask=keep)
    hopeless = masked.clone()
    hopeless[~keep] = -float("inf")
    yield Case("what does not count was impossible", log_probs=hopeless, mask=keep)
    one_impossible = -draw.uniform(200, low=0.1, high=2.0)
    one_impossible[117] = -float("inf")
    yield Case("one token of a text was impossible", log_probs=one_impossible)
    few_values = torch.tensor([-0.4375, -1.234, -2.345], dtype=torch.float32)
    yield Case("a long text in single precision", log_probs=few_values[draw.integers(200_000, high=3)])
    yield Case("a batch of rows", teaching=True, log_probs=-draw.uniform(2, 5, low=0.1, high=2.5))
    yield Case("a hopeless model", edge=True, log_probs=torch.full((3, 2), -800.0, dtype=torch.float64))
    yield Case("an empty text", edge=True, driver=value_or_refusal, log_probs=torch.zeros(0, dtype=torch.float64))
    yield Case(
        "every token is masked out",
        edge=True,
        driver=value_or_refusal,
        log_probs=torch.tensor([-1.0, -2.0], dtype=torch.float64),
        mask=torch.tensor([False, False]),
    )


@perplexity.mistake(
    "K01",
    hint="A model that is bad enough makes your function raise an error.",
    where="Infinity is a legal perplexity. Which exponential returns it, and which one refuses?",
)
def overflow_raises(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return math.exp(-kept.mean().item())


@perplexity.mistake(
    "K02",
    hint="The base of the power and the base of the logarithm do not match.",
    where="What should come out for a uniform model over 28 tokens?",
)
def two_to_the_power_of_nats(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp2(-kept.mean()).item()


@perplexity.mistake(
    "K03",
    hint="For a half and an eighth you get 5; the definition gives 4.",
    where="Which comes first, the average or the exponential?",
)
def mean_of_inverse_probabilities(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(-kept).mean().item()


@perplexity.mistake(
    "K04",
    hint="For a half and an eighth you get 3.2; the definition gives 4.",
    where="At which point is the average taken: of probabilities, or of their logarithms?",
)
def inverse_of_the_mean_probability(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return (1 / torch.exp(kept).mean()).item()


@perplexity.mistake(
    "K05",
    hint="Your value grows with the length of the text.",
    where="What makes texts of different length comparable?",
)
def sum_instead_of_mean(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(-kept.sum()).item()


@perplexity.mistake("K06", hint="You are below 1, which cannot happen.", where="Check the sign.")
def sign_missing(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(kept.mean()).item()


@perplexity.mistake(
    "K07",
    hint="A token that the model called impossible should make the perplexity infinite; yours stays finite.",
    where="Where do you keep a probability away from zero?",
)
def clamped_away_from_zero(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(-torch.log(torch.exp(kept).clamp(min=1e-8)).mean()).item()


@perplexity.mistake(
    "K08",
    hint="A token that does not count can still turn your result into NaN.",
    where="Zero times infinity is not zero. Pick the tokens that count instead of multiplying the others away.",
)
def masked_by_multiplying(log_probs, mask=None):
    if mask is None:
        mask = torch.ones_like(log_probs, dtype=torch.bool)
    if not mask.any():
        raise ValueError("no tokens")
    return torch.exp(-(log_probs.double() * mask).sum() / mask.sum()).item()


@perplexity.mistake(
    "K09",
    hint="Tokens that do not count are still counted below the line.",
    where="By how many tokens do you divide?",
)
def divides_by_all_tokens(log_probs, mask=None):
    log_probs = log_probs.double()
    if log_probs.numel() == 0 or (mask is not None and not mask.any()):
        raise ValueError("no tokens")
    if mask is not None:
        log_probs = torch.where(mask, log_probs, 0)
    return torch.exp(-log_probs.mean()).item()


@perplexity.mistake(
    "K10",
    hint="With rows of unequal length your result is not that of the whole text.",
    where="Every token has the same weight. Do you average rows first?",
)
def mean_of_the_rows_means(log_probs, mask=None):
    if mask is None:
        mask = torch.ones_like(log_probs, dtype=torch.bool)
    if not mask.any():
        raise ValueError("no tokens")
    rows = torch.where(mask, log_probs.double(), 0).sum(dim=-1) / mask.sum(dim=-1)
    return torch.exp(-rows.mean()).item()


@perplexity.mistake("K11", hint="Without a single token you return a number.", where="What is asked for when there is nothing to average?")
def nothing_is_averaged(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    return torch.exp(-kept.mean()).item()


@perplexity.mistake(
    "K12",
    hint="Close, but it drifts away on a long text.",
    where="In which precision do you add up? A large sum swallows the last digits of small terms.",
)
def single_precision_running_sum(log_probs, mask=None):
    kept = log_probs if mask is None else log_probs[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    total = np.add.accumulate(kept.reshape(-1).cpu().numpy())[-1]
    return float(np.exp(np.float64(-total) / kept.numel())) if math.isfinite(total) and -total / kept.numel() < 700 else math.inf


@perplexity.mistake("K13", hint="You return a tensor.", where="The question asks for a plain Python number.")
def returns_a_tensor(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(-kept.mean())


@perplexity.mistake("K14", hint="The mask has no effect.", where="Which tokens does the caller want counted?")
def mask_ignored(log_probs, mask=None):
    if log_probs.numel() == 0 or (mask is not None and not mask.any()):
        raise ValueError("no tokens")
    return torch.exp(-log_probs.double().mean()).item()


@perplexity.mistake("K15", hint="You count the tokens that should be left out, and leave out the others.", where="What does True mean in the mask?")
def mask_upside_down(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[~mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(-kept.mean()).item()


@perplexity.mistake("K16", hint="You stop at the average cost of a token.", where="One more step turns nats a token into a number of choices.")
def exponential_forgotten(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return -kept.mean().item()


@perplexity.mistake(
    "K17",
    hint="In a batch you divide by the number of rows.",
    where="Perplexity is a price a token. What do you divide by when the tokens stand in rows?",
)
def divides_by_the_rows(log_probs, mask=None):
    if log_probs.numel() == 0 or (mask is not None and not mask.any()):
        raise ValueError("no tokens")
    if log_probs.dim() == 1:
        return torch.exp(-(log_probs.double() if mask is None else log_probs.double()[mask]).mean()).item()
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    return torch.exp(-kept.sum() / len(log_probs)).item()


@perplexity.mistake(
    "K18",
    hint="Impossible tokens are left out of your average.",
    where="A model pays for every token that counts, also for the one it called impossible.",
)
def infinite_costs_dropped(log_probs, mask=None):
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    if kept.numel() == 0:
        raise ValueError("no tokens")
    return torch.exp(-kept[torch.isfinite(kept)].mean()).item()


@perplexity.mistake(
    "K19",
    hint="You average the perplexities of rows or tokens instead of their costs.",
    where="Is the exponential inside your average or outside?",
)
def mean_of_the_rows_perplexities(log_probs, mask=None):
    if mask is None:
        mask = torch.ones_like(log_probs, dtype=torch.bool)
    if not mask.any():
        raise ValueError("no tokens")
    rows = torch.where(mask, log_probs.double(), 0).sum(dim=-1) / mask.sum(dim=-1)
    return torch.exp(-rows).mean().item()


@perplexity.mistake(
    "K21",
    hint="A text without tokens gives NaN.",
    where="You look at the mask. How many tokens are there when no mask is given?",
)
def an_empty_text_goes_unnoticed(log_probs, mask=None):
    if mask is not None and not mask.any():
        raise ValueError("no tokens")
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    return torch.exp(-kept.mean()).item()


@perplexity.mistake(
    "K20",
    hint="A mask that leaves nothing over gives NaN.",
    where="You look at the size of the text. How many tokens of it count?",
)
def all_masked_goes_unnoticed(log_probs, mask=None):
    if log_probs.numel() == 0:
        raise ValueError("no tokens")
    kept = log_probs.double() if mask is None else log_probs.double()[mask]
    return torch.exp(-kept.mean()).item()
