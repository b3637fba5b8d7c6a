"""6.4: an answer at every step."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import LIBRARY_LAYERS, network


def with_other_padding(entry, inputs, lengths, padding, **rest):
    """The tags when something else stands behind the ends of the sequences."""
    steps = torch.arange(len(inputs), device=inputs.device)
    valid = (steps.unsqueeze(1) < lengths).unsqueeze(-1)
    return entry(inputs=torch.where(valid, inputs, padding), lengths=lengths, **rest)


@assignment.question("tag", points=2, forbids=LIBRARY_LAYERS)
def tag(draw):
    """An answer at every step."""

    def inputs(num_steps, lengths, d=5, h=8, q=4, dtype=torch.float64):
        return {
            "inputs": draw.normal(num_steps, len(lengths), d, dtype=dtype),
            "H0": draw.normal(len(lengths), h, dtype=dtype),
            **network(draw, d, h, q, dtype, scale=1.2),
            "lengths": torch.tensor(lengths, dtype=torch.int64),
        }

    yield Case("six words, four sentences of different lengths", teaching=True, public=True, **inputs(6, [2, 6, 1, 4]))
    yield Case("eight words, three sentences", teaching=True, **inputs(8, [5, 3, 8]))
    yield Case("as many words as sentences as tags", teaching=True, **inputs(4, [1, 4, 2, 3]))
    yield Case("every sentence is full", teaching=True, **inputs(5, [5, 5, 5]))
    yield Case("every sentence ends early", teaching=True, **inputs(7, [3, 2, 5]))
    yield Case("single precision, a single sentence", **inputs(6, [4], dtype=torch.float32))
    yield Case("something else behind the ends", teaching=True, driver=with_other_padding, padding=draw.normal(6, 4, 5, scale=3.0), **inputs(6, [2, 6, 1, 4]))
    nothing = torch.full((6, 4, 5), torch.nan, dtype=torch.float64)
    yield Case("padding that is no number", teaching=True, edge=True, driver=with_other_padding, padding=nothing, **inputs(6, [2, 6, 1, 4]))
    equal = inputs(4, [4, 2])
    equal.update(W_hq=torch.zeros_like(equal["W_hq"]), b_q=torch.tensor([0.5, 2.0, 0.5, 2.0], dtype=torch.float64))
    yield Case("two tags with equal scores", edge=True, **equal)
    yield Case("no sentences at all", teaching=True, edge=True, **inputs(4, []))


@tag.mistake("TG01", hint="You tag the padding.", where="What does the text put behind the end of a sequence?")
def tags_the_padding(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(best)
    return torch.stack(tags, 1)


@tag.mistake("TG02", hint="You put tag 0 behind the ends, which is a tag like any other.", where="What does the text put behind the end of a sequence?")
def marks_the_padding_with_a_real_tag(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, 0))
    return torch.stack(tags, 1)


@tag.mistake("TG03", hint="The first step of padding gets a tag.", where="A sequence of length 3 has the steps 0, 1 and 2. Is step 3 one of them?")
def tags_one_step_too_many(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t <= lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG04", hint="Your result has time first.", where="Which axis of the result is the batch?")
def returns_time_first(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags)


@tag.mistake("TG05", hint="Your tags are no whole numbers.", where="A tag is an index. Which type do indices have?")
def returns_floats(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1).to(inputs.dtype)


@tag.mistake("TG06", hint="The last real step gets no tag.", where="A sequence of length 3 has the steps 0, 1 and 2. Which one is its last?")
def tags_one_step_too_few(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths - 1, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG07", hint="Your result does not depend on the initial state.", where="Where does your loop's first state come from?")
def starts_from_zeros(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = torch.zeros_like(H0), []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake(
    "TG08",
    hint="Your tags depend on the word alone, not on what came before it.",
    where="Which state does step t read? Follow one variable through two turns of your loop.",
)
def starts_every_step_from_the_initial_state(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H0 @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG09", hint="You return scores where tags are asked for.", where="Which of the scores of a step decides?")
def returns_the_scores(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        tags.append(H @ W_hq + b_q)
    return torch.stack(tags, 1)


@tag.mistake("TG10", hint="You compare examples with each other, not the scores of one example.", where="Along which axis do the scores of one example lie?")
def compares_the_examples(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        tags.append(H @ W_hq + b_q)
    best = torch.stack(tags).argmax(1)
    return best.T


@tag.mistake("TG11", hint="All examples are tagged as far as the longest one.", where="Every example has a length of its own.")
def cuts_at_the_longest(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(best if t < lengths.max() else torch.full_like(best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG12", hint="Your tags have 32 bits.", where="Which type do indices have in PyTorch?")
def returns_short_integers(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1).int()


@tag.mistake(
    "TG13",
    hint="The tags are right but stand at wrong places.",
    where="Changing the shape of a tensor does not exchange its axes. Follow one tag into the result.",
)
def reshapes_where_it_should_transpose(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags).reshape(len(lengths), len(inputs))


@tag.mistake("TG14", hint="You mark the padding with another number than the text.", where="Which number stands behind the end of a sequence?")
def marks_the_padding_as_loss_functions_do(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -100))
    return torch.stack(tags, 1)


@tag.mistake("TG15", hint="Your scores lack the bias of the output layer.", where="Count the parameters of the output layer that you use.")
def forgets_the_bias_of_the_output_layer(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG16", hint="Your tags count from 1.", where="Which index does the first tag have?")
def counts_tags_from_one(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best + 1, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG17", hint="Where two scores are equal you choose the later tag.", where="The text says which tag wins a tie.")
def lets_the_last_tag_win_a_tie(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        scores = H @ W_hq + b_q
        best = scores.shape[1] - 1 - scores.flip(-1).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake(
    "TG18",
    hint="Your tags come one step late: each is chosen from the state before the update.",
    where="In which order do state and tag of one step come into being?",
)
def tags_before_the_update(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return torch.stack(tags, 1)


@tag.mistake("TG19", hint="You choose the least likely tag.", where="Which of the scores of a step decides?")
def chooses_the_smallest_score(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmin(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake(
    "TG20", hint="You take the padding to stand at the front.", where="Where does a short sequence stand in the tensor: at its beginning or at its end?"
)
def expects_the_padding_at_the_front(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t >= len(inputs) - lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG21", hint="Your result is cut off after the longest sequence.", where="How many columns does the text ask for?")
def cuts_the_result_off(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    inputs = inputs[: int(lengths.max())] if len(lengths) else inputs
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG22", hint="With one example your result loses its first axis.", where="Something in your code removes axes of length one.")
def squeezes_the_result(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1).squeeze(0)


@tag.mistake("TG23", hint="Your lengths belong to the wrong examples.", where="Which example does the first number of the lengths describe?")
def sorts_the_lengths(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    lengths = lengths.sort(descending=True).values
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)


@tag.mistake("TG24", hint="Your network reads the sequence from its end.", where="Which step comes first?")
def reads_the_sequence_backwards(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, tags = H0, []
    for t, X in enumerate(inputs.flip(0)):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        best = (H @ W_hq + b_q).argmax(-1)
        tags.append(torch.where(t < lengths, best, -1))
    return torch.stack(tags, 1)
