"""1.3: what comes next."""

import torch

from grader.authoring import Case

from .plan import assignment


@assignment.question("shift_labels", points=1, allow=["sequence"])
def shift_labels(draw):
    """What comes next: inputs and labels."""
    yield Case("the letters of a word", public=True, teaching=True, ids=list("machine"))
    yield Case("a tensor of ids", ids=torch.tensor([7, 2, 9, 4, 4, 1]))
    yield Case("a text as one string", ids="time")
    yield Case("Chinese characters", teaching=True, ids=list("循环神经网络"))
    yield Case("numbers in a list", teaching=True, ids=[5, 3, 8, 1])
    yield Case("two tokens, so one pair", edge=True, ids=[4, 9])
    yield Case("a single token, so nothing to predict", edge=True, ids=[3])


@shift_labels.mistake(
    "S01",
    hint="Every label is its own input.",
    where="At each position the network should say what it has not seen yet. Compare the first input with the first label.",
)
def predicts_what_it_reads(ids):
    return ids[:-1], ids[:-1]


@shift_labels.mistake(
    "S02", hint="You ask the network to predict the token that it saw one step before.", where="Check the direction of the shift on the word machine."
)
def shifts_in_the_wrong_direction(ids):
    return ids[1:], ids[:-1]


@shift_labels.mistake(
    "S03",
    hint="Your inputs are as long as the text, so the last label had to come from somewhere.",
    where="Where did it come from? What follows the last token of a text?",
)
def lets_the_last_label_wrap(ids):
    if isinstance(ids, torch.Tensor):
        return ids, torch.roll(ids, -1)
    return ids, ids[1:] + ids[:1]


@shift_labels.mistake("S11", hint="The label is two tokens ahead of its input.", where="How many tokens lie between an input and its label?")
def looks_two_tokens_ahead(ids):
    return ids[:-2], ids[2:]


@shift_labels.mistake(
    "S12", hint="There is one label only.", where="Each position of the text is a small task of its own. How many are there in a word of seven letters?"
)
def predicts_the_last_token_only(ids):
    return ids[:-1], ids[-1:]


@shift_labels.mistake("S13", hint="You return a list although you were given something else.", where="Slicing keeps the type of what it slices.")
def returns_lists(ids):
    return list(ids)[:-1], list(ids)[1:]


@shift_labels.mistake("S14", hint="The last input has no label.", where="Inputs and labels pair up one by one. Are they equally long?")
def keeps_the_last_input(ids):
    return ids, ids[1:]


@shift_labels.mistake("S15", hint="The list that you were given is shorter after the call.", where="Do you take tokens out of the caller's list?")
def takes_tokens_out(ids):
    if isinstance(ids, list):
        inputs = ids[:-1]
        ids.pop(0)
        return inputs, ids
    return ids[:-1], ids[1:]


@shift_labels.mistake("S16", hint="The last pair is missing.", where="A text of m tokens has m - 1 pairs. What does your code give for two tokens?")
def loses_the_last_pair(ids):
    return ids[:-2], ids[1:-1]


@shift_labels.mistake("S17", hint="A text of a single token stops your code.", where="There is nothing to predict then: both results are empty.")
def asks_for_two_tokens(ids):
    assert len(ids) > 1  # noqa: S101 - as a student would write it
    return ids[:-1], ids[1:]


@shift_labels.mistake(
    "S18",
    hint="With two tokens your results are no sequences any more.",
    where="One pair is still a sequence of pairs. Does your code treat short texts in a special way?",
)
def unpacks_a_single_pair(ids):
    return (ids[0], ids[1]) if len(ids) == 2 else (ids[:-1], ids[1:])


@shift_labels.mistake("S19", hint="Labels and inputs are right, but in the other order.", where="Which does the text ask for first?", same_as="S02")
def returns_the_labels_first(ids):
    inputs, labels = ids[:-1], ids[1:]
    return labels, inputs


@shift_labels.mistake("S20", hint="Given a tensor you return a list.", where="Slicing keeps the type of what it slices. Do you convert the ids?")
def turns_tensors_into_lists(ids):
    ids = ids.tolist() if isinstance(ids, torch.Tensor) else ids
    return ids[:-1], ids[1:]


@shift_labels.mistake("S21", hint="Given a text you return a list of letters.", where="Slicing keeps the type of what it slices. Do you convert the text?")
def splits_a_text_into_letters(ids):
    ids = list(ids) if isinstance(ids, str) else ids
    return ids[:-1], ids[1:]
