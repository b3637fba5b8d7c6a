"""5.8: does a model look into the future?"""

import math

import torch

from grader.authoring import Case

from .plan import assignment


def mean_of_the_past(entry, X, t):
    return bool(entry(lambda X: X.cumsum(0) / torch.arange(1, len(X) + 1, device=X.device).reshape(-1, 1, 1), X, t))


def sum_of_the_rest(entry, X, t):
    return bool(entry(lambda X: X.flip(0).cumsum(0).flip(0), X, t))


def own_step_only(entry, X, t):
    return bool(entry(torch.tanh, X, t))


def step_before_only(entry, X, t):
    return bool(entry(lambda X: torch.cat((torch.zeros_like(X[:1]), X[:-1])), X, t))


def deaf(entry, X, t):
    return bool(entry(lambda X: torch.arange(len(X), device=X.device).reshape(-1, 1, 1).expand(X.shape).to(X.dtype), X, t))


def one_step_ahead(entry, X, t):
    return bool(entry(lambda X: torch.cat((X[1:], X[-1:])), X, t))


def the_end_of_the_text(entry, X, t):
    return bool(entry(lambda X: X + 0.5 * X[-1], X, t))


def only_the_first_output_leaks(entry, X, t):
    def fn(X):
        outputs = X.cumsum(0)
        return torch.cat((outputs[:1] + X[-1], outputs[1:]))

    return bool(entry(fn, X, t))


def one_example_and_one_feature_leak(entry, X, t):
    def fn(X):
        chosen = torch.zeros_like(X[0])
        chosen[-1, -1] = 1
        return X.cumsum(0) + chosen * X[-1]

    return bool(entry(fn, X, t))


def faint_leak(entry, X, t):
    return bool(entry(lambda X: X.cumsum(0) + 1e-3 * X.sum(0), X, t))


def masked_weights(entry, X, t):
    """Every output is a weighted sum over all inputs, in which those to come weigh nothing."""
    weights = torch.linspace(-1, 2, len(X) ** 2, dtype=X.dtype, device=X.device).reshape(len(X), len(X)).tril()
    return bool(entry(lambda X: torch.einsum("st,tnd->snd", weights[: len(X), : len(X)], X), X, t))


def recurrent(entry, X, t, W_xh, W_hh):
    def fn(X):
        H, states = torch.zeros_like(X[0] @ W_xh), []
        for step in X:
            H = torch.tanh(step @ W_xh + H @ W_hh)
            states.append(H)
        return torch.stack(states)

    return bool(entry(fn, X, t))


def recurrent_in_both_directions(entry, X, t, W_xh, W_hh):
    def one_way(X):
        H, states = torch.zeros_like(X[0] @ W_xh), []
        for step in X:
            H = torch.tanh(step @ W_xh + H @ W_hh)
            states.append(H)
        return torch.stack(states)

    return bool(entry(lambda X: torch.cat((one_way(X), one_way(X.flip(0)).flip(0)), -1), X, t))


@assignment.question("uses_future", points=0.4)
def uses_future(draw):
    """A detector for models that look into the future."""
    weights = {"W_xh": draw.normal(2, 4), "W_hh": draw.normal(4, 4)}
    yield Case("a mean over the past", teaching=True, public=True, driver=mean_of_the_past, X=draw.normal(6, 3, 2), t=2)
    yield Case("a sum over the rest of the text", teaching=True, public=True, driver=sum_of_the_rest, X=draw.normal(6, 3, 2), t=2)
    yield Case("every output knows its own input only", teaching=True, driver=own_step_only, X=draw.normal(6, 3, 2), t=3)
    yield Case("every output knows the input before its own only", teaching=True, driver=step_before_only, X=draw.normal(6, 3, 2), t=3)
    yield Case("outputs that do not depend on the text at all", teaching=True, edge=True, driver=deaf, X=draw.normal(6, 3, 2), t=3)
    yield Case("a peek at the following input", driver=one_step_ahead, X=draw.normal(6, 3, 2), t=2)
    yield Case("a peek at the last input", teaching=True, driver=the_end_of_the_text, X=draw.normal(6, 3, 2), t=1)
    yield Case("the first output alone knows the end", driver=only_the_first_output_leaks, X=draw.normal(6, 3, 2), t=3)
    yield Case("a leak in one example and one feature", driver=one_example_and_one_feature_leak, X=draw.normal(6, 3, 2), t=3)
    yield Case("a plain recurrent network", teaching=True, driver=recurrent, X=draw.normal(6, 3, 2), t=2, **weights)
    yield Case("a network that reads in both directions", teaching=True, driver=recurrent_in_both_directions, X=draw.normal(6, 3, 2), t=2, **weights)
    yield Case("a faint leak", edge=True, driver=faint_leak, X=draw.normal(6, 3, 2), t=2)
    yield Case("weights that mask what is to come", edge=True, driver=masked_weights, X=draw.normal(6, 3, 2), t=2)
    yield Case("a single step is left", driver=one_step_ahead, X=draw.normal(6, 3, 2), t=4)
    yield Case("nothing comes after the last step", teaching=True, edge=True, driver=sum_of_the_rest, X=draw.normal(6, 3, 2), t=5)
    yield Case("the very first step", teaching=True, edge=True, driver=the_end_of_the_text, X=draw.normal(4, 3, 2), t=0)


