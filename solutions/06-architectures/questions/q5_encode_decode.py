"""6.5: read everything, then write."""

import torch
from torch.nn import functional as F

from grader.authoring import Case

from .plan import assignment
from .shared import LIBRARY_LAYERS, triple


def with_other_paddings(entry, src, lengths, paddings, **rest):
    """The translations when other things stand behind the ends of the sources."""
    steps = torch.arange(len(src), device=src.device)
    valid = (steps.unsqueeze(1) < lengths).unsqueeze(-1)
    return [entry(src=torch.where(valid, src, padding), lengths=lengths, **rest) for padding in paddings]


@assignment.question("encode_decode", points=2, forbids=LIBRARY_LAYERS)
def encode_decode(draw):
    """Read everything, then write."""

    def inputs(lengths, num_steps, longest=None, vocab=6, d=5, h=8, bos=1, dtype=torch.float64):
        return {
            "src": draw.normal(longest or max(lengths), len(lengths), d, dtype=dtype, scale=1.5),
            "lengths": torch.tensor(lengths, dtype=torch.int64),
            "enc": triple(draw, d, h, dtype),
            "dec": triple(draw, vocab, h, dtype, scale=1.2),
            "W_hq": draw.normal(h, vocab, dtype=dtype, scale=1.2),
            "b_q": draw.normal(vocab, dtype=dtype),
            "bos": bos,
            "num_steps": num_steps,
        }

    yield Case("five steps in, four out", teaching=True, public=True, **inputs([5, 3, 2], 4))
    yield Case("three steps in, seven out", teaching=True, **inputs([1, 3], 7))
    yield Case("as many in as out as sources", teaching=True, **inputs([4, 1, 3, 2], 4, vocab=4, d=4, h=4))
    yield Case("another begin token", teaching=True, **inputs([5, 2, 4], 6, bos=4))
    yield Case("every source ends early", teaching=True, **inputs([3, 2, 4, 1], 6, longest=6))
    yield Case("single precision, a single source", teaching=True, **inputs([4], 6, dtype=torch.float32))
    yield Case(
        "eight ways to fill what is behind the ends",
        teaching=True,
        driver=with_other_paddings,
        paddings=draw.normal(8, 5, 3, 5, scale=3.0),
        **inputs([5, 3, 2], 4),
    )
    nothing = torch.full((1, 5, 3, 5), torch.nan, dtype=torch.float64)
    yield Case("padding that is no number", edge=True, driver=with_other_paddings, paddings=nothing, **inputs([5, 3, 2], 4))
    yield Case("a target without tokens", edge=True, **inputs([2, 4, 3], 0))
    equal = inputs([3, 2], 3, vocab=5)
    equal.update(W_hq=torch.zeros_like(equal["W_hq"]), b_q=torch.tensor([0.5, 2.0, 0.5, 2.0, 1.0], dtype=torch.float64))
    yield Case("two tokens with equal scores", edge=True, **equal)
    yield Case("no sources at all", teaching=True, edge=True, **inputs([], 4, longest=3))


