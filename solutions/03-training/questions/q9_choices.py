"""The multiple-choice items of 03-training."""

from grader.authoring import Case

from . import assignment


def answered(entry):
    """Return for each question whether it has an answer yet, a letter from a to d."""
    answers = entry() if callable(entry) else entry
    letters = {key: str(answers[key] or "").strip().lower() for key in sorted(answers)}
    return {key: "answered" if letter in ("a", "b", "c", "d") else "no letter from a to d" if letter else "not answered yet" for key, letter in letters.items()}


def picked(entry, item):
    answers = entry() if callable(entry) else entry
    answer = answers.get(item)
    return answer.strip().lower() if isinstance(answer, str) else answer


@assignment.question("choices_03", entry="answers", points=0.5, driver=picked)
def choices_03(_draw):
    """Five short questions"""
    yield Case("one answer for each item", public=True, teaching=True, driver=answered)
    for item in ("C11", "C11b", "C12", "C13", "C14"):
        yield Case(f"the letter chosen in {item}", points=0.1, item=item)


@choices_03.mistake(
    "C11c",
    hint="Clipping is no cure for gradients that shrink to nothing.",
    where="It only ever makes a gradient shorter. In notebook 3 look at the figure of the norms: which of the curves would it touch?",
)
def clipping_is_thought_to_cure_vanishing():
    return {"C11": "c", "C11b": "d", "C12": "a", "C13": "c", "C14": "b"}


@choices_03.mistake(
    "C11ba",
    hint="A language model needs no labels from people: the text labels itself.",
    where="Read again what keeps a plain recurrent network from using what stood far back.",
)
def labels_are_thought_to_be_missing():
    return {"C11": "b", "C11b": "a", "C12": "a", "C13": "c", "C14": "b"}


@choices_03.mistake(
    "C12b",
    hint="Rounding is not the point: sums of logarithms do not underflow.",
    where="Compare the total cost of a novel with that of a note.",
)
def the_average_is_thought_to_prevent_underflow():
    return {"C11": "b", "C11b": "d", "C12": "b", "C13": "c", "C14": "b"}


@choices_03.mistake(
    "C13a",
    hint="The harmonic mean of the numbers of choices would give 3.2 for a half and an eighth.",
    where="Exponentials of averaged logarithms: which mean is that?",
)
def perplexity_is_thought_to_be_a_harmonic_mean():
    return {"C11": "b", "C11b": "d", "C12": "a", "C13": "a", "C14": "b"}


@choices_03.mistake(
    "C14d",
    hint="A better model needs fewer bits, not more.",
    where="What does surprise cost, and which model is surprised less often?",
)
def a_better_model_is_thought_to_need_more_bits():
    return {"C11": "b", "C11b": "d", "C12": "a", "C13": "c", "C14": "d"}
