"""6.3: one input, many answers."""

import torch
from torch.nn import functional as F

from grader.authoring import Case

from .plan import assignment
from .shared import LIBRARY_LAYERS, network


@assignment.question("one_to_many", points=2, forbids=LIBRARY_LAYERS)
def one_to_many(draw):
    """One input, many answers."""

    def inputs(n, num_steps, vocab=6, h=8, dtype=torch.float64):
        return {
            "x0": draw.normal(n, vocab, dtype=dtype),
            "H0": draw.normal(n, h, dtype=dtype),
            **network(draw, vocab, h, vocab, dtype, scale=1.2),
            "num_steps": num_steps,
        }

    yield Case("three melodies of six notes", teaching=True, public=True, **inputs(3, 6))
    yield Case("two melodies of twelve notes", teaching=True, **inputs(2, 12, vocab=7))
    yield Case("four melodies of four notes out of four", teaching=True, **inputs(4, 4, vocab=4, h=4))
    yield Case(
        "a style number and a state at rest",
        teaching=True,
        **{**inputs(3, 8), "x0": torch.eye(6, dtype=torch.float64)[[4, 0, 2]], "H0": torch.zeros(3, 8, dtype=torch.float64)},
    )
    yield Case("single precision, a single melody", teaching=True, **inputs(1, 6, dtype=torch.float32))
    yield Case("a single note", teaching=True, **inputs(3, 1))
    yield Case("a melody without notes", edge=True, **inputs(3, 0))
    equal = inputs(2, 3, vocab=5)
    equal.update(W_hq=torch.zeros_like(equal["W_hq"]), b_q=torch.tensor([0.5, 2.0, 0.5, 2.0, 1.0], dtype=torch.float64))
    yield Case("two notes with equal scores", edge=True, **equal)
    yield Case("no melodies at all", teaching=True, edge=True, **inputs(0, 4))


@one_to_many.mistake(
    "A04", hint="The first input comes again at every step.", where="What does the network read at step 2: the start, or what it chose at step 1?"
)
def reads_the_start_at_every_step(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A05", hint="Your notes do not depend on the note before.", where="What does the network read from step 2 on: nothing, or what it chose?")
def reads_nothing_after_the_start(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = torch.zeros_like(x0)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A06", hint="Your network does not remember what it has played.", where="Which state does step t read? Follow one variable through two turns of your loop."
)
def starts_every_step_from_the_initial_state(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H0 @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A07", hint="You feed the scores back, not the choice.", where="What goes into the next step is one definite token. What form does it have?"
)
def feeds_the_scores_back(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = H @ W_hq + b_q
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A31", hint="You feed probabilities back, not the choice.", where="What goes into the next step is one definite token. What form does it have?"
)
def feeds_the_probabilities_back(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = torch.softmax(H @ W_hq + b_q, dim=-1)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A32", hint="You draw the tokens at random.", where="Greedy means: which of the scores decides?")
def draws_at_random(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = torch.multinomial(torch.softmax(H @ W_hq + b_q, dim=-1), 1).squeeze(1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A33", hint="Your result has time first.", where="Which axis of the result is the batch?")
def returns_time_first(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen) if chosen else torch.zeros(0, len(x0), dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A34", hint="Your result begins with the start.", where="Is the start a token that the network chose?")
def counts_the_start_as_a_choice(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, [x0.argmax(-1)]
    for _ in range(num_steps - 1):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A35", hint="You choose one token too many.", where="How many tokens are asked for?")
def takes_one_step_too_many(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps + 1):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A36", hint="You choose one token too few.", where="How many tokens are asked for?")
def takes_one_step_too_few(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps - 1):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A37", hint="You choose the least likely token.", where="Greedy means: which of the scores decides?")
def chooses_the_smallest_score(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmin(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A38", hint="Your tokens are no whole numbers.", where="A token is an index. Which type do indices have?")
def returns_floats(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1).to(x0.dtype) if chosen else torch.zeros(len(x0), 0, dtype=x0.dtype)


@one_to_many.mistake("A39", hint="You return vectors where indices are asked for.", where="How many numbers does one token take in the result?")
def returns_one_hot_vectors(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return F.one_hot(torch.stack(chosen, 1), x0.shape[1]) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64)


@one_to_many.mistake(
    "A40",
    hint="Asked for no tokens at all, your function stops with an error.",
    where="What can be stacked when your loop never ran? Which shape does the text ask for?",
)
def needs_at_least_one_step(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1)


@one_to_many.mistake(
    "A41",
    hint="Your tokens come one step late: each is chosen from the state before the update.",
    where="In which order do state and choice of one step come into being?",
)
def chooses_before_the_update(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A43", hint="You compare examples with each other, not the scores of one example.", where="Along which axis do the scores of one example lie?"
)
def compares_the_examples(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(0)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A44",
    hint="A product of whole numbers with weights stops with an error.",
    where="Vectors of zeros and ones have a type, too. Which one do the weights have?",
)
def feeds_whole_numbers_back(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1])
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A45", hint="Your function works for float32 weights only.", where="Which type should the vectors have that you feed back?")
def feeds_single_precision_back(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).float()
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A46", hint="Where two scores are equal you choose the later token.", where="The text says which token wins a tie.")
def lets_the_last_token_win_a_tie(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        scores = H @ W_hq + b_q
        token = scores.shape[1] - 1 - scores.flip(-1).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A47", hint="Your result does not depend on the initial state.", where="Where does your loop's first state come from?")
def starts_from_zeros(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, torch.zeros_like(H0), []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A48", hint="The choice of the first example is fed to all of them.", where="Every example goes its own way. What does the second one read at step 2?"
)
def feeds_one_choice_to_all(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token[:1], x0.shape[1]).to(x0.dtype).expand_as(x0)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake("A49", hint="Your scores lack the bias of the output layer.", where="Count the parameters of the output layer that you use.")
def forgets_the_bias_of_the_output_layer(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = x0, H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)


@one_to_many.mistake(
    "A50",
    hint="You start from the choice that the start looks like, not from the start itself.",
    where="The start is a vector like any other. Does anything have to be done to it?",
)
def rounds_the_start_to_a_token(x0, H0, params, W_hq, b_q, num_steps):
    W_xh, W_hh, b_h = params
    X, H, chosen = F.one_hot(x0.argmax(-1), x0.shape[1]).to(x0.dtype), H0, []
    for _ in range(num_steps):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        token = (H @ W_hq + b_q).argmax(-1)
        chosen.append(token)
        X = F.one_hot(token, x0.shape[1]).to(x0.dtype)
    return torch.stack(chosen, 1) if chosen else torch.zeros(len(x0), 0, dtype=torch.int64, device=x0.device)