@uses_future.mistake(
    "UF01", hint="You look at one output only.", where="A leak may sit in any output up to the step in question, not just in the last of them."
)
def compares_a_single_output(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return not torch.allclose(fn(X)[t], fn(changed)[t])


@uses_future.mistake(
    "UF02",
    hint="You accuse models that only know the present.",
    where="Which input is the first that the outputs in question must not know? Look at the border.",
)
def also_changes_the_present(fn, X, t):
    changed = X.clone()
    changed[t:] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake("UF03", hint="You accuse every model.", where="Later outputs may of course change. Which outputs must not?")
def compares_all_outputs(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return not torch.allclose(fn(X), fn(changed))


@uses_future.mistake("UF04", hint="Your answers are the wrong way round.", where="What should come back when nothing moves?")
def answers_whether_the_past_is_enough(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake(
    "UF05",
    hint="You change one of the later inputs only, and miss leaks from further away.",
    where="Which inputs belong to the future: the next one, or all that follow?",
)
def changes_the_next_input_only(fn, X, t):
    changed = X.clone()
    changed[t + 1 : t + 2] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake(
    "UF06",
    hint="You change the end of the text only, and miss leaks from nearby.",
    where="Which inputs belong to the future: the last one, or all that follow?",
)
def changes_the_last_input_only(fn, X, t):
    changed = X.clone()
    if t < len(X) - 1:
        changed[-1] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake("UF07", hint="The output at the step in question is not looked at.", where="Up to which output do you compare? Look at the border.")
def stops_one_output_early(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return not torch.allclose(fn(X)[:t], fn(changed)[:t])


@uses_future.mistake("UF08", hint="Your detector changes the caller's inputs.", where="Which of your lines writes into a tensor that you were given?")
def changes_the_inputs_of_the_caller(fn, X, t):
    before = fn(X)[: t + 1].clone()
    X[t + 1 :] += 1.0
    return not torch.allclose(before, fn(X)[: t + 1])


@uses_future.mistake("UF09", hint="You never find a leak.", where="Two names for one tensor are not two tensors. What do you compare with what?")
def compares_a_tensor_with_itself(fn, X, t):
    changed = X
    changed[t + 1 :] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake("UF10", hint="You change one example only, and miss leaks in the others.", where="Which axis of the inputs is the batch?")
def changes_the_first_example_only(fn, X, t):
    changed = X.clone()
    changed[t + 1 :, 0] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake("UF11", hint="You miss faint leaks.", where="How much may an output move before you call it a leak?")
def tolerates_small_changes(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1], atol=0.05)


@uses_future.mistake(
    "UF12", hint="You accuse a model that gives the future a weight of zero.", where="What is zero times the value that you put into the future?"
)
def poisons_the_future(fn, X, t):
    poisoned = X.clone()
    poisoned[t + 1 :] = math.nan
    return bool(fn(poisoned)[: t + 1].isnan().any())


@uses_future.mistake(
    "UF13", hint="You call it a leak only when every single output moves.", where="How many outputs have to move before you may say that there is a leak?"
)
def wants_every_output_to_move(fn, X, t):
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return bool((fn(X)[: t + 1] - fn(changed)[: t + 1]).abs().gt(1e-6).all())


@uses_future.mistake(
    "UF14", hint="You call every model that reads a text at all a leak.", where="You change the past. Which side of the border should stay as it is?"
)
def changes_the_past(fn, X, t):
    changed = X.clone()
    changed[: t + 1] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])


@uses_future.mistake("UF15", hint="You always find a leak: your answer does not depend on the model.", where="Where in your function is the model asked?")
def always_says_yes(fn, X, t):
    return True


@uses_future.mistake("UF16", hint="You find no leak when a single step is left.", where="When is there nothing to come: at which t does your function give up?")
def gives_up_one_step_early(fn, X, t):
    if t + 2 >= len(X):
        return False
    changed = X.clone()
    changed[t + 1 :] += 1.0
    return not torch.allclose(fn(X)[: t + 1], fn(changed)[: t + 1])
