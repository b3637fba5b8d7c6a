"""6.2: many inputs, one answer."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import LIBRARY_LAYERS, network


def with_other_padding(entry, inputs, lengths, padding, **rest):
    """The answer when something else stands behind the ends of the sequences."""
    steps = torch.arange(len(inputs), device=inputs.device)
    valid = (steps.unsqueeze(1) < lengths).unsqueeze(-1)
    return entry(inputs=torch.where(valid, inputs, padding), lengths=lengths, **rest)


def gradients(entry, inputs, H0, params, W_hq, b_q, lengths):
    leaves = [tensor.clone().requires_grad_() for tensor in (inputs, H0, W_hq, b_q, *params)]
    scores = entry(leaves[0], leaves[1], tuple(leaves[4:]), leaves[2], leaves[3], lengths)
    weights = torch.linspace(-1, 2, scores.numel(), dtype=scores.dtype, device=scores.device).reshape(scores.shape)
    nothing = 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad((scores * weights).sum() + nothing, leaves)


@assignment.question("many_to_one", points=2, forbids=LIBRARY_LAYERS)
def many_to_one(draw):
    """Many inputs, one answer."""

    def inputs(num_steps, lengths, d=5, h=4, q=3, dtype=torch.float64):
        return {
            "inputs": draw.normal(num_steps, len(lengths), d, dtype=dtype),
            "H0": draw.normal(len(lengths), h, dtype=dtype),
            **network(draw, d, h, q, dtype),
            "lengths": torch.tensor(lengths, dtype=torch.int64),
        }

    yield Case("five steps, four examples of different lengths", teaching=True, public=True, **inputs(5, [2, 5, 1, 3]))
    yield Case("six steps, three examples", teaching=True, **inputs(6, [4, 2, 6]))
    yield Case("as many steps as examples as units", teaching=True, **inputs(4, [1, 4, 2, 3]))
    yield Case("every sequence is full", teaching=True, **inputs(4, [4, 4, 4]))
    yield Case("every sequence ends early", teaching=True, **inputs(6, [3, 2, 4]))
    yield Case("single precision, batch of one", **inputs(5, [3], dtype=torch.float32))
    yield Case("something else behind the ends", teaching=True, driver=with_other_padding, padding=draw.normal(5, 4, 5, scale=3.0), **inputs(5, [2, 5, 1, 3]))
    yield Case("gradients reach the real steps and no others", driver=gradients, **inputs(5, [2, 5, 1, 3]))
    nothing = torch.full((5, 4, 5), torch.nan, dtype=torch.float64)
    yield Case("padding that is no number", edge=True, driver=with_other_padding, padding=nothing, **inputs(5, [2, 5, 1, 3]))
    yield Case("sequences of a single step", teaching=True, edge=True, **inputs(1, [1, 1, 1]))
    yield Case("no examples at all", teaching=True, edge=True, **inputs(4, []))


@many_to_one.mistake(
    "A01", hint="Short sequences go on reading padding.", where="Whose step is the last real one? Change the padding and see whether your answer moves."
)
def reads_the_padding(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return H @ W_hq + b_q


@many_to_one.mistake(
    "A02", hint="Your answer is made from an average over the steps.", where="The text asks for one state of each example: which step does it belong to?"
)
def averages_the_valid_states(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    states = []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        states.append(H)
    valid = (torch.arange(len(inputs), device=lengths.device).unsqueeze(1) < lengths).unsqueeze(-1)
    H = torch.where(valid, torch.stack(states), torch.zeros_like(H0)).sum(0) / lengths.unsqueeze(1)
    return H @ W_hq + b_q


@many_to_one.mistake("A03", hint="You stop one step too early.", where="A sequence of length 3 has the steps 0, 1 and 2. Which one is its last?")
def stops_one_step_early(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths - 1).unsqueeze(1), new, H)
    return H @ W_hq + b_q


@many_to_one.mistake("A11", hint="You read one step of padding.", where="A sequence of length 3 has the steps 0, 1 and 2. Is step 3 one of them?")
def stops_one_step_late(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t <= lengths).unsqueeze(1), new, H)
    return H @ W_hq + b_q


@many_to_one.mistake("A12", hint="You answer at every step where one answer for each example is asked for.", where="How many answers does one example get?")
def answers_at_every_step(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    states = []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        states.append(H)
    return torch.stack(states) @ W_hq + b_q


@many_to_one.mistake("A13", hint="All examples are read as far as the shortest one.", where="Every example has a length of its own.")
def stops_with_the_shortest(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for X in inputs[: int(lengths.min())]:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return H @ W_hq + b_q


@many_to_one.mistake("A14", hint="Your result does not depend on the initial state.", where="Where does your loop's first state come from?")
def starts_from_zeros(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = torch.zeros_like(H0)
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return H @ W_hq + b_q


@many_to_one.mistake(
    "A15", hint="The states of short sequences are wiped out by the padding.", where="What should happen to a state after its sequence has ended?"
)
def wipes_finished_states_out(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, torch.zeros_like(H))
    return H @ W_hq + b_q


@many_to_one.mistake("A16", hint="Your scores are added up over the steps.", where="The text asks for the scores of one state of each example.")
def adds_up_the_scores(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H, scores = H0, torch.zeros(())
    for t, X in enumerate(inputs):
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        scores = scores + torch.where((t < lengths).unsqueeze(1), H @ W_hq + b_q, torch.zeros_like(b_q))
    return scores


@many_to_one.mistake(
    "A17",
    hint="Correct unless the padding holds something that is no number: then your answer is none either.",
    where="Zero times NaN is not zero. Choose between two values instead of multiplying.",
)
def multiplies_with_a_mask(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        kept = (t < lengths).unsqueeze(1).to(H.dtype)
        H = kept * torch.tanh(X @ W_xh + H @ W_hh + b_h) + (1 - kept) * H
    return H @ W_hq + b_q


@many_to_one.mistake(
    "A18", hint="The values are right, but no gradient comes through.", where="What cuts the computation graph between the inputs and the answer?"
)
def detaches_the_state(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return H.detach() @ W_hq + b_q


@many_to_one.mistake("A19", hint="Given float64 you return float32.", where="Let the inputs decide about the type of the numbers.")
def forces_single_precision(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return (H @ W_hq + b_q).float()


@many_to_one.mistake("A20", hint="Given float32 you return float64.", where="Let the inputs decide about the type of the numbers.")
def forces_double_precision(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return (H @ W_hq + b_q).double()


@many_to_one.mistake("A21", hint="You loop over the examples, not over time.", where="Which axis of the inputs is time?")
def loops_over_the_examples(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs.transpose(0, 1)):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return H @ W_hq + b_q


@many_to_one.mistake("A22", hint="The bias of the output layer has no effect.", where="Count the parameters of the output layer that you use.")
def forgets_the_bias_of_the_output_layer(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return H @ W_hq


@many_to_one.mistake("A23", hint="Each of your rows sums to 1.", where="The output layer gives scores. Where in the course is the softmax applied?")
def turns_the_scores_into_probabilities(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return torch.softmax(H @ W_hq + b_q, dim=-1)


@many_to_one.mistake(
    "A24",
    hint="Your function writes zeros into the caller's inputs, and goes on reading them.",
    where="Which of your lines writes into a tensor that you were given? And is a zero nothing to a network with a bias?",
)
def blanks_the_padding_of_the_caller(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for i, length in enumerate(lengths):
        inputs[length:, i] = 0
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
    return H @ W_hq + b_q


@many_to_one.mistake(
    "A25",
    hint="You set the padding to zero and go on reading it.",
    where="A network changes its state even when the input is zero. What should happen to a finished state?",
)
def reads_zeros_instead_of_the_padding(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        real = torch.where((t < lengths).unsqueeze(1), X, torch.zeros_like(X))
        H = torch.tanh(real @ W_xh + H @ W_hh + b_h)
    return H @ W_hq + b_q


@many_to_one.mistake("A26", hint="With one example your answer loses its first axis.", where="Something in your code removes axes of length one.")
def squeezes_the_answer(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return (H @ W_hq + b_q).squeeze(0)


@many_to_one.mistake(
    "A27", hint="You take the padding to stand at the front.", where="Where does a short sequence stand in the tensor: at its beginning or at its end?"
)
def expects_the_padding_at_the_front(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t >= len(inputs) - lengths).unsqueeze(1), new, H)
    return H @ W_hq + b_q


@many_to_one.mistake(
    "A28", hint="You pick a whole batch of states for every example.", where="Two things choose a state: the step and the example. Did you name both?"
)
def picks_by_step_alone(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    states = []
    for X in inputs:
        H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        states.append(H)
    return torch.stack(states)[lengths - 1] @ W_hq + b_q


@many_to_one.mistake(
    "A29",
    hint="Your network forgets at every step what it has read.",
    where="Which state does step t read? Follow one variable through two turns of your loop.",
)
def starts_every_step_from_the_initial_state(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H0 @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return H @ W_hq + b_q


@many_to_one.mistake("A30", hint="Your lengths belong to the wrong examples.", where="Which example does the first number of the lengths describe?")
def sorts_the_lengths(inputs, H0, params, W_hq, b_q, lengths):
    W_xh, W_hh, b_h = params
    H = H0
    lengths = lengths.sort(descending=True).values
    for t, X in enumerate(inputs):
        new = torch.tanh(X @ W_xh + H @ W_hh + b_h)
        H = torch.where((t < lengths).unsqueeze(1), new, H)
    return H @ W_hq + b_q
