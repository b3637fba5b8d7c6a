"""What a grader in another process does in the tests."""

from grader.gradebook.book import Gradebook
from tests.gradebook.results import result


def record_many(url: str, name: str, count: int) -> None:
    """Open a gradebook, and record results of students with a name and a number as one run."""
    with Gradebook(url) as gradebook:
        run = gradebook.begin_run()
        for number in range(count):
            gradebook.record(result(f"{name}{number:02}"), run=run)
