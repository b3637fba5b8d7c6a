"""2.3: the same step with one matrix product."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import LIBRARY_LAYERS, gradients, on_transposed_memory, step_inputs


def with_one_product(entry, **inputs):
    """Return the new state, and whether it took at most one matrix product."""
    from torch.overrides import TorchFunctionMode  # noqa: PLC0415 - a driver is self-contained

    class Products(TorchFunctionMode):
        names = ("matmul", "__matmul__", "__rmatmul__", "mm", "addmm", "bmm", "baddbmm", "linear", "einsum", "tensordot", "inner", "mv", "dot")
        count = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):
            self.count += getattr(func, "__name__", "") in self.names
            return func(*args, **(kwargs or {}))

    with Products() as products:
        answer = entry(**inputs)
    return {"state": answer, "at most one matrix product": products.count <= 1}


@assignment.question("rnn_step_concat", points=2, forbids=LIBRARY_LAYERS)
def rnn_step_concat(draw):
    """The same step with a single matrix product."""
    yield Case("three examples, five inputs, four hidden units", public=True, driver=with_one_product, **step_inputs(draw, 3, 5, 4))
    yield Case("one number as input, as in a stock price", teaching=True, **step_inputs(draw, 3, 1, 4))
    yield Case("a batch with a single example", **step_inputs(draw, 1, 3, 4))
    yield Case("a layer with a single hidden unit", **step_inputs(draw, 4, 3, 1))
    yield Case("as many examples as inputs as hidden units", **step_inputs(draw, 4, 4, 4))
    yield Case("single precision stays single precision", **step_inputs(draw, 2, 5, 3, dtype=torch.float32))
    yield Case("inputs that are transposed views", driver=on_transposed_memory, **step_inputs(draw, 3, 5, 4))
    yield Case("every argument gets its gradient", driver=gradients, upstream=draw.normal(3, 4), **step_inputs(draw, 3, 5, 4))
    yield Case("inputs far larger than usual", edge=True, **step_inputs(draw, 3, 5, 4, scale=2000.0))
    yield Case("no example in the batch", edge=True, teaching=True, **step_inputs(draw, 0, 5, 4))


@rnn_step_concat.mistake(
    "C01",
    hint="Your joined rows and your joined weights are in different orders.",
    where="Row k of the joined weights must meet column k of the joined input: which part comes first in each?",
)
def joins_the_state_first(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((H, X), 1) @ torch.cat((W_xh, W_hh), 0) + b_h)


@rnn_step_concat.mistake(
    "C02",
    hint="The recurrent weights meet the inputs, and the input weights meet the state.",
    where="The two joins must have the same order. With d and h different the shapes fit all the same.",
)
def joins_the_recurrent_weights_first(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat((W_hh, W_xh), 0) + b_h)


@rnn_step_concat.mistake(
    "C03",
    hint="The shapes of the two joined matrices do not meet.",
    where="The joined input has d + h columns. How many rows must the joined weights have, so along which axis are they put together?",
)
def joins_the_weights_side_by_side(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh), 1) + b_h)


@rnn_step_concat.mistake(
    "C04",
    hint="The examples of X and H are put below each other.",
    where="Each example keeps its row: the join makes the rows longer, not more.",
    same_as="C03",
)
def joins_the_examples_below_each_other(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 0) @ torch.cat((W_xh, W_hh), 0) + b_h)


@rnn_step_concat.mistake(
    "C06",
    hint="The values are right, but they took more than one matrix product.",
    where="The question is about joining first and multiplying once.",
    credit=0.5,
)
def multiplies_twice(X, H, W_xh, W_hh, b_h):
    return torch.tanh(X @ W_xh + H @ W_hh + b_h)


@rnn_step_concat.mistake(
    "C07", hint="Your values leave the interval from -1 to 1.", where="Joining replaces the two products only. What else does the formula of the step do?"
)
def forgets_the_activation(X, H, W_xh, W_hh, b_h):
    return torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh), 0) + b_h


@rnn_step_concat.mistake(
    "C08", hint="One of the parameters has no influence on your result.", where="With X and H at zero, what should the new state depend on?"
)
def forgets_the_bias(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh), 0))


@rnn_step_concat.mistake(
    "C09", hint="The hidden-to-hidden weights are used in the other orientation.", where="Both weight matrices keep their orientation when they are joined."
)
def transposes_the_recurrent_weights(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh.T), 0) + b_h)


@rnn_step_concat.mistake(
    "C20",
    hint="The forward values are right, but no gradient reaches the weights.",
    where="What in your code cuts the result off from the graph of operations?",
)
def copies_into_new_tensors(X, H, W_xh, W_hh, b_h):
    joined = torch.cat((X, H), 1).detach()
    weights = torch.cat((W_xh, W_hh), 0).detach()
    return torch.tanh(joined @ weights + b_h)


@rnn_step_concat.mistake(
    "C21", hint="Given double precision you return single precision.", where="Do you make a tensor to copy the parts into? Which dtype does it have?"
)
def fills_a_single_precision_buffer(X, H, W_xh, W_hh, b_h):
    n, d = X.shape
    h = H.shape[1]
    joined = torch.zeros(n, d + h)
    joined[:, :d], joined[:, d:] = X, H
    weights = torch.zeros(d + h, h)
    weights[:d], weights[d:] = W_xh, W_hh
    return torch.tanh(joined @ weights + b_h.float())


@rnn_step_concat.mistake(
    "C22",
    hint="Right except where inputs and hidden units are equally many.",
    where="Does your code find out from the shapes which part comes first? The order of the join is yours to choose, once.",
)
def guesses_the_order_from_the_shapes(X, H, W_xh, W_hh, b_h):
    weights = (W_hh, W_xh) if W_xh.shape == W_hh.shape else (W_xh, W_hh)
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat(weights, 0) + b_h)


@rnn_step_concat.mistake(
    "C05", hint="Given single precision you return double precision.", where="Let the inputs decide the dtype: does your code convert anywhere?"
)
def forces_double_precision(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1).double() @ torch.cat((W_xh, W_hh), 0).double() + b_h.double())


@rnn_step_concat.mistake(
    "C23", hint="A batch with a single example loses its axis.", where="A batch of one is still a batch. Does your code remove axes of length 1?"
)
def drops_a_batch_of_one(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh), 0) + b_h).squeeze(0)


@rnn_step_concat.mistake(
    "C26", hint="A layer with a single hidden unit loses its axis.", where="One unit is still a column. Does your code remove axes of length 1?"
)
def drops_a_single_unit(X, H, W_xh, W_hh, b_h):
    return torch.tanh(torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh), 0) + b_h).squeeze(-1)


@rnn_step_concat.mistake(
    "C24",
    hint="Large inputs give NaN.",
    where="An exponential of a large number is infinite, and infinite by infinite is no number. Is there a function that has been written with care for this?",
)
def writes_the_activation_with_exponentials(X, H, W_xh, W_hh, b_h):
    Z = torch.cat((X, H), 1) @ torch.cat((W_xh, W_hh), 0) + b_h
    return (torch.exp(Z) - torch.exp(-Z)) / (torch.exp(Z) + torch.exp(-Z))


@rnn_step_concat.mistake(
    "C25",
    hint="Inputs that are transposed views stop your code.",
    where="Re-reading memory in a new shape needs a contiguous tensor. Joining needs no new reading.",
)
def joins_by_re_reading_memory(X, H, W_xh, W_hh, b_h):
    weights = torch.cat((W_xh.view(-1), W_hh.view(-1))).view(-1, W_hh.shape[1])
    return torch.tanh(torch.cat((X, H), 1) @ weights + b_h)
