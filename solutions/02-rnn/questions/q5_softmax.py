"""2.5: from scores to probabilities."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import on_transposed_memory

LIBRARY_SOFTMAX = (
    "torch.softmax",
    "torch.log_softmax",
    "torch.Tensor.softmax",
    "torch.Tensor.log_softmax",
    "torch.special.softmax",
    "torch.special.log_softmax",
    "torch.nn.functional.softmax",
    "torch.nn.functional.log_softmax",
    "torch.nn.functional.softmin",
    "torch.nn.functional.gumbel_softmax",
    "torch.nn.Softmax",
    "torch.nn.Softmax2d",
    "torch.nn.Softmin",
    "torch.nn.LogSoftmax",
)


def gradient_of_scores(entry, O, upstream):
    """Return the probabilities and the gradient that reaches the scores (zeros where none does)."""
    leaf = O.clone().requires_grad_()
    answer = entry(leaf)
    return answer, torch.autograd.grad(answer, leaf, upstream)[0] if answer.requires_grad else torch.zeros_like(O)


def shifted(entry, O, constants):
    """Return the probabilities of scores to which a constant was added in each row."""
    return entry(O + constants)


@assignment.question("softmax", points=1, forbids=LIBRARY_SOFTMAX)
def softmax(draw):
    """From scores to probabilities."""
    yield Case("two rows of four scores", public=True, teaching=True, O=torch.tensor([[1.0, 2.0, 0.5, -1.0], [0.0, 0.0, 3.0, 0.0]], dtype=torch.float64))
    yield Case("scores of a whole sequence", teaching=True, O=draw.normal(4, 3, 6))
    yield Case("as many rows as scores in a row", teaching=True, O=draw.normal(4, 4, scale=1.5))
    yield Case("a single row without an axis for the batch", O=draw.normal(5))
    yield Case("single precision stays single precision", O=draw.normal(3, 5, dtype=torch.float32))
    yield Case("the gradient of the scores", driver=gradient_of_scores, O=draw.normal(3, 5), upstream=draw.normal(3, 5))
    yield Case(
        "scores to which a large number was added",
        teaching=True,
        driver=shifted,
        O=draw.normal(3, 4),
        constants=torch.tensor([[0.0], [50.0], [-300.0]], dtype=torch.float64),
    )
    yield Case("scores in the ten thousands", edge=True, teaching=True, O=torch.tensor([[1e4, -1e4, 0.0], [9999.0, 1e4, 9998.0]], dtype=torch.float64))
    yield Case("rows of very different size", edge=True, O=torch.tensor([[2000.0, 2001.0], [-3000.0, -2999.0], [0.5, 0.2]], dtype=torch.float64))
    yield Case("a vocabulary of one token", edge=True, O=draw.normal(3, 1))
    yield Case("a token that is ruled out", edge=True, O=torch.tensor([[0.3, -torch.inf, 1.2], [-torch.inf, -torch.inf, -7.0]], dtype=torch.float64))
    yield Case("scores that are a transposed view", edge=True, driver=on_transposed_memory, O=draw.normal(2, 3, 5))


@softmax.mistake(
    "X01",
    hint="Large scores give NaN.",
    where="An exponential of a large number is infinite, and infinite by infinite is no number. Which shift leaves the result as it is?",
)
def exponentiates_as_it_stands(O):
    E = torch.exp(O)
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake("X02", hint="Your columns sum to 1 instead of your rows.", where="Which axis holds the vocabulary?")
def normalises_columns(O):
    E = torch.exp(O - O.amax(dim=0, keepdim=True))
    return E / E.sum(dim=0, keepdim=True)


@softmax.mistake("X03", hint="Everything together sums to 1.", where="It should hold for each row by itself: over which axis do you sum?")
def normalises_everything(O):
    E = torch.exp(O - O.max())
    return E / E.sum()


@softmax.mistake(
    "X04",
    hint="A row far below the largest one comes out as NaN.",
    where="Stable for one row, but not for a table of very different rows: from which set is the maximum taken?",
)
def subtracts_the_largest_of_all(O):
    E = torch.exp(O - O.max())
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake("X05", hint="Right for tables, wrong or impossible for other numbers of axes.", where="Which axis do you name: the second, or the last?")
def names_the_second_axis(O):
    E = torch.exp(O - O.amax(dim=1, keepdim=True))
    return E / E.sum(dim=1, keepdim=True)


@softmax.mistake("X06", hint="Your values are negative: they are logs of probabilities.", where="Which of the two does the text ask for?")
def returns_logs(O):
    return O - torch.logsumexp(O, dim=-1, keepdim=True)


@softmax.mistake(
    "X07",
    hint="Your rows sum to 1, but without the exponential: a negative score gives a negative probability.",
    where="What makes the numbers positive in the formula?",
)
def divides_the_scores(O):
    return O / O.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X08", hint="Right for usual scores, but large ones still give NaN.", where="The shift should leave no positive number in the exponent. Does yours?"
)
def subtracts_the_mean(O):
    E = torch.exp(O - O.mean(dim=-1, keepdim=True))
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X09", hint="The values are right, but the caller's scores are different after the call.", where="Do you write into the tensor that was given to you?"
)
def overwrites_the_scores(O):
    O -= O.amax(dim=-1, keepdim=True)
    E = torch.exp(O)
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X10", hint="Your rows sum to a little less than 1.", where="Something is added to the denominator. Once the largest score is taken out, can it ever be 0?"
)
def adds_a_little_below_the_line(O):
    E = torch.exp(O - O.amax(dim=-1, keepdim=True))
    return E / (E.sum(dim=-1, keepdim=True) + 1e-6)


@softmax.mistake("X11", hint="Given double precision you return single precision.", where="Let the inputs decide the dtype: does your code convert anywhere?")
def forces_single_precision(O):
    E = torch.exp(O.float() - O.float().amax(dim=-1, keepdim=True))
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X12", hint="Differences between scores count too little: your probabilities are too even.", where="Which number is raised to the power of the scores?"
)
def takes_powers_of_two(O):
    E = torch.exp2(O - O.amax(dim=-1, keepdim=True))
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X13", hint="The values are right, but no gradient reaches the scores.", where="What in your code cuts the result off from the graph of operations?"
)
def cuts_the_graph(O):
    E = torch.exp(O - O.amax(dim=-1, keepdim=True)).detach()
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake("X14", hint="Your probabilities are almost even: the softmax is applied twice.", where="How often does it stand in the formula?")
def applies_it_twice(O):
    E = torch.exp(O - O.amax(dim=-1, keepdim=True))
    P = torch.exp(E / E.sum(dim=-1, keepdim=True))
    return P / P.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X15",
    hint="Large scores give probabilities that are finite but wrong.",
    where="Cutting scores off changes their differences. Which shift leaves the result as it is?",
)
def cuts_large_scores_off(O):
    E = torch.exp(O.clamp(-50, 50))
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X16",
    hint="Where NaN would appear you put in another number.",
    where="The probabilities of large scores exist; they need another way of computing, not another value.",
)
def hides_nan(O):
    E = torch.exp(O)
    return torch.nan_to_num(E / E.sum(dim=-1, keepdim=True))


@softmax.mistake(
    "X17", hint="A single row without an axis for the batch stops your code.", where="Does your code name its axes from the front or from the back?"
)
def unpacks_rows_and_columns(O):
    rows, columns = O.shape[-2:]
    E = torch.exp(O - O.amax(dim=-1, keepdim=True)).reshape(*O.shape[:-2], rows, columns)
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake("X18", hint="Given single precision you return double precision.", where="Let the inputs decide the dtype: does your code convert anywhere?")
def forces_double_precision(O):
    E = torch.exp(O.double() - O.double().amax(dim=-1, keepdim=True))
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X19", hint="With a vocabulary of one token the result loses its axis.", where="One token is still a column. Does your code remove axes of length 1?"
)
def drops_a_vocabulary_of_one(O):
    E = torch.exp(O - O.amax(dim=-1, keepdim=True))
    return (E / E.sum(dim=-1, keepdim=True)).squeeze(-1)


@softmax.mistake(
    "X20",
    hint="A token that is ruled out makes the others NaN.",
    where="Minus infinity minus itself is no number. Which score of the row is safe to take away from all?",
)
def lifts_the_smallest_to_zero_first(O):
    lifted = O - O.amin(dim=-1, keepdim=True)
    E = torch.exp(lifted - lifted.amax(dim=-1, keepdim=True))
    return E / E.sum(dim=-1, keepdim=True)


@softmax.mistake(
    "X21",
    hint="The largest score gets everything.",
    where="A softmax leaves something to the others: how much more likely is a token whose score is larger by 1?",
)
def chooses_the_best(O):
    return (O.amax(dim=-1, keepdim=True) == O).to(O.dtype)


@softmax.mistake(
    "X22",
    hint="Scores that are a transposed view stop your code.",
    where="Re-reading memory in a new shape needs a contiguous tensor. An axis counted from the back needs no new shape.",
)
def flattens_by_re_reading(O):
    flat = O.view(-1, O.shape[-1])
    E = torch.exp(flat - flat.amax(dim=-1, keepdim=True))
    return (E / E.sum(dim=-1, keepdim=True)).view(O.shape)


@softmax.mistake(
    "X23",
    hint="Every probability depends on its own score only; the rows do not sum to 1.",
    where="If one score grows, the other probabilities of its row must shrink. What does the formula divide by?",
)
def squashes_each_score_by_itself(O):
    return torch.sigmoid(O)


@softmax.mistake("X24", hint="Your rows do not sum to 1.", where="The exponentials are there. What does the formula divide them by?")
def forgets_to_normalise(O):
    return torch.exp(O - O.amax(dim=-1, keepdim=True))
