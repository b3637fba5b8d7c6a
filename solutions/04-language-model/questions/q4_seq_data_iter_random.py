"""Cases and known mistakes of seq_data_iter_random."""

import torch

from grader.authoring import Case, Failure

from . import assignment


def epochs(entry, corpus, batch_size, num_steps, seed, num_epochs):
    def one_epoch(generator):
        found = []
        for X, Y in entry(corpus, batch_size, num_steps, generator):
            found.append([X, Y])
            if len(found) > len(corpus):
                message = "the iterator does not end"
                raise RuntimeError(message)
        return found

    generator = torch.Generator().manual_seed(seed)
    different = [one_epoch(generator) for _ in range(num_epochs)]
    return {"epochs": different, "the first one again": one_epoch(torch.Generator().manual_seed(seed))}


def shapes_and_labels(got, corpus, batch_size, num_steps, seed, num_epochs):
    """Judge two epochs of a corpus in which no token occurs twice."""
    from itertools import pairwise  # noqa: PLC0415 - a check stands alone

    following = {int(token): int(after) for token, after in pairwise(corpus)}
    for batch in [batch for epoch in got["epochs"] for batch in epoch]:
        if not all(isinstance(part, torch.Tensor) and part.dtype == torch.int64 and part.shape == (batch_size, num_steps) for part in batch):
            return Failure(message=f"every X and every Y should be an int64 tensor of shape ({batch_size}, {num_steps})")
        X, Y = batch
        for row, labels in zip(X.tolist(), Y.tolist(), strict=True):
            tokens = [*row, labels[-1]]
            if any(following.get(token) != after for token, after in pairwise(tokens)):
                return Failure(message=f"the row {row} with its last label {labels[-1]} does not stand in the text")
            if labels != tokens[1:]:
                return Failure(message=f"the row {row} has the labels {labels}: a label is the token that follows")
    if not got["epochs"][0]:
        return Failure(message="no batch at all came back")
    return None


def positions_and_order(got, corpus, batch_size, num_steps, seed, num_epochs):
    """Judge several epochs of a corpus in which no token occurs twice: coverage, order, offsets, seeding."""
    place = {int(token): index for index, token in enumerate(corpus)}

    def starts(epoch):
        return [place.get(int(row[0]), -num_steps) for X, _ in epoch for row in X]

    def positions(begun):
        return [position for start in begun for position in range(start, start + num_steps)]

    def batches_of(begun):
        return [begun[i : i + batch_size] for i in range(0, len(begun), batch_size)]

    found = [starts(epoch) for epoch in got["epochs"]]
    fewest = min(len(positions(begun)) for begun in found)
    problems = (
        (any(len(positions(begun)) > len(set(positions(begun))) for begun in found), "in one pass a token of the text is used twice"),
        (fewest < len(corpus) - 1 - num_steps, f"one pass uses only {fewest} of {len(corpus)} tokens"),
        (
            any(all(rows == sorted(rows) for rows in batches_of(begun)) for begun in found),
            "the rows of a batch come in the order of the text: shuffle the pieces",
        ),
        (starts(got["the first one again"]) != found[0], "a generator with the same seed gives other batches the second time"),
        (len({tuple(begun) for begun in found}) < len(found), "two passes with the same generator give the same batches"),
        (len({start % num_steps for begun in found for start in begun}) == 1, "every pass cuts the text at the same places"),
    )
    return next((Failure(message=message) for is_so, message in problems if is_so), None)


@assignment.question("seq_data_iter_random", points=1, driver=epochs)
def seq_data_iter_random(draw):
    """Batches in random order"""
    mixed = list(range(100, 146))
    draw.random.shuffle(mixed)
    yield Case(
        "is every row a piece of the text",
        public=True,
        teaching=True,
        check=shapes_and_labels,
        corpus=torch.tensor(mixed),
        batch_size=3,
        num_steps=5,
        seed=1,
        num_epochs=2,
    )
    longer = list(range(300))
    draw.random.shuffle(longer)
    size = 1 + 6 * (4 * 7 + 1)
    yield Case(
        "cuts, order and seeds of several passes",
        check=positions_and_order,
        corpus=torch.tensor(longer[:size]),
        batch_size=4,
        num_steps=6,
        seed=5,
        num_epochs=9,
    )
    yield Case(
        "a last row that ends with the text",
        edge=True,
        check=shapes_and_labels,
        corpus=torch.tensor(longer[: 2 * 3 * 4 + 1]),
        batch_size=2,
        num_steps=4,
        seed=2,
        num_epochs=6,
    )


