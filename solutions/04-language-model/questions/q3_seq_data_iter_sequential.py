"""Cases and known mistakes of seq_data_iter_sequential."""

import torch

from grader.authoring import Case

from . import assignment


def batches(entry, corpus, batch_size, num_steps, offset=0):
    iterator = entry(corpus, batch_size, num_steps, offset) if offset else entry(corpus, batch_size, num_steps)
    found = []
    for X, Y in iterator:
        found.append([X, Y])
        if len(found) > len(corpus):
            return "the iterator does not end"
    return found


@assignment.question("seq_data_iter_sequential", points=2, driver=batches)
def seq_data_iter_sequential(draw):
    """Batches in reading order"""
    yield Case("the numbers from 0 to 21", public=True, teaching=True, corpus=torch.arange(22), batch_size=2, num_steps=5)
    yield Case("a text that is no row of numbers", teaching=True, corpus=draw.integers(40, high=9), batch_size=3, num_steps=4)
    yield Case("reading begins later", corpus=draw.integers(31, high=20), batch_size=2, num_steps=3, offset=4)
    yield Case("nothing is left over", teaching=True, corpus=draw.integers(2 * 3 * 4 + 1, high=20), batch_size=2, num_steps=4)
    yield Case("a piece of each row is left over", teaching=True, corpus=draw.integers(36, high=20), batch_size=3, num_steps=4)
    yield Case("a batch of one", teaching=True, corpus=draw.integers(17, high=20), batch_size=1, num_steps=5)
    yield Case("rows shorter than the steps", edge=True, teaching=True, corpus=draw.integers(12, high=9), batch_size=3, num_steps=5)
    yield Case("fewer tokens than rows", edge=True, corpus=draw.integers(3, high=9), batch_size=4, num_steps=2)


@seq_data_iter_sequential.mistake(
    "I01",
    hint="A row of the next batch does not go on where this row ended.",
    where="The carried state belongs to one place of the text. Where does row 0 of the second batch begin, and where should it?",
)
def consecutive_pieces_in_consecutive_rows(corpus, batch_size, num_steps, offset=0):
    piece = batch_size * num_steps
    for start in range(offset, len(corpus) - piece, piece):
        yield corpus[start : start + piece].reshape(batch_size, num_steps), corpus[start + 1 : start + 1 + piece].reshape(batch_size, num_steps)


@seq_data_iter_sequential.mistake(
    "I02",
    hint="The labels wrap around: some of them come from the other end of the text.",
    where="Every label is the token that follows in the text. What follows the last token?",
)
def labels_wrap_around(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset) // batch_size
    Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    Ys = torch.roll(Xs, -1, dims=1)
    for i in range(0, length // num_steps * num_steps, num_steps):
        yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I03", hint="Where reading begins has no effect.", where="Which argument of the function do you not use?")
def offset_ignored(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - 1) // batch_size
    if length:
        Xs = corpus[: batch_size * length].reshape(batch_size, length)
        Ys = corpus[1 : 1 + batch_size * length].reshape(batch_size, length)
        for i in range(0, length // num_steps * num_steps, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake(
    "I04",
    hint="Your rows are cut as if every token had a next one.",
    where="How many positions of the text still have a next token?",
)
def one_place_too_many(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset) // batch_size
    if length:
        padded = torch.cat((corpus, corpus[-1:]))
        Xs = padded[offset : offset + batch_size * length].reshape(batch_size, length)
        Ys = padded[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
        for i in range(0, length // num_steps * num_steps, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I05", hint="Your last batch has fewer steps than the others.", where="What should happen to the rest of the rows?")
def short_last_batch_kept(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
        Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
        for i in range(0, length, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I06", hint="Your labels are the inputs themselves.", where="What should the network predict at each step?")
def labels_not_shifted(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
        for i in range(0, length // num_steps * num_steps, num_steps):
            yield Xs[:, i : i + num_steps], Xs[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I07", hint="Time is the first axis of your batches.", where="Which axis comes first in a batch of ids?")
def time_first(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length).T
        Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length).T
        for i in range(0, length // num_steps * num_steps, num_steps):
            yield Xs[i : i + num_steps], Ys[i : i + num_steps]


@seq_data_iter_sequential.mistake("I08", hint="The last batch is missing.", where="Count the full batches by hand, then those of your loop.")
def last_batch_missing(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
        Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
        for i in range(0, length - num_steps, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake(
    "I09", hint="A text that is too short stops your function.", where="What does the text say about a text without a full batch?"
)
def too_short_raises(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length < 1:
        raise ValueError("the text is too short")
    Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
    Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
    for i in range(0, length // num_steps * num_steps, num_steps):
        yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I10", hint="Neighbouring batches share tokens.", where="By how many steps do you move on from batch to batch?")
def overlapping_batches(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
        Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
        for i in range(length - num_steps + 1):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I11", hint="The first token of the text never appears.", where="At which index does reading begin?")
def first_token_skipped(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 2) // batch_size
    if length > 0:
        Xs = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
        Ys = corpus[offset + 2 : offset + 2 + batch_size * length].reshape(batch_size, length)
        for i in range(0, length // num_steps * num_steps, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake("I12", hint="Neighbouring tokens of the text stand below each other.", where="Along which axis does the text run in a batch?")
def text_runs_down_the_columns(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(length, batch_size).T
        Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(length, batch_size).T
        for i in range(0, length // num_steps * num_steps, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]


@seq_data_iter_sequential.mistake(
    "I13",
    hint="Each row is cut to full batches first, so all rows but the first begin too early.",
    where="Where does row 1 begin? Compare with the formula of the text.",
)
def rows_cut_to_full_batches(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // (batch_size * num_steps) * num_steps
    if length > 0:
        Xs = corpus[offset : offset + batch_size * length].reshape(batch_size, length)
        Ys = corpus[offset + 1 : offset + 1 + batch_size * length].reshape(batch_size, length)
        for i in range(0, length, num_steps):
            yield Xs[:, i : i + num_steps], Ys[:, i : i + num_steps]
