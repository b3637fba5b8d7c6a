"""C15 to C17, C19, C20, C22: the ideas behind the formulas."""

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


@assignment.question("choices_05", entry="answers", points=0.6)
def choices_05(draw):
    """Six questions with one right answer each."""
    yield Case("one answer for each question", teaching=True, public=True, driver=answered)
    for item in ("C15", "C16", "C17", "C19", "C20", "C22"):
        yield Case(f"the answer to {item}", driver=chosen, points=0.1, item=item)


@choices_05.mistake(
    "M15", hint="C15: you let an open update gate bring in the candidate.", where="Put Z = 1 into the last formula of the GRU: which of its two terms is left?"
)
def an_open_update_gate_replaces():
    return {"C15": "a", "C16": "b", "C17": "d", "C19": "a", "C20": "b", "C22": "d"}


@choices_05.mistake(
    "M15b",
    hint="C15: you exchange the two cases in which the update gate is shut.",
    where="With Z = 0 the candidate is all there is. What does it see of the past when R = 1?",
)
def a_shut_reset_gate_is_a_plain_network():
    return {"C15": "b", "C16": "b", "C17": "d", "C19": "a", "C20": "b", "C22": "d"}


@choices_05.mistake(
    "M16",
    hint="C16: you hold the hidden state to be the quantity without a bound.",
    where="What is the last thing that is done to the hidden state of an LSTM, and what to its memory?",
)
def the_hidden_state_has_no_bound():
    return {"C15": "c", "C16": "a", "C17": "d", "C19": "a", "C20": "b", "C22": "d"}


@choices_05.mistake("M16b", hint="C16: forget and input gate are exchanged.", where="Which gate is multiplied with the old memory?")
def the_forget_gate_writes():
    return {"C15": "c", "C16": "c", "C17": "d", "C19": "a", "C20": "b", "C22": "d"}


@choices_05.mistake("M17", hint="C17: you count the gates and forget the candidate.", where="Each gate has a triple of parameters. What else has one?")
def a_triple_for_each_gate_and_none_for_the_candidate():
    return {"C15": "c", "C16": "b", "C17": "b", "C19": "a", "C20": "b", "C22": "d"}


@choices_05.mistake(
    "M17b", hint="C17: the order in history is the other way round.", where="The notebook names the years. The simpler cell is the younger one."
)
def the_simpler_cell_came_first():
    return {"C15": "c", "C16": "b", "C17": "a", "C19": "a", "C20": "b", "C22": "d"}


@choices_05.mistake("M19", hint="C19: h is taken for the number of layers.", where="Which letter counts the layers, and which the units in one of them?")
def h_counts_the_layers():
    return {"C15": "c", "C16": "b", "C17": "d", "C19": "c", "C20": "b", "C22": "d"}


@choices_05.mistake(
    "M20",
    hint="C20: you let a bidirectional network predict the next token.",
    where="What does the backward half see at the step whose next token is asked for?",
)
def a_bidirectional_network_predicts_the_next_token():
    return {"C15": "c", "C16": "b", "C17": "d", "C19": "a", "C20": "c", "C22": "d"}


@choices_05.mistake(
    "M20b", hint="C20: you let the two directions share their weights.", where="Count the parameter sets in the signature of the bidirectional network."
)
def the_directions_share_their_weights():
    return {"C15": "c", "C16": "b", "C17": "d", "C19": "a", "C20": "d", "C22": "d"}


@choices_05.mistake(
    "M22",
    hint="C22: depth does not give a longer memory by itself.",
    where="A layer is one more non-linear step at the same point in time. What does that buy?",
)
def depth_is_for_longer_memory():
    return {"C15": "c", "C16": "b", "C17": "d", "C19": "a", "C20": "b", "C22": "a"}
