"""A case that an author's check judges."""

from grader.execution.answers import Returned
from grader.grading.bundle import BundledCase
from grader.values.tolerance import Tolerance


def checked(check: str) -> BundledCase:
    """Return a case with one number as its input and as its right answer, and a check in the place of the comparison."""
    return BundledCase(
        name="one",
        group="hidden",
        points=None,
        inputs={"X": 1},
        driver=None,
        check=check,
        tolerance=Tolerance(),
        allow=frozenset(),
        may_mutate=frozenset(),
        teaching=False,
        expected=Returned(value=1),
        mistakes={},
    )