@seq_data_iter_random.mistake(
    "I21",
    hint="The text is always cut at the same places.",
    where="What should be drawn before the text is cut into pieces?",
)
def no_random_offset(corpus, batch_size, num_steps, generator):
    starts = torch.arange((len(corpus) - 1) // num_steps) * num_steps
    starts = starts[torch.randperm(len(starts), generator=generator)].tolist()
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        rows = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in rows])


@seq_data_iter_random.mistake("I22", hint="Your rows come in the order of the text.", where="Where do you shuffle?")
def not_shuffled(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,), generator=generator))
    starts = list(range(first, len(corpus) - num_steps, num_steps))
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        rows = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in rows])


@seq_data_iter_random.mistake(
    "I23",
    hint="Each row begins anywhere, so some tokens are used twice in one pass and others not at all.",
    where="Cut the text first, then shuffle the pieces.",
)
def starts_drawn_one_by_one(corpus, batch_size, num_steps, generator):
    for _ in range((len(corpus) - 1) // num_steps // batch_size):
        rows = torch.randint(len(corpus) - num_steps, (batch_size,), generator=generator).tolist()
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in rows])


@seq_data_iter_random.mistake(
    "I24",
    hint="The same seed does not give the same batches.",
    where="Which source of chance does the caller give you, and which do you use?",
)
def generator_ignored(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,)))
    starts = torch.arange(first, len(corpus) - num_steps, num_steps)
    starts = starts[torch.randperm(len(starts))].tolist()
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        rows = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in rows])


@seq_data_iter_random.mistake("I25", hint="Every pass gives the same batches.", where="Who sets the seed, and how often?")
def seeded_at_every_pass(corpus, batch_size, num_steps, generator):
    generator.manual_seed(0)
    first = int(torch.randint(num_steps, (1,), generator=generator))
    starts = torch.arange(first, len(corpus) - num_steps, num_steps)
    starts = starts[torch.randperm(len(starts), generator=generator)].tolist()
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        rows = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in rows])


@seq_data_iter_random.mistake("I26", hint="Your labels are the inputs themselves.", where="What should the network predict at each step?")
def labels_not_shifted(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,), generator=generator))
    starts = torch.arange(first, len(corpus) - num_steps, num_steps)
    starts = starts[torch.randperm(len(starts), generator=generator)].tolist()
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        X = torch.stack([corpus[s : s + num_steps] for s in starts[i : i + batch_size]])
        yield X, X


@seq_data_iter_random.mistake(
    "I27",
    hint="The last piece of the text has a label that is made up or missing.",
    where="How many positions of the text still have a next token?",
)
def last_label_made_up(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,), generator=generator))
    shifted = torch.roll(corpus, -1)
    starts = torch.arange(first, len(corpus) - num_steps + 1, num_steps)
    starts = starts[torch.randperm(len(starts), generator=generator)].tolist()
    for i in range(0, len(starts) // batch_size * batch_size, batch_size):
        rows = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([shifted[s : s + num_steps] for s in rows])


@seq_data_iter_random.mistake(
    "I28",
    hint="The tokens inside a row are shuffled.",
    where="What may be shuffled: tokens, or pieces of text?",
)
def tokens_shuffled(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,), generator=generator))
    mixed = corpus[first:][torch.randperm(len(corpus) - first, generator=generator)]
    length = (len(mixed) - 1) // (batch_size * num_steps) * num_steps
    X, Y = mixed[: batch_size * length].reshape(batch_size, length), mixed[1 : 1 + batch_size * length].reshape(batch_size, length)
    for i in range(0, length, num_steps):
        yield X[:, i : i + num_steps], Y[:, i : i + num_steps]


@seq_data_iter_random.mistake("I29", hint="Your last batch has fewer rows than the others.", where="What should happen to the pieces that fill no batch?")
def small_last_batch_kept(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,), generator=generator))
    starts = torch.arange(first, len(corpus) - num_steps, num_steps)
    starts = starts[torch.randperm(len(starts), generator=generator)].tolist()
    for i in range(0, len(starts), batch_size):
        rows = starts[i : i + batch_size]
        yield torch.stack([corpus[s : s + num_steps] for s in rows]), torch.stack([corpus[s + 1 : s + 1 + num_steps] for s in rows])


@seq_data_iter_random.mistake(
    "I30",
    hint="The same pieces of text always stand together in a batch.",
    where="What is shuffled in your function: pieces, or whole batches?",
)
def whole_batches_shuffled(corpus, batch_size, num_steps, generator):
    first = int(torch.randint(num_steps, (1,), generator=generator))
    length = (len(corpus) - first - 1) // batch_size
    Xs, Ys = (corpus[k : k + batch_size * length].reshape(batch_size, length) for k in (first, first + 1))
    for i in torch.randperm(length // num_steps, generator=generator).tolist():
        window = slice(i * num_steps, (i + 1) * num_steps)
        yield Xs[:, window], Ys[:, window]
