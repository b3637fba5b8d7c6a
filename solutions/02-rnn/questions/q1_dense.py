"""2.1: a layer without a state, and the output layer."""

from grader.authoring import Case

from .plan import assignment


@assignment.question("output_layer", points=1)
def output_layer(draw):
    """The output layer."""
    yield Case("three examples, four hidden units, six outputs", public=True, H=draw.normal(3, 4), W_hq=draw.normal(4, 6), b_q=draw.normal(6))
