"""Cases and known mistakes of rank_continuations."""

import math

import torch

from grader.authoring import Case

from . import assignment


def tensors(*rows):
    return [torch.tensor(row, dtype=torch.float64) for row in rows]


@assignment.question("rank_continuations", points=0.5, allow=["sequence"])
def rank_continuations(draw):
    """Which continuation is most plausible"""
    yield Case(
        "three continuations of four tokens",
        public=True,
        teaching=True,
        log_probs=tensors([-2.1, -1.9, -3.0, -0.1], [-0.3, -0.9, -0.4, -2.2], [-1.2, -0.8, -1.1, -1.9]),
    )
    yield Case(
        "a long plausible one against a short strange one", teaching=True, log_probs=tensors([-2.0, -2.5], [-0.6] * 9, [-1.9, -1.1, -1.2, -1.3, -0.3], [-9.0])
    )
    unlikely = tensors([-1.0, -1.0, -1.0], [-0.1, -0.1, -4.4], [-0.9, -1.4], [-2.0, -0.2, -0.2, -0.2, -0.2])
    yield Case("one bad token in a good text", teaching=True, log_probs=unlikely)
    yield Case("an impossible token", edge=True, log_probs=tensors([-0.1, -math.inf, -0.1], [-5.0, -6.0], [-0.2]))
    yield Case("equally good ones", edge=True, log_probs=tensors([-1.0, -1.0], [-0.5], [-0.5, -0.5, -0.5], [-1.0], [-0.5, -0.5]))


@rank_continuations.mistake(
    "Z01",
    hint="Long continuations come last whatever they say.",
    where="Every further token lowers a sum of logarithms. What makes texts of different length comparable?",
)
def by_the_sum(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].sum().item())


@rank_continuations.mistake("Z02", hint="Your list begins with the worst one.", where="Is a larger average logarithm better or worse?")
def worst_first(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: log_probs[i].mean().item())


@rank_continuations.mistake(
    "Z03",
    hint="You return the place that each continuation takes, not the continuations in order.",
    where="What should the first number of the result be: where the first continuation ended up, or which one won?",
)
def places_instead_of_order(log_probs):
    order = sorted(range(len(log_probs)), key=lambda i: -log_probs[i].mean().item())
    return [order.index(i) for i in range(len(log_probs))]


@rank_continuations.mistake("Z04", hint="You return scores.", where="The question asks for positions in the given list.")
def scores_in_order(log_probs):
    return sorted((row.mean().item() for row in log_probs), reverse=True)


@rank_continuations.mistake(
    "Z05",
    hint="One very good token makes up for a very bad one in your ranking.",
    where="Are probabilities averaged, or their logarithms?",
)
def by_the_mean_probability(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].exp().mean().item())


@rank_continuations.mistake("Z06", hint="Equally good continuations come back in reversed order.", where="What does the text say about ties?")
def ties_reversed(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: (log_probs[i].mean().item(), i), reverse=True)


@rank_continuations.mistake("Z07", hint="You count from one.", where="Which index has the first continuation of the list?")
def counted_from_one(log_probs):
    return [i + 1 for i in sorted(range(len(log_probs)), key=lambda i: -log_probs[i].mean().item())]


@rank_continuations.mistake("Z08", hint="Only the winner comes back.", where="The question asks for all of them, in order.")
def winner_only(log_probs):
    return [max(range(len(log_probs)), key=lambda i: log_probs[i].mean().item())]


@rank_continuations.mistake("Z09", hint="Only the worst token of each continuation decides.", where="All tokens have the same weight.")
def by_the_worst_token(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i].min().item())


@rank_continuations.mistake("Z10", hint="Only the last token of each continuation decides.", where="All tokens have the same weight.")
def by_the_last_token(log_probs):
    return sorted(range(len(log_probs)), key=lambda i: -log_probs[i][-1].item())


@rank_continuations.mistake(
    "Z11",
    hint="A continuation with an impossible token is missing from your list.",
    where="It is the least plausible one, but it is still to be ranked.",
)
def impossible_ones_dropped(log_probs):
    possible = [i for i in range(len(log_probs)) if torch.isfinite(log_probs[i]).all()]
    return sorted(possible, key=lambda i: -log_probs[i].mean().item())