@encode_decode.mistake("A08", hint="Your decoder knows nothing of the source.", where="What should the decoder's first state be?")
def starts_the_decoder_from_zeros(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A09", hint="Change the padding of the source, and your translation changes.", where="Whose step is the last real one of a short source?"
)
def encodes_the_padding(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for X in src:
        H = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A10", hint="Your translation is as long as the source.", where="Source and target may have different lengths. Who says how long the target is?"
)
def writes_as_much_as_it_reads(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(len(src)):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A61", hint="Your decoder is told to begin at every step.", where="What does the decoder read at step 2: the begin token, or what it chose at step 1?"
)
def begins_at_every_step(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    begin = token
    for _ in range(num_steps):
        X = F.one_hot(begin, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A62", hint="Your translation begins with the begin token.", where="Is the begin token something that the network chose?")
def counts_the_begin_token(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    chosen.append(token)
    for _ in range(num_steps - 1):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A63", hint="The begin token has no effect.", where="What is the first thing that the decoder reads?")
def reads_nothing_first(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    X, chosen = torch.zeros(src.shape[1], len(b_q), dtype=src.dtype, device=src.device), []
    for _ in range(num_steps):
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, len(b_q)).to(src.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A64", hint="You take the begin token to be number 0.", where="The begin token comes as an argument. Is it in use?")
def takes_the_begin_token_for_zero(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.zeros(src.shape[1], dtype=torch.int64, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A65",
    hint="Your decoder does not remember what it has written.",
    where="Which state does step t of the decoder read? Follow one variable through two turns of your loop.",
)
def starts_every_step_from_the_source(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    context = H
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + context @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A66", hint="You feed the scores back, not the choice.", where="What goes into the next step is one definite token. What form does it have?"
)
def feeds_the_scores_back(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    X, chosen = F.one_hot(torch.full((src.shape[1],), bos, device=src.device), len(b_q)).to(src.dtype), []
    for _ in range(num_steps):
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        X = H @ W_hq + b_q
        chosen.append(X.argmax(-1))
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A67", hint="Your result has time first.", where="Which axis of the result is the batch?")
def returns_time_first(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen) if chosen else torch.zeros(0, src.shape[1], dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A68",
    hint="Asked for no tokens at all, your function stops with an error.",
    where="What can be stacked when your loop never ran? Which shape does the text ask for?",
)
def needs_at_least_one_step(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1)


@encode_decode.mistake(
    "A69",
    hint="Correct unless the padding holds something that is no number: then your translation is spoilt.",
    where="Zero times NaN is not zero. Choose between two values instead of multiplying.",
)
def multiplies_with_a_mask(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        kept = (t < lengths).unsqueeze(1).to(src.dtype)
        H = kept * torch.tanh(X @ enc[0] + H @ enc[1] + enc[2]) + (1 - kept) * H
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A70", hint="Your encoder stops one step too early.", where="A source of length 3 has the steps 0, 1 and 2. Which one is its last?")
def encodes_one_step_too_few(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths - 1).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A71", hint="Your encoder reads one step of padding.", where="A source of length 3 has the steps 0, 1 and 2. Is step 3 one of them?")
def encodes_one_step_too_many(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t <= lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A72", hint="Your decoder passes the source on to the output layer at every step.", where="Which state do the scores of a step come from?"
)
def answers_from_the_source_alone(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    context = H
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (context @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A73", hint="Your encoder reads the source from its end.", where="Which step of the source comes first?")
def encodes_backwards(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in reversed(list(enumerate(src))):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A74", hint="Encoder and decoder share the weights of the past.", where="Each of the two networks has its own triple. Are all six tensors in use?"
)
def shares_the_weights_of_the_past(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ enc[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A75", hint="You choose the least likely token.", where="Greedy means: which of the scores decides?")
def chooses_the_smallest_score(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmin(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A76", hint="Where two scores are equal you choose the later token.", where="The text says which token wins a tie.")
def lets_the_last_token_win_a_tie(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        scores = H @ W_hq + b_q
        token = scores.shape[1] - 1 - scores.flip(-1).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A77", hint="The state of a source that has ended is wiped out.", where="What should happen to a state after its source has ended?")
def wipes_finished_states_out(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, torch.zeros_like(H))
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A78", hint="Your scores lack the bias of the output layer.", where="Count the parameters of the output layer that you use.")
def forgets_the_bias_of_the_output_layer(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A79", hint="You stop when the begin token comes up again.", where="Who says how long the target is: the number of steps, or a token?")
def stops_at_the_begin_token(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        if (token == bos).any():
            break
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake(
    "A80",
    hint="Your function works for float32 weights only.",
    where="Which type should the vectors have that you feed back, and the state that you begin with?",
)
def works_in_single_precision_only(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).float()
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)


@encode_decode.mistake("A81", hint="Your tokens are no whole numbers.", where="A token is an index. Which type do indices have?")
def returns_floats(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for t, X in enumerate(src):
        new = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1).to(src.dtype) if chosen else torch.zeros(src.shape[1], 0, dtype=src.dtype)


@encode_decode.mistake("A82", hint="All sources are read as far as the shortest one.", where="Every source has a length of its own.")
def stops_with_the_shortest(src, lengths, enc, dec, W_hq, b_q, bos, num_steps):
    H = torch.zeros(src.shape[1], enc[1].shape[0], dtype=src.dtype, device=src.device)
    for X in src[: int(lengths.min()) if len(lengths) else 0]:
        H = torch.tanh(X @ enc[0] + H @ enc[1] + enc[2])
    token, chosen = torch.full((src.shape[1],), bos, device=src.device), []
    for _ in range(num_steps):
        X = F.one_hot(token, len(b_q)).to(src.dtype)
        H = torch.tanh(X @ dec[0] + H @ dec[1] + dec[2])
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(src.shape[1], 0, dtype=torch.int64, device=src.device)
