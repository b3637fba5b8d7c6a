"""The multiple-choice questions."""

from grader.authoring import Case

from .plan import assignment


def answered(entry):
    """Return for each question whether it has an answer yet, a letter from a to d."""
    answers = entry() if callable(entry) else entry
    letters = {key: str(answers[key] or "").strip().lower() for key in sorted(answers)}
    return {key: "answered" if letter in ("a", "b", "c", "d") else "no letter from a to d" if letter else "not answered yet" for key, letter in letters.items()}


def chosen(entry, item):
    """Return the letter chosen for a question."""
    answers = entry() if callable(entry) else entry
    return str(answers[item]).strip().lower()


@assignment.question("choices_02", entry="answers", points=1, driver=chosen)
def choices_02(draw):
    """Questions to think about."""
    yield Case("the form of the answers", public=True, teaching=True, driver=answered)
    yield Case("the president and the bears", points=0.25, item="C7")
    yield Case("longer texts and parameters", points=0.25, item="C8")
    yield Case("the length of an output", points=0.25, item="C9")
    yield Case("what carries the past", points=0.25, item="C10")


@choices_02.mistake(
    "C7b", hint="C7: the two sentences begin with the same three words.", where="What has a network that reads from left to right seen when it meets the name?"
)
def asks_for_more_units():
    return {"C7": "b", "C8": "a", "C9": "d", "C10": "b"}


@choices_02.mistake(
    "C7c", hint="C7: a longer memory of the past does not help when the past is the same.", where="Where in the sentence stands the word that decides?"
)
def asks_for_a_longer_memory():
    return {"C7": "c", "C8": "a", "C9": "d", "C10": "b"}


@choices_02.mistake("C7a", hint="C7: a larger vocabulary does not change the order of reading.", where="Where in the sentence stands the word that decides?")
def asks_for_a_larger_vocabulary():
    return {"C7": "a", "C8": "a", "C9": "d", "C10": "b"}


@choices_02.mistake(
    "C8b", hint="C8: that would be so if each step had weights of its own.", where="Count the parameters for two lengths with the function you wrote."
)
def doubles_the_parameters():
    return {"C7": "d", "C8": "b", "C9": "d", "C10": "b"}


@choices_02.mistake(
    "C8c",
    hint="C8: the state keeps its size, and so do the weights from state to state.",
    where="Count the parameters for two lengths with the function you wrote.",
)
def lets_the_recurrent_weights_grow():
    return {"C7": "d", "C8": "c", "C9": "d", "C10": "b"}


@choices_02.mistake("C8d", hint="C8: nothing is shared out among the steps.", where="Count the parameters for two lengths with the function you wrote.")
def halves_the_parameters():
    return {"C7": "d", "C8": "d", "C9": "d", "C10": "b"}


@choices_02.mistake(
    "C9a",
    hint="C9: input and output of a step may have different lengths.",
    where="The output layer gives a score to everything that could come next. How many things are that?",
)
def gives_the_output_the_length_of_the_input():
    return {"C7": "d", "C8": "a", "C9": "a", "C10": "b"}


@choices_02.mistake("C9b", hint="C9: that is the length of the state.", where="Which layer lies between state and output, and what is it for?")
def gives_the_output_the_length_of_the_state():
    return {"C7": "d", "C8": "a", "C9": "b", "C10": "b"}


@choices_02.mistake("C9c", hint="C9: the answer is one token, but before the choice every token gets a score.", where="What does the softmax need to work on?")
def gives_the_output_length_one():
    return {"C7": "d", "C8": "a", "C9": "c", "C10": "b"}


@choices_02.mistake(
    "C10a", hint="C10: the output of a step goes to the outside.", where="Follow the arrows of the picture: which of them reaches the next step?"
)
def lets_the_output_carry_the_past():
    return {"C7": "d", "C8": "a", "C9": "d", "C10": "a"}


@choices_02.mistake("C10c", hint="C10: each step reads one input only.", where="Follow the arrows of the picture: which of them reaches the next step?")
def reads_all_inputs_at_every_step():
    return {"C7": "d", "C8": "a", "C9": "d", "C10": "c"}


@choices_02.mistake(
    "C10d",
    hint="C10: the weights do not change while a text is read.",
    where="What is different after each step: the parameters, or the data that flows through them?",
)
def lets_the_weights_carry_the_past():
    return {"C7": "d", "C8": "a", "C9": "d", "C10": "d"}
