"""2.1: the output layer."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import gradients, on_transposed_memory


def output_inputs(draw, n, h, q, dtype=torch.float64):
    """Return the arguments of an output layer; its bias is not zero."""
    return {"H": draw.normal(n, h, dtype=dtype), "W_hq": draw.normal(h, q, dtype=dtype), "b_q": draw.normal(q, dtype=dtype)}


@assignment.question("output_layer", points=1)
def output_layer(draw):
    """The output layer."""
    yield Case("three examples, four hidden units, six outputs", public=True, teaching=True, **output_inputs(draw, 3, 4, 6))
    yield Case("a single output", **output_inputs(draw, 3, 4, 1))
    yield Case("as many examples as hidden units as outputs", **output_inputs(draw, 4, 4, 4))
    yield Case("single precision stays single precision", **output_inputs(draw, 2, 5, 3, dtype=torch.float32))
    yield Case("every argument gets its gradient", driver=gradients, upstream=draw.normal(3, 6), **output_inputs(draw, 3, 4, 6))
    yield Case("a batch with a single example, the bias as a row", edge=True, **{**output_inputs(draw, 1, 4, 6), "b_q": draw.normal(1, 6)})
    yield Case("states that are transposed views", edge=True, driver=on_transposed_memory, **output_inputs(draw, 3, 4, 6))
    yield Case("no example in the batch", edge=True, teaching=True, **output_inputs(draw, 0, 4, 6))


@output_layer.mistake(
    "P03",
    hint="Your rows sum to 1.",
    where="The output layer should give scores, which may be any numbers. Where in the course are they made into probabilities?",
)
def returns_probabilities(H, W_hq, b_q):
    return torch.softmax(H @ W_hq + b_q, dim=-1)


@output_layer.mistake("P13", hint="One of the parameters has no influence on your result.", where="With H at zero, what should the scores be?")
def forgets_the_bias(H, W_hq, b_q):
    return H @ W_hq


@output_layer.mistake(
    "P14", hint="Your scores lie between -1 and 1.", where="Scores may be any numbers. To which of the two layers does the activation belong?"
)
def squashes_the_scores(H, W_hq, b_q):
    return torch.tanh(H @ W_hq + b_q)


@output_layer.mistake(
    "P15", hint="You return one index for each example.", where="The choice of the best class comes later. The output layer gives a score for every class."
)
def chooses_the_best_class(H, W_hq, b_q):
    return (H @ W_hq + b_q).argmax(dim=-1)


@output_layer.mistake(
    "P16", hint="Your values are never positive: they are logs of probabilities.", where="The output layer should give the scores as they are."
)
def returns_log_probabilities(H, W_hq, b_q):
    return torch.log_softmax(H @ W_hq + b_q, dim=-1)


@output_layer.mistake(
    "P19",
    hint="Right except where hidden units and outputs are equally many.",
    where="The orientation of the weights seems to depend on the shapes. Rows belong to hidden units, columns to outputs, always.",
)
def guesses_the_orientation(H, W_hq, b_q):
    if H.shape[1] == W_hq.shape[1]:
        W_hq = W_hq.T
    return H @ W_hq + b_q


@output_layer.mistake("P20", hint="With a single output an axis is lost.", where="One output is still a column. Does your code remove axes of length 1?")
def drops_a_single_output(H, W_hq, b_q):
    return (H @ W_hq + b_q).squeeze(-1)


@output_layer.mistake(
    "P21", hint="A batch with a single example loses its axis.", where="A batch of one is still a batch. Does your code remove axes of length 1?"
)
def drops_a_batch_of_one(H, W_hq, b_q):
    return (H @ W_hq + b_q).squeeze(0)


@output_layer.mistake(
    "P22",
    hint="The forward values are right, but no gradient reaches the weights.",
    where="What in your code cuts the result off from the graph of operations?",
)
def cuts_the_graph(H, W_hq, b_q):
    return (H @ W_hq + b_q).detach()


@output_layer.mistake(
    "P23", hint="Given single precision you return double precision.", where="Let the inputs decide the dtype: does your code convert anywhere?"
)
def forces_double_precision(H, W_hq, b_q):
    return H.double() @ W_hq.double() + b_q.double()


@output_layer.mistake(
    "P24",
    hint="States that are transposed views stop your code.",
    where="Re-reading memory in a new shape needs a contiguous tensor. Do you need a new shape here at all?",
)
def re_reads_memory(H, W_hq, b_q):
    n, h = H.shape
    return H.view(n * h).view(n, h) @ W_hq + b_q


@output_layer.mistake("P25", hint="Negative scores come out as 0.", where="Scores may be any numbers. To which of the two layers does an activation belong?")
def cuts_negative_scores(H, W_hq, b_q):
    return torch.relu(H @ W_hq + b_q)
