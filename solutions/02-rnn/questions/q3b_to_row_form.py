"""2.3: from the course that writes columns."""

import torch

from grader.authoring import Case

from .plan import assignment


def column_weights(draw, h, d, dtype=torch.float64):
    """Return weights in the column convention."""
    return {"Waa": draw.normal(h, h, dtype=dtype), "Wax": draw.normal(h, d, dtype=dtype)}


def steps_with_rows(entry, Waa, Wax, x, a, b):
    """Return one step in rows with the converted weights; it has to be the transpose of the step in columns."""
    W_xh, W_hh = entry(Waa, Wax)
    return torch.tanh(x.T @ W_xh + a.T @ W_hh + b.T)


def gradients_of_both(entry, upstream, Waa, Wax):
    """Return both results when both matrices are learned, and the gradient that reaches each (zeros where none does)."""
    leaves = [Waa.clone().requires_grad_(), Wax.clone().requires_grad_()]
    W_xh, W_hh = entry(*leaves)
    total = (W_xh * upstream[0]).sum() + (W_hh * upstream[1]).sum()
    gradients = torch.autograd.grad(total, leaves, allow_unused=True) if total.requires_grad else (None, None)
    return W_xh, W_hh, [torch.zeros_like(leaf) if gradient is None else gradient for leaf, gradient in zip(leaves, gradients, strict=True)]


@assignment.question("to_row_form", points=1, allow=["sequence"])
def to_row_form(draw):
    """From columns to rows: another course's weights."""
    yield Case(
        "two hidden units, three inputs",
        public=True,
        teaching=True,
        Waa=torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64),
        Wax=torch.tensor([[5.0, 6.0, 7.0], [8.0, 9.0, 10.0]], dtype=torch.float64),
    )
    yield Case("as many inputs as hidden units", **column_weights(draw, 4, 4))
    yield Case(
        "a step in rows gives the step in columns",
        teaching=True,
        driver=steps_with_rows,
        **column_weights(draw, 4, 5),
        x=draw.normal(5, 3),
        a=draw.normal(4, 3),
        b=draw.normal(4, 1),
    )
    yield Case("in single precision, one input", **column_weights(draw, 3, 1, dtype=torch.float32))
    yield Case(
        "both matrices get their gradient", edge=True, driver=gradients_of_both, **column_weights(draw, 4, 5), upstream=(draw.normal(5, 4), draw.normal(4, 4))
    )


@to_row_form.mistake(
    "M01",
    hint="The matrices come back as they were.",
    where="In columns a weight matrix stands on the left of its input, in rows on the right. What does that do to its axes?",
)
def leaves_the_orientation(Waa, Wax):
    return Wax, Waa


@to_row_form.mistake("M02", hint="The two matrices are right, but in the other order.", where="Which of the two does the text ask for first?")
def returns_the_recurrent_weights_first(Waa, Wax):
    return Waa.T, Wax.T


@to_row_form.mistake(
    "M03",
    hint="The input weights are right; the recurrent ones are in the wrong orientation.",
    where="A square matrix has to change its orientation too, although its shape stays the same.",
)
def forgets_the_square_one(Waa, Wax):
    return Wax.T, Waa


@to_row_form.mistake(
    "M04",
    hint="The recurrent weights are right; the input weights are in the wrong orientation.",
    where="How many rows must W_xh have: one for each input, or one for each hidden unit?",
)
def forgets_the_input_one(Waa, Wax):
    return Wax, Waa.T


@to_row_form.mistake(
    "M05",
    hint="The shapes are right, but the numbers are in wrong places.",
    where="Reading the same memory in another shape is not the same as exchanging rows and columns. Try it on a 2 x 3 matrix of 1 to 6.",
)
def reshapes_instead(Waa, Wax):
    return Wax.reshape(Wax.shape[1], Wax.shape[0]), Waa.reshape(Waa.shape[1], Waa.shape[0])


@to_row_form.mistake("M06", hint="You return one joined matrix.", where="The text asks for two separate matrices here.")
def joins_them(Waa, Wax):
    return torch.cat((Wax.T, Waa.T), 0)


@to_row_form.mistake(
    "M07",
    hint="Right except where inputs and hidden units are equally many.",
    where="Does your code look at the shapes to see whether something has to be done? The orientation changes always.",
)
def turns_only_what_is_not_square(Waa, Wax):
    return (Wax if Wax.shape[0] == Wax.shape[1] else Wax.T), Waa.T


@to_row_form.mistake(
    "M08",
    hint="The values are right, but no gradient reaches the matrices you were given.",
    where="Do you make new tensors out of the old numbers? A view keeps its history.",
)
def makes_new_tensors(Waa, Wax):
    return torch.tensor(Wax.T.tolist(), dtype=Wax.dtype), torch.tensor(Waa.T.tolist(), dtype=Waa.dtype)


@to_row_form.mistake("M09", hint="With a single input an axis is lost.", where="Does your code remove axes of length 1?")
def squeezes_axes_of_length_one(Waa, Wax):
    return Wax.T.squeeze(), Waa.T.squeeze()


@to_row_form.mistake("M10", hint="Both axes of your matrices run backwards.", where="Exchanging rows and columns is a reflection at the diagonal, not a turn.")
def turns_by_a_quarter(Waa, Wax):
    return torch.rot90(Wax), torch.rot90(Waa)
