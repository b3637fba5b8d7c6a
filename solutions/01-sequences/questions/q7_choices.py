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


@assignment.question("choices_01", entry="answers", points=1, driver=chosen)
def choices_01(draw):
    """Questions to think about."""
    yield Case("the form of the answers", public=True, teaching=True, driver=answered)
    yield Case("layer and state", points=0.25, item="C1")
    yield Case("an exact summary of the past", points=0.25, item="C2")
    yield Case("weights of an ordinary network", points=0.25, item="C4")
    yield Case("filling up short texts", points=0.25, item="C5")


@choices_01.mistake(
    "C1a", hint="C1: a hidden layer and a hidden state are two different things.", where="Read again what a step takes in and what it gives on."
)
def confuses_layer_and_state():
    return {"C1": "a", "C2": "c", "C4": "d", "C5": "a"}


@choices_01.mistake(
    "C1c", hint="C1: how many layers there are is a number that you choose; the state is data.", where="What changes from step to step while the network reads?"
)
def takes_the_state_for_the_depth():
    return {"C1": "c", "C2": "c", "C4": "d", "C5": "a"}


@choices_01.mistake("C1d", hint="C1: the output of a step and its hidden state differ.", where="Which of the two does the next step read?")
def takes_the_state_for_the_output():
    return {"C1": "d", "C2": "c", "C4": "d", "C5": "a"}


@choices_01.mistake("C2a", hint="C2: think of the rollout with a state that stores everything.", where="Was anything lost in it?")
def thinks_a_state_always_loses_something():
    return {"C1": "b", "C2": "a", "C4": "d", "C5": "a"}


@choices_01.mistake(
    "C2b", hint="C2: nothing comes for free.", where="In the rollout with a state that stores everything: how large is the state after a thousand steps?"
)
def thinks_it_costs_nothing():
    return {"C1": "b", "C2": "b", "C4": "d", "C5": "a"}


@choices_01.mistake(
    "C2d", hint="C2: if nothing depended on the past there would be nothing to sum up.", where="Think of the rollout with a state that stores everything."
)
def asks_for_independence():
    return {"C1": "b", "C2": "d", "C4": "d", "C5": "a"}


@choices_01.mistake("C4a", hint="C4: that is what one position needs.", where="Does an ordinary network share its weights between the positions of a text?")
def shares_weights_between_positions():
    return {"C1": "b", "C2": "c", "C4": "a", "C5": "a"}


@choices_01.mistake("C4b", hint="C4: a word is not one number here.", where="How many numbers does the vector of one word have?")
def feeds_one_number_a_word():
    return {"C1": "b", "C2": "c", "C4": "b", "C5": "a"}


@choices_01.mistake("C4c", hint="C4: you counted the inputs, not the weights.", where="From every input number there is a weight to every unit.")
def counts_inputs():
    return {"C1": "b", "C2": "c", "C4": "c", "C5": "a"}


@choices_01.mistake(
    "C5b", hint="C5: such a table is easily stored; that is why people do it.", where="What would the network have to learn, and for how many positions?"
)
def thinks_it_cannot_be_stored():
    return {"C1": "b", "C2": "c", "C4": "d", "C5": "b"}


@choices_01.mistake("C5c", hint="C5: nothing becomes infinite by that.", where="What would the network have to learn, and for how many positions?")
def fears_for_the_loss():
    return {"C1": "b", "C2": "c", "C4": "d", "C5": "c"}


@choices_01.mistake(
    "C5d", hint="C5: a blank can have an index of its own like any other token.", where="What would the network have to learn, and for how many positions?"
)
def thinks_blanks_have_no_vector():
    return {"C1": "b", "C2": "c", "C4": "d", "C5": "d"}
