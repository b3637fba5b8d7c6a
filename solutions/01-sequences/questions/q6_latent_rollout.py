"""1.6: a state that sums up the past."""

import torch

from grader.authoring import Case

from .plan import assignment


def with_a_memory_of_everything(entry, xs, h0):
    """Roll out a state that stores all that it has seen."""

    def f(x, h):
        return (*h, x)

    return entry(f, xs, h0)


def with_numbers(entry, xs, h0):
    """Roll out a state in which the order of the arguments, and of the steps, matters."""

    def f(x, h):
        return 2 * h + x

    return entry(f, xs, h0)


def with_a_record_of_the_calls(entry, xs, h0):
    """Return the states, and what the update was given at each call."""
    calls = []

    def f(x, h):
        calls.append((x, h))
        return h * x + 1

    return {"states": entry(f, xs, h0), "calls": calls}


def with_a_network(entry, xs, h0, W):
    """Roll out the state of a small network."""

    def f(x, h):
        return torch.tanh(x + h @ W)

    return entry(f, list(xs), h0)


def with_a_state_that_can_be_changed(entry, xs, h0):
    """Roll out lists, and return the states and the first state as it is afterwards."""

    def f(x, h):
        return [*h, x]

    return {"states": entry(f, xs, h0), "h0": h0}


@assignment.question("latent_rollout", points=1, driver=with_numbers, allow=["sequence"])
def latent_rollout(draw):
    """A state that sums up the past."""
    yield Case("a state that stores all it has seen", public=True, teaching=True, driver=with_a_memory_of_everything, xs=["a", "b", "c"], h0=())
    yield Case("numbers, with a state that is not zero", teaching=True, xs=[1, 5, 2, 7], h0=3)
    yield Case("one call of the update for each step", driver=with_a_record_of_the_calls, xs=[4, 1, 3], h0=2)
    yield Case("tensors as states", teaching=True, driver=with_a_network, xs=draw.normal(4, 2, 3), h0=draw.normal(2, 3), W=draw.normal(3, 3))
    yield Case("lists as states", driver=with_a_state_that_can_be_changed, xs=["p", "q", "r"], h0=["o"])
    yield Case("nothing to read", edge=True, xs=[], h0=3)


@latent_rollout.mistake("S10", hint="Every step starts again from h0, so nothing is remembered.", where="Which state should step t use?")
def starts_again_at_every_step(f, xs, h0):
    return [f(x, h0) for x in xs]


@latent_rollout.mistake(
    "S50", hint="State and input have changed places in your calls.", where="The text names the arguments of f in an order. Which one comes first?"
)
def exchanges_the_arguments(f, xs, h0):
    h, states = h0, []
    for x in xs:
        h = f(h, x)
        states.append(h)
    return states


@latent_rollout.mistake("S51", hint="The list begins with the state before the first step.", where="How many states are asked for when there are T inputs?")
def includes_the_first_state(f, xs, h0):
    h, states = h0, [h0]
    for x in xs:
        h = f(x, h)
        states.append(h)
    return states


@latent_rollout.mistake("S52", hint="Only the last state comes back.", where="The text asks for the state after every step.")
def returns_the_last_state_only(f, xs, h0):
    h = h0
    for x in xs:
        h = f(x, h)
    return h


@latent_rollout.mistake(
    "S53", hint="Each entry of your list is the state before its step.", where="What comes first within a turn of your loop: the update, or keeping the state?"
)
def keeps_the_state_before_the_update(f, xs, h0):
    h, states = h0, []
    for x in xs:
        states.append(h)
        h = f(x, h)
    return states


@latent_rollout.mistake("S54", hint="The inputs are read from the end.", where="Time runs forwards: which input makes the first state?")
def reads_backwards(f, xs, h0):
    h, states = h0, []
    for x in reversed(xs):
        h = f(x, h)
        states.append(h)
    return states


@latent_rollout.mistake(
    "S55", hint="Your first state is the one you were given, not what becomes of it.", where="Which input does the very first call of f read?"
)
def skips_the_first_input(f, xs, h0):
    h, states = h0, []
    for x in xs[1:]:
        h = f(x, h)
        states.append(h)
    return states


@latent_rollout.mistake(
    "S56",
    hint="The values are right, but the update is called more often than there are steps.",
    where="In a network every call costs time. Once a step is enough: can you keep what it returned?",
)
def calls_the_update_twice(f, xs, h0):
    h, states = h0, []
    for x in xs:
        states.append(f(x, h))
        h = f(x, h)
    return states


@latent_rollout.mistake(
    "S57",
    hint="The values are right, but the work grows with the square of the length.",
    where="The state after step t - 1 is all that step t needs. Why begin anew?",
    same_as=None,
)
def begins_anew_for_every_state(f, xs, h0):
    states = []
    for t in range(len(xs)):
        h = h0
        for x in xs[: t + 1]:
            h = f(x, h)
        states.append(h)
    return states


@latent_rollout.mistake("S58", hint="Nothing to read stops your code.", where="Without inputs there are no states after a step: an empty list.")
def asks_for_an_input(f, xs, h0):
    states = [f(xs[0], h0)]
    for x in xs[1:]:
        states.append(f(x, states[-1]))
    return states


@latent_rollout.mistake("S59", hint="Your first state does not know h0.", where="What is the state before the first step?")
def begins_with_zero(f, xs, h0):
    h, states = type(h0)(), []
    if isinstance(h0, torch.Tensor):
        h = torch.zeros_like(h0)
    for x in xs:
        h = f(x, h)
        states.append(h)
    return states


@latent_rollout.mistake(
    "S60",
    hint="All entries of your list are the same object, and the caller's h0 has changed.",
    where="Do you write new values into the old state? Each state should be a thing of its own.",
)
def writes_into_the_old_state(f, xs, h0):
    h, states = h0, []
    for x in xs:
        if isinstance(h, list):
            h[:] = f(x, h)
        else:
            h = f(x, h)
        states.append(h)
    return states
