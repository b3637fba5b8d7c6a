"""1.2: token ids as vectors."""

import torch
from torch.nn import functional as F

from grader.authoring import Case

from .plan import assignment


def from_transposed_memory(entry, X, vocab_size):
    """Call the entry with ids whose columns lie together in memory, not their rows."""
    return entry(X.T.contiguous().T, vocab_size)


def one_row_of_a_large_vocabulary(entry, X, vocab_size):
    """Return the shape, and where the ones are, instead of a tensor with many zeros."""
    vectors = entry(X, vocab_size)
    return {"shape": tuple(vectors.shape), "dtype": str(vectors.dtype), "ones": vectors.nonzero().tolist(), "sum": vectors.sum()}


def token_ids(draw, n, num_steps, vocab_size, dtype=torch.int64):
    """Return random ids, among them the largest."""
    X = draw.integers(n, num_steps, high=vocab_size, dtype=dtype)
    X[0, -1] = vocab_size - 1
    return {"X": X, "vocab_size": vocab_size}


@assignment.question("one_hot", points=3)
def one_hot(draw):
    """Token ids as one-hot vectors."""
    yield Case("two rows of three tokens, a vocabulary of four", public=True, teaching=True, X=torch.tensor([[0, 2, 1], [3, 0, 0]]), vocab_size=4)
    yield Case("random tokens", teaching=True, **token_ids(draw, 2, 5, 28))
    yield Case("as many rows as tokens in a row", **token_ids(draw, 4, 4, 6))
    yield Case("tokens that never use the end of the vocabulary", X=draw.integers(3, 5, high=4), vocab_size=9)
    yield Case("a row of one token", **token_ids(draw, 3, 1, 5))
    yield Case(
        "Harry in a list of ten thousand words",
        teaching=True,
        driver=one_row_of_a_large_vocabulary,
        X=torch.tensor([[4075, 6830, 367], [367, 0, 9999]]),
        vocab_size=10000,
    )
    yield Case("ids stored in 32 bits", edge=True, **token_ids(draw, 2, 3, 5, dtype=torch.int32))
    yield Case("the smallest vocabulary and a single row", edge=True, X=torch.zeros(1, 3, dtype=torch.int64), vocab_size=1)
    yield Case("ids that do not lie side by side in memory", edge=True, driver=from_transposed_memory, **token_ids(draw, 2, 5, 6))


@one_hot.mistake(
    "O01",
    hint="The first axis of your result is the batch, not time.",
    where="For a loop that takes one time step after the other: which axis should come first?",
)
def keeps_the_batch_first(X, vocab_size):
    return F.one_hot(X.long(), vocab_size).float()


@one_hot.mistake(
    "O02",
    hint="The shape is right, but tokens have moved to other rows.",
    where="Reading the same memory in another shape is not the same as exchanging two axes. Try it on a table of 2 x 3 numbers.",
)
def reshapes_instead_of_transposing(X, vocab_size):
    n, num_steps = X.shape
    return F.one_hot(X.long(), vocab_size).float().reshape(num_steps, n, vocab_size)


@one_hot.mistake("O03", hint="The values are right; the dtype is not.", where="These vectors will be multiplied with weights. Which dtype do weights have?")
def keeps_whole_numbers(X, vocab_size):
    return F.one_hot(X.T.long(), vocab_size)


@one_hot.mistake(
    "O04",
    hint="The length of the last axis changes with the data.",
    where="The largest id that happens to occur is not the size of the vocabulary. What fixes the length?",
)
def infers_the_vocabulary_from_the_data(X, vocab_size):
    return F.one_hot(X.T.long()).float()


@one_hot.mistake("O05", hint="A nice trick, but your result has the batch first.", where="Look at which axis of your result is time.", same_as="O01")
def looks_up_rows_of_the_identity(X, vocab_size):
    return torch.eye(vocab_size)[X.long()]


@one_hot.mistake("O06", hint="Each vector has exactly one 1, but one place off.", where="Which index has the first entry of the vocabulary: 0 or 1?")
def counts_from_one(X, vocab_size):
    return torch.roll(F.one_hot(X.T.long(), vocab_size).float(), -1, dims=-1)


@one_hot.mistake(
    "O07", hint="Ids that are stored in 32 bits stop your code.", where="The function that you call asks for one integer type. How can you serve the others?"
)
def takes_one_integer_type_only(X, vocab_size):
    return F.one_hot(X.T, vocab_size).float()


@one_hot.mistake("O08", hint="The vocabulary is on the first axis.", where="The vector of a token should lie along the last axis.")
def puts_the_vocabulary_first(X, vocab_size):
    return F.one_hot(X.T.long(), vocab_size).float().permute(2, 0, 1)


@one_hot.mistake(
    "O09", hint="The ids themselves are in your vectors.", where="A one-hot vector holds zeros and a single 1: the position says which token it is."
)
def writes_the_id_into_the_vector(X, vocab_size):
    return F.one_hot(X.T.long(), vocab_size).float() * X.T.unsqueeze(-1)


@one_hot.mistake("O10", hint="Zeros and ones have changed places.", where="How many entries of a one-hot vector are 1?")
def marks_all_but_the_token(X, vocab_size):
    return 1 - F.one_hot(X.T.long(), vocab_size).float()


@one_hot.mistake("O11", hint="The vectors have one entry too many.", where="With V tokens the ids run from 0 to V - 1. How long is a vector then?")
def adds_a_place(X, vocab_size):
    return F.one_hot(X.T.long(), vocab_size + 1).float()


@one_hot.mistake(
    "O12", hint="Where a row has one token only, an axis is lost.", where="A sequence of one token is still a sequence. Does your code remove axes of length 1?"
)
def drops_a_single_step(X, vocab_size):
    return F.one_hot(X.T.long(), vocab_size).float().squeeze(0)


@one_hot.mistake("O13", hint="With a single row an axis is lost.", where="A batch of one is still a batch. Does your code remove axes of length 1?")
def drops_a_batch_of_one(X, vocab_size):
    return F.one_hot(X.T.long(), vocab_size).float().squeeze(1)


@one_hot.mistake(
    "O14",
    hint="Right except where there are as many rows as tokens in a row.",
    where="Does your code find the time axis by comparing sizes? Say which axis it is.",
)
def exchanges_axes_only_when_they_differ(X, vocab_size):
    return F.one_hot((X if X.shape[0] == X.shape[1] else X.T).long(), vocab_size).float()


@one_hot.mistake("O15", hint="Ids that do not lie side by side in memory stop your code.", where="Re-reading memory in a new shape needs a contiguous tensor.")
def re_reads_memory(X, vocab_size):
    n, num_steps = X.shape
    return F.one_hot(X.view(-1).long(), vocab_size).float().reshape(n, num_steps, vocab_size).transpose(0, 1)


@one_hot.mistake(
    "O16",
    hint="All tokens of a row are marked in the same vector.",
    where="A row of T tokens gives T vectors, one for each time step, not one vector with T ones.",
)
def makes_a_bag_of_words(X, vocab_size):
    bag = F.one_hot(X.long(), vocab_size).float().amax(dim=1)
    return bag.expand(X.shape[1], *bag.shape)
