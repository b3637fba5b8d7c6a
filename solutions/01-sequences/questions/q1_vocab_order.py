"""1.1: vocabularies whose tokens stand in a wrong order, or are not those that were asked for."""

from collections import Counter

from .q1_vocab import vocab


@vocab.mistake("V01", hint="Your ids follow the alphabet alone.", where="The text asks for another rule first and for the alphabet only among equals.")
class OrdersByAlphabet:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = sorted(token for token in counts if counts[token] >= min_freq and token not in first)
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


@vocab.mistake(
    "V02",
    hint="Your ids depend on where a token first appears.",
    where="The text asks for an order that depends only on how often tokens occur, and on a fixed rule for ties.",
)
class OrdersByFirstAppearance:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
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


@vocab.mistake(
    "V03",
    hint="Tokens that occur equally often stand in the order in which they first appear.",
    where="What does the text say about ties? Two people with the same words in another order should get the same ids.",
)
class LeavesTiesToChance:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token, count in counts.most_common() if count >= min_freq and token not in first]
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


@vocab.mistake(
    "V05",
    hint="Tokens that occur exactly min_freq times are missing.",
    where="Check the boundary: what do the words at least mean for a token that occurs exactly so often?",
)
class AsksForMoreThanMinFreq:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] > min_freq and token not in first]
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


@vocab.mistake("V06", hint="The rarest tokens have the smallest ids.", where="The most frequent token should come first: in which direction do you sort?")
class PutsTheRarestFirst:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (counts[token], token))
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


@vocab.mistake("V07", hint="The unknown token has the last index, not 0.", where="Where in the list does the text put the unknown token?")
class PutsTheUnknownLast:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = list(reserved_tokens)
        rest = [token for token in counts if counts[token] >= min_freq and token not in [*first, "<unk>"]]
        rest.sort(key=lambda token: (-counts[token], token))
        rest.append("<unk>")
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, self.token_to_idx["<unk>"])

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake("V10", hint="Reserved tokens are missing, or stand among the others.", where="They have fixed places in the list. Which ones?")
class IgnoresReservedTokens:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>"]
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


@vocab.mistake(
    "V11",
    hint="The unknown token does not have the index 0 when tokens are reserved.",
    where="In which order do the unknown token and the reserved ones begin the list?",
)
class PutsReservedTokensBeforeTheUnknown:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = [*reserved_tokens, "<unk>"]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (-counts[token], token))
        self.idx_to_token = first + rest
        self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

    def __len__(self):
        return len(self.idx_to_token)

    def __getitem__(self, tokens):
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, self.token_to_idx["<unk>"])

    def to_tokens(self, indices):
        if isinstance(indices, (list, tuple)):
            return [self.idx_to_token[index] for index in indices]
        return self.idx_to_token[indices]


@vocab.mistake(
    "V12",
    hint="A reserved token that also occurs in the text is there twice.",
    where="Each token has one index. What if a token of the text already has its place?",
)
class ListsReservedTokensTwice:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first[:1]]
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


@vocab.mistake(
    "V13",
    hint="The unknown token is there twice when the text itself contains it.",
    where="Each token has one index. What if the text contains the very token that you put first?",
)
class ListsTheUnknownTwice:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in reserved_tokens]
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


@vocab.mistake(
    "V15",
    hint="Tokens that occur equally often stand in reverse order.",
    where="One part of your ordering falls, the other one rises. Does yours turn both round?",
)
class BreaksTiesFromTheEnd:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if counts[token] >= min_freq and token not in first]
        rest.sort(key=lambda token: (counts[token], token), reverse=True)
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


@vocab.mistake("V17", hint="Rare tokens stay in the vocabulary.", where="One of the arguments says how rare is too rare.")
class IgnoresMinFreq:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *reserved_tokens]
        rest = [token for token in counts if token not in first]
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


@vocab.mistake(
    "V23",
    hint="Words that begin a sentence are counted together with the same words inside one.",
    where="Two tokens are equal when they are the same string. Does your code change the tokens?",
)
class ReadsCapitalsAsSmallLetters:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(token.lower() for token in tokens)
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


@vocab.mistake(
    "V22", hint="A reserved token that is rare in the text is missing.", where="Reserved tokens have their places whether they occur in the text or not."
)
class AppliesMinFreqToReservedTokens:
    def __init__(self, tokens, min_freq=1, reserved_tokens=()):
        counts = Counter(tokens)
        first = ["<unk>", *(token for token in reserved_tokens if counts[token] >= min_freq)]
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
