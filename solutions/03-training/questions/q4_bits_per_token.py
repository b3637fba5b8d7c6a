"""Cases and known mistakes of bits_per_token."""

import math

import torch

from grader.authoring import Case

from . import assignment


@assignment.question("bits_per_token", points=1)
def bits_per_token(draw):
    """Bits a token"""
    yield Case("every token has one chance in eight", public=True, teaching=True, log_probs=torch.full((5,), -math.log(8), dtype=torch.float64))
    yield Case("some tokens are likelier than others", teaching=True, log_probs=-draw.uniform(7, low=0.1, high=4.0))
    yield Case("two rows of three", teaching=True, log_probs=-draw.uniform(2, 3, low=0.1, high=4.0))
    yield Case("single precision", teaching=True, log_probs=-draw.uniform(9, low=0.1, high=4.0, dtype=torch.float32))
    yield Case("a token that could not be", edge=True, log_probs=torch.tensor([-0.7, -float("inf"), -0.2], dtype=torch.float64))


@bits_per_token.mistake(
    "B01",
    hint="A fair choice among eight should cost exactly 3; you report 2.079.",
    where="Which unit is that?",
)
def nats_reported_as_bits(log_probs):
    return -log_probs.mean().item()


@bits_per_token.mistake(
    "B02",
    hint="You multiplied where you should divide.",
    where="Is a bit a smaller or a larger unit than a nat?",
)
def converted_the_wrong_way(log_probs):
    return -log_probs.mean().item() * math.log(2)


@bits_per_token.mistake("B03", hint="Your value grows with the length of the text.", where="The question asks for the cost of one token.")
def bits_of_the_whole_text(log_probs):
    return -log_probs.sum().item() / math.log(2)


@bits_per_token.mistake("B04", hint="You are below zero.", where="A message cannot have fewer than no bits: check the sign.")
def sign_missing(log_probs):
    return log_probs.mean().item() / math.log(2)


@bits_per_token.mistake(
    "B05",
    hint="You take a logarithm of what already is one.",
    where="The input holds logarithms. What is left to do is a change of unit.",
)
def logarithm_of_the_cost(log_probs):
    return math.log2(-log_probs.mean().item())


@bits_per_token.mistake(
    "B06",
    hint="You average probabilities and take the logarithm afterwards.",
    where="Right only when all tokens are equally likely. What does each single token cost?",
)
def averaged_before_the_logarithm(log_probs):
    return -torch.log2(torch.exp(log_probs).mean()).item()


@bits_per_token.mistake("B07", hint="You report decimal digits a token.", where="How many values has a bit, two or ten?")
def base_ten(log_probs):
    return -log_probs.mean().item() / math.log(10)


@bits_per_token.mistake("B08", hint="You return a tensor.", where="The question asks for a plain Python number.")
def returns_a_tensor(log_probs):
    return -log_probs.mean() / math.log(2)


@bits_per_token.mistake(
    "B09",
    hint="You report the perplexity.",
    where="Perplexity is a number of choices; how many yes-or-no questions are they?",
)
def perplexity_reported(log_probs):
    return torch.exp(-log_probs.mean()).item()


@bits_per_token.mistake(
    "B10",
    hint="An impossible token should cost infinitely many bits; yours stays finite.",
    where="Which step of yours replaces or leaves out an infinite cost?",
)
def impossible_token_made_cheap(log_probs):
    return -log_probs.clamp(min=-100).mean().item() / math.log(2)
