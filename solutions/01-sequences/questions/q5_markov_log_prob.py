"""1.5: how likely is a sequence."""

import math
from itertools import pairwise

import torch

from grader.authoring import Case

from .plan import assignment

WEATHER = torch.tensor([[0.8, 0.2], [0.4, 0.6]], dtype=torch.float64)


def chain(draw, num_steps, num_states, dtype=torch.float64):
    """Return a random sequence, its first distribution and its transitions."""
    return {
        "seq": draw.integers(num_steps, high=num_states),
        "init": draw.distribution(num_states, dtype=dtype),
        "trans": draw.distribution(num_states, num_states, dtype=dtype),
    }


@assignment.question("markov_log_prob", points=2, allow=["number"])
def markov_log_prob(draw):
    """How likely is a sequence?"""
    yield Case("two days of weather", public=True, teaching=True, seq=torch.tensor([1, 0]), init=torch.tensor([0.25, 0.75], dtype=torch.float64), trans=WEATHER)
    yield Case("six steps among four states", teaching=True, **{**chain(draw, 6, 4), "seq": torch.tensor([2, 0, 3, 3, 1, 2])})
    yield Case("there and back are different ways", teaching=True, **{**chain(draw, 4, 3), "seq": torch.tensor([0, 1, 2, 0])})
    yield Case("four thousand steps", **chain(draw, 4000, 5))
    yield Case("in single precision", teaching=True, **chain(draw, 12, 4, dtype=torch.float32))
    yield Case("a sequence of one state", edge=True, **chain(draw, 1, 4))
    yield Case(
        "a step that cannot happen",
        edge=True,
        seq=torch.tensor([0, 1, 1]),
        init=torch.tensor([0.5, 0.5], dtype=torch.float64),
        trans=torch.tensor([[0.3, 0.7], [1.0, 0.0]], dtype=torch.float64),
    )
    yield Case("a beginning that cannot happen", edge=True, seq=torch.tensor([1, 0]), init=torch.tensor([1.0, 0.0], dtype=torch.float64), trans=WEATHER)


@markov_log_prob.mistake(
    "S07",
    hint="Correct on short sequences, minus infinity on long ones.",
    where="What happens to a product of thousands of numbers below 1? What can be added up instead?",
)
def takes_the_log_of_a_product(seq, init, trans):
    product = init[seq[0]]
    for a, b in pairwise(seq):
        product = product * trans[a, b]
    return torch.log(product)


@markov_log_prob.mistake(
    "S08",
    hint="Each transition is looked up the other way round.",
    where="Rows of the table are the state you come from. Which index of your look-up is which?",
)
def reads_the_table_by_columns(seq, init, trans):
    total = torch.log(init[seq[0]])
    for a, b in pairwise(seq):
        total = total + torch.log(trans[b, a])
    return total


@markov_log_prob.mistake(
    "S09", hint="The first state costs nothing in your sum.", where="Chain rule: the first factor is not a conditional one. Is it in your sum?"
)
def forgets_the_beginning(seq, init, trans):
    total = torch.zeros((), dtype=init.dtype)
    for a, b in pairwise(seq):
        total = total + torch.log(trans[a, b])
    return total


@markov_log_prob.mistake("S33", hint="All your values are too large by the same factor of about 1.44.", where="Which logarithm does the text ask for?")
def takes_logs_to_base_two(seq, init, trans):
    return torch.log2(init[seq[0]]) + torch.log2(trans[seq[:-1], seq[1:]]).sum()


@markov_log_prob.mistake(
    "S34",
    hint="Every state is judged by itself; what came before it has no influence.",
    where="A Markov chain asks how likely a state is after the one before. Where do the transitions come in?",
)
def ignores_the_past(seq, init, trans):
    return torch.log(init[seq]).sum()


@markov_log_prob.mistake("S35", hint="Your value is positive.", where="The log of a probability is asked for, and probabilities are at most 1. Check the sign.")
def returns_the_negative(seq, init, trans):
    return -(torch.log(init[seq[0]]) + torch.log(trans[seq[:-1], seq[1:]]).sum())


