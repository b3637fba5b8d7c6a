"""2.1: a layer without a state."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import gradients, on_transposed_memory


def with_activation(entry, phi, **inputs):
    """Call the entry with an activation, chosen by its name."""
    activations = {"relu": torch.relu, "square": torch.square}
    return entry(phi=activations[phi], **inputs)


def dense_inputs(draw, n, d, h, dtype=torch.float64):
    """Return the arguments of a layer; its bias is not zero."""
    return {"X": draw.normal(n, d, dtype=dtype), "W_xh": draw.normal(d, h, dtype=dtype), "b_h": draw.normal(h, dtype=dtype)}


@assignment.question("mlp_hidden", points=1)
def mlp_hidden(draw):
    """A layer without a state."""
    yield Case("three examples, five inputs, four hidden units", public=True, teaching=True, **dense_inputs(draw, 3, 5, 4))
    yield Case("another activation", teaching=True, driver=with_activation, phi="relu", **dense_inputs(draw, 3, 5, 4))
    yield Case("an activation that hides the sign", driver=with_activation, phi="square", **dense_inputs(draw, 2, 3, 4))
    yield Case("a batch with a single example, the bias as a row", **{**dense_inputs(draw, 1, 5, 4), "b_h": draw.normal(1, 4)})
    yield Case("as many examples as inputs as hidden units", **dense_inputs(draw, 4, 4, 4))
    yield Case("single precision stays single precision", **dense_inputs(draw, 2, 5, 3, dtype=torch.float32))
    yield Case("every argument gets its gradient", driver=gradients, upstream=draw.normal(3, 4), **dense_inputs(draw, 3, 5, 4))
    yield Case("inputs that are transposed views", edge=True, driver=on_transposed_memory, **dense_inputs(draw, 3, 5, 4))
    yield Case("no example in the batch", edge=True, teaching=True, **dense_inputs(draw, 0, 5, 4))


@mlp_hidden.mistake("P01", hint="Your result does not depend on the activation that you are given.", where="The function has an argument for it. Is it used?")
def ignores_the_given_activation(X, W_xh, b_h, phi=torch.tanh):
    return torch.tanh(X @ W_xh + b_h)


@mlp_hidden.mistake("P02", hint="The bias shifts your result after the activation.", where="Is the bias inside or outside the activation in the formula?")
def adds_the_bias_outside(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ W_xh) + b_h


@mlp_hidden.mistake("P04", hint="One of the parameters has no influence on your result.", where="With X at zero, what should the result depend on?")
def forgets_the_bias(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ W_xh)


@mlp_hidden.mistake("P05", hint="Your result is a plain sum; no activation is left in it.", where="Something in the formula stands around the whole sum.")
def forgets_the_activation(X, W_xh, b_h, phi=torch.tanh):
    return X @ W_xh + b_h


@mlp_hidden.mistake(
    "P06",
    hint="Right except where inputs and hidden units are equally many.",
    where="The orientation of the weights seems to depend on the shapes. Rows belong to inputs, columns to hidden units, always.",
)
def guesses_the_orientation(X, W_xh, b_h, phi=torch.tanh):
    if X.shape[1] == W_xh.shape[1]:
        W_xh = W_xh.T
    return phi(X @ W_xh + b_h)


@mlp_hidden.mistake("P07", hint="The activation is applied twice.", where="How often does it stand in the formula?")
def applies_the_activation_twice(X, W_xh, b_h, phi=torch.tanh):
    return phi(phi(X @ W_xh + b_h))


@mlp_hidden.mistake(
    "P08", hint="Without an activation from the caller your result is another one.", where="Which activation does the signature name as the usual one?"
)
def has_another_usual_activation(X, W_xh, b_h, phi=torch.relu):
    return phi(X @ W_xh + b_h)


@mlp_hidden.mistake(
    "P09",
    hint="The forward values are right, but no gradient reaches the weights.",
    where="What in your code cuts the result off from the graph of operations?",
)
def cuts_the_graph(X, W_xh, b_h, phi=torch.tanh):
    with torch.no_grad():
        return phi(X @ W_xh + b_h)


@mlp_hidden.mistake(
    "P10", hint="Given double precision you return single precision.", where="Let the inputs decide the dtype: does your code convert anywhere?"
)
def forces_single_precision(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ W_xh + b_h).float()


@mlp_hidden.mistake(
    "P11", hint="Given single precision you return double precision.", where="Let the inputs decide the dtype: does your code convert anywhere?"
)
def forces_double_precision(X, W_xh, b_h, phi=torch.tanh):
    return phi(X.double() @ W_xh.double() + b_h.double())


@mlp_hidden.mistake(
    "P12", hint="A batch with a single example loses its axis.", where="A batch of one is still a batch. Does your code remove axes of length 1?"
)
def drops_a_batch_of_one(X, W_xh, b_h, phi=torch.tanh):
    return phi(X @ W_xh + b_h).squeeze(0)


@mlp_hidden.mistake(
    "P17",
    hint="Right for activations that keep the sign; wrong for others.",
    where="Is the activation applied to the sum itself, or to something that is put together again afterwards?",
)
def restores_the_sign(X, W_xh, b_h, phi=torch.tanh):
    Z = X @ W_xh + b_h
    return torch.where(Z < 0, phi(Z).clamp(max=0), phi(Z))


@mlp_hidden.mistake(
    "P18",
    hint="Inputs that are transposed views stop your code.",
    where="Re-reading memory in a new shape needs a contiguous tensor. Do you need a new shape here at all?",
)
def re_reads_memory(X, W_xh, b_h, phi=torch.tanh):
    n, d = X.shape
    return phi(X.view(n * d).view(n, d) @ W_xh + b_h)
