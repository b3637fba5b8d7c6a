"""1.1: a vocabulary."""

from collections import Counter

from grader.authoring import Case

from .plan import assignment


def asked(entry, tokens, words=(), indices=(), unseen=(), **options):
    """Build a vocabulary and return what it says about itself, some words and some indices."""
    vocab = entry(tokens, **options)
    looked_up = {
        "words one by one": [vocab[word] for word in (*words, *unseen)],
        "words as a list": vocab[list(words)],
        "indices one by one": [vocab.to_tokens(index) for index in indices],
        "indices as a list": vocab.to_tokens(list(indices)),
    }
    # what it holds is read last: looking words up must not change it
    return {"idx_to_token": list(vocab.idx_to_token), "token_to_idx": dict(vocab.token_to_idx), "len": len(vocab), **looked_up}


def the_first_of_two(entry, tokens, others):
    """Build two vocabularies and return what the first one says afterwards."""
    vocab, other = entry(tokens), entry(others)
    return {"tokens": [list(vocab.idx_to_token), list(other.idx_to_token)], "len": len(vocab), "indices": vocab[list(tokens)]}


@assignment.question("Vocab", points=4, driver=asked)
def vocab(draw):
    """A vocabulary."""
    yield Case("the letters of a short text", public=True, teaching=True, tokens=list("banana band"), words=["a", "d", " "], indices=[0, 1, 2])
    yield Case("tokens it has never seen", teaching=True, tokens=list("hello world"), unseen=["q", "zz"], words=["l", "o"], indices=[1])
    yield Case("seen and unseen tokens in one list", tokens=list("hello world"), words=["q", "l", "zz", "o"])
    shuffled = list("qwertyuiopasdfghjklzxcvbnm" * 2)
    draw.random.shuffle(shuffled)
    yield Case("many tokens that occur equally often", teaching=True, tokens=shuffled)
    yield Case(
        "words as tokens",
        tokens=["The", "time", "traveller", "for", "so", "it", "will", "be", "the", "time"],
        words=["time", "be"],
        indices=[3, 1],
    )
    yield Case("tokens that are too rare", tokens=list("aaaabbbccd"), min_freq=2, unseen=["d"], words=["c"], indices=[2])
    yield Case(
        "places kept for special tokens",
        tokens=["<pad>", "x", "y", "<bos>", "y", "<pad>", "x", "y"],
        reserved_tokens=["<pad>", "<bos>"],
        words=["<bos>", "x"],
        indices=[1, 3],
    )
    yield Case("special tokens that are rare", tokens=list("xxyyyz"), reserved_tokens=["<bos>", "z"], min_freq=2, words=["z", "<bos>", "y"], indices=[2])
    yield Case("two vocabularies side by side", driver=the_first_of_two, tokens=list("abba"), others=list("cdddc"))
    yield Case("a text without any token", edge=True, tokens=[], unseen=["a"], indices=[0])
    yield Case(
        "a text with the mark for unknown words in it", edge=True, tokens=["<unk>", "in", "<unk>", "on", "<unk>", "in"], words=["in", "<unk>"], indices=[0, 2]
    )


@vocab.mistake(
    "V04", hint="Unseen tokens get an index, but not the one reserved for them.", where="Which position did the unknown token take in the list of tokens?"
)
class GivesUnseenTokensANewIndex:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, len(self.idx_to_token))

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake("V08", hint="A token that was never seen stops your code.", where="There is a place in the list for everything unknown. When is it used?")
class FailsOnUnseenTokens:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self.token_to_idx[token] for token in tokens]
        return self.token_to_idx[tokens]

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake(
    "V09",
    hint="A single unseen token is fine, but in a list it stops your code.",
    where="Looking up a list should be the same as looking up its tokens one after the other.",
)
class KnowsTheUnknownOnlyOneByOne:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self.token_to_idx[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake(
    "V14",
    hint="A second vocabulary changes the first one.",
    where="What belongs to one object must be made when that object is made. Where do your containers come from?",
)
class SharesItsListsAmongAllVocabularies:
    idx_to_token = []  # noqa: RUF012 - this is the mistake
    token_to_idx = {}  # noqa: RUF012 - this is the mistake

    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token[:] = first + rest
        self.token_to_idx.clear()
        self.token_to_idx.update({token: index for index, token in enumerate(self.idx_to_token)})

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake("V16", hint="Your vocabulary is made of letters, whatever the tokens are.", where="A token may be a whole word. What do you count?")
class CountsLetters:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter("".join(tokens))
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake("V18", hint="The length of the vocabulary does not count its first entry.", where="How many different indices are there?")
class CountsTokensOnly:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token) - 1

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake("V19", hint="For a single index you return a list.", where="One index gives one token, a list of indices gives a list.")
class ReturnsListsOnly:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        indices = indices if isinstance(indices, (list, tuple)) else [indices]
        return [self.idx_to_token[index] for index in indices]


@vocab.mistake("V20", hint="An empty text stops your code.", where="Even without any token there is something in the list.")
class FailsWithoutTokens:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        most = max(counts.values())
        rest = [token for token in counts if min_freq <= counts[token] <= most and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake("V21", hint="All indices of the look-up are one too high.", where="The token at position i of the list should have the index i.")
class NumbersTokensFromOne:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token, start=1)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, 0)

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]
