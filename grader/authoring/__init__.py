"""How an instructor says what is asked, on which inputs, and how it goes wrong.

A complete `questions.py`:

    import torch

    from grader.authoring import Assignment, Case

    assignment = Assignment(title="Recurrent networks from scratch")


    @assignment.question("rnn_step", points=4, forbids=["torch.nn.RNN", "torch.nn.RNNCell"])
    def rnn_step(draw):
        \"\"\"One step of a recurrent layer with a hidden state.\"\"\"
        yield Case("a batch of three", public=True, X=draw.normal(3, 5), H=draw.normal(3, 4), ...)
        yield Case("one row", X=draw.normal(1, 5), H=draw.normal(1, 4), ...)
        yield Case("large inputs", edge=True, X=draw.normal(3, 5, scale=100), ...)


    @rnn_step.mistake("R01", hint="Your result is the same whatever H is.", where="Which term carries the past into this step?")
    def forgets_the_state(X, H, W_xh, W_hh, b_h):
        return torch.tanh(X @ W_xh + b_h)

The question's name is the name of the function, class or variable that the student writes (its *entry*) unless `entry=` says
otherwise; its docstring is the title that students read. The reference is the solution notebook's own cell.

**Marks.** A case with `points=` is marked by itself. The rest of the question's points go to its groups of cases: 40 % to the
public ones, 40 % to the hidden ones, 20 % to the hidden ones marked `edge=True` (shared out among the groups that exist);
a group counts when all of its cases pass.

**Drivers and checks.** A `driver(entry, **inputs)` exercises an entry when a plain call is not enough: build a model, load weights,
run backward, consume a generator, hand it a callable. It runs beside the student's code, so it must be self-contained: it may use
`torch`, `nn`, `F`, `np`, `math` and what it defines or imports inside itself, and it returns plain values. What it returns for
the reference is what is expected. A `check(got, **inputs)` runs on the grader's side instead of the comparison, where many answers are right:
it returns None, or a `Failure`, which may leave a share of the points. It looks at shapes itself: `torch.allclose` finds nothing wrong with an
empty tensor. What only the check may know, such as the labels of a text on
which a trained model is tried, is given to the case as `private={"labels": ...}`. Where an answer depends on luck, `retries=2` asks
twice more after a miss, with other seeds, and the median counts. Both are for hidden cases.

**Mistakes** are self-contained in the same way: written as a student would write the cell's function or class. They may also use what
the file imports at its top.

**Many questions** may be a package `questions/`: its `__init__.py` makes the assignment and then imports its other files in order
(`from . import rnn_step`), which begin with `from . import assignment`.
"""

from grader.authoring.assignment import Assignment
from grader.authoring.case import Case, Failure
from grader.authoring.draw import Draw
from grader.authoring.limits import Limits
from grader.authoring.load import load_assignment
from grader.authoring.question import Mistake, Question

__all__ = ["Assignment", "Case", "Draw", "Failure", "Limits", "Mistake", "Question", "load_assignment"]
