"""C6: the idea behind the five kinds."""

from grader.authoring import Case

from .plan import assignment


def answered(entry):
    """Return for each question whether it has an answer yet, a letter from a to d."""
    answers = entry() if callable(entry) else entry
    letters = {key: str(answers[key] or "").strip().lower() for key in sorted(answers)}
    return {key: "answered" if letter in ("a", "b", "c", "d") else "no letter from a to d" if letter else "not answered yet" for key, letter in letters.items()}


def chosen(entry, item):
    answers = entry() if callable(entry) else entry
    answer = answers.get(item)
    return answer.strip().lower() if isinstance(answer, str) else answer


@assignment.question("choices_06", entry="answers", points=0.2)
def choices_06(draw):
    """A question with one right answer."""
    yield Case("an answer to the question", public=True, teaching=True, driver=answered)
    yield Case("the answer to C6", driver=chosen, points=0.2, item="C6")


@choices_06.mistake(
    "M6a", hint="C6: a translation can have more or fewer words than its source.", where="Which of the two tasks gives every single input an answer of its own?"
)
def counts_translation_in():
    return {"C6": "a"}


@choices_06.mistake("M6c", hint="C6: a task with one answer for the whole text is not among them.", where="How many answers does a review of 200 words get?")
def counts_sentiment_in():
    return {"C6": "c"}


@choices_06.mistake(
    "M6d", hint="C6: there are tasks in which every input gets an answer.", where="Think of the words of a sentence and of the frames of a video."
)
def finds_none():
    return {"C6": "d"}