@markov_log_prob.mistake(
    "S36",
    hint="Your value is an average over the steps.",
    where="The probability of the whole sequence is a product over its steps. What does its log do with them?",
)
def averages_over_the_steps(seq, init, trans):
    return (torch.log(init[seq[0]]) + torch.log(trans[seq[:-1], seq[1:]]).sum()) / len(seq)


@markov_log_prob.mistake(
    "S37",
    hint="Something impossible gets a finite value from you.",
    where="The log of 0 is minus infinity, and that is the right answer here. What keeps yours finite?",
)
def keeps_probabilities_above_zero(seq, init, trans):
    return torch.log(init[seq[0]].clamp(min=1e-12)) + torch.log(trans[seq[:-1], seq[1:]].clamp(min=1e-12)).sum()


@markov_log_prob.mistake(
    "S47",
    hint="A step that cannot happen gets a finite value from you.",
    where="The log of 0 is minus infinity, and that is the right answer here. What keeps yours finite?",
)
def adds_a_little_to_every_transition(seq, init, trans):
    return torch.log(init[seq[0]]) + torch.log(trans[seq[:-1], seq[1:]] + 1e-300).sum()


@markov_log_prob.mistake("S38", hint="You return the probability itself.", where="The text asks for a logarithm.")
def returns_the_probability(seq, init, trans):
    return init[seq[0]] * trans[seq[:-1], seq[1:]].prod()


@markov_log_prob.mistake(
    "S39",
    hint="The sequence is closed to a ring: there is one transition too many.",
    where="A sequence of T states has T - 1 transitions. What follows the last state?",
)
def closes_the_ring(seq, init, trans):
    return torch.log(init[seq[0]]) + torch.log(trans[seq, torch.roll(seq, -1)]).sum()


@markov_log_prob.mistake("S40", hint="The last transition is missing.", where="A sequence of T states has T - 1 transitions. Count the turns of your loop.")
def loses_the_last_transition(seq, init, trans):
    return torch.log(init[seq[0]]) + torch.log(trans[seq[:-2], seq[1:-1]]).sum()


@markov_log_prob.mistake(
    "S41", hint="Something impossible stops your code.", where="The logarithm of Python refuses 0, the one of PyTorch does not. What should come out?"
)
def uses_a_log_that_refuses_zero(seq, init, trans):
    total = math.log(init[seq[0]])
    for a, b in pairwise(seq):
        total += math.log(trans[a, b])
    return torch.tensor(total, dtype=init.dtype)


@markov_log_prob.mistake(
    "S42",
    hint="The probabilities are added before the logarithm is taken.",
    where="One thing after another: probabilities multiply. What becomes of a product under a logarithm?",
)
def takes_the_log_of_a_sum(seq, init, trans):
    return torch.log(init[seq[0]] + trans[seq[:-1], seq[1:]].sum())


@markov_log_prob.mistake("S43", hint="A tensor with one axis comes back.", where="One sequence has one log-probability: a tensor without axes.")
def keeps_an_axis(seq, init, trans):
    return torch.log(init[seq[:1]]) + torch.log(trans[seq[:-1], seq[1:]]).sum()


@markov_log_prob.mistake("S44", hint="A sequence of one state stops your code.", where="Without transitions only the beginning counts.")
def asks_for_a_transition(seq, init, trans):
    total = torch.log(init[seq[0]]) + torch.log(trans[seq[0], seq[1]])
    for a, b in pairwise(seq[1:]):
        total = total + torch.log(trans[a, b])
    return total


@markov_log_prob.mistake(
    "S45", hint="A beginning that cannot happen gets a finite value.", where="The first state can be impossible too. Where do you treat zeros in a special way?"
)
def skips_an_impossible_beginning(seq, init, trans):
    total = torch.log(trans[seq[:-1], seq[1:]]).sum()
    return total + torch.log(init[seq[0]]) if init[seq[0]] > 0 else total


@markov_log_prob.mistake("S46", hint="Every step starts from the first state.", where="Which two states does the transition of step t join?")
def starts_every_transition_from_the_first(seq, init, trans):
    return torch.log(init[seq[0]]) + torch.log(trans[seq[0], seq[1:]]).sum()
