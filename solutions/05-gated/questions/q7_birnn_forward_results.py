"""5.7: mistakes in what comes back."""

import torch

from .q7_birnn_forward import birnn_forward


@birnn_forward.mistake("H13", hint="The outputs are right, but no states come back.", where="What else does the text return?")
def returns_the_outputs_only(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1)


@birnn_forward.mistake(
    "H14", hint="The two directions are joined along the wrong axis.", where="Which axis should grow to twice its length: time, batch or features?"
)
def joins_along_the_batch(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), 1), (H_f, H_b)


@birnn_forward.mistake(
    "H15", hint="The two directions are joined along the wrong axis.", where="Which axis should grow to twice its length: time, batch or features?"
)
def joins_along_time(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0))), (H_f, H_b)


@birnn_forward.mistake(
    "H16", hint="The two directions stand on an axis of their own.", where="Three axes are asked for: time, batch, features of both directions."
)
def stacks_the_two_directions(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.stack((forward, backward.flip(0)), -1), (H_f, H_b)


@birnn_forward.mistake("H17", hint="Your result runs backwards in time.", where="Which step of the text belongs at the first position of the result?")
def leaves_everything_in_backward_order(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward.flip(0), backward), -1), (H_f, H_b)


@birnn_forward.mistake("H18", hint="Your result does not depend on the initial states.", where="Where does each direction's first state come from?")
def starts_both_from_zeros(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, torch.zeros_like(H_f), params_f)
    backward, H_b = run(inputs.flip(0), torch.zeros_like(H_b), params_b)
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)


@birnn_forward.mistake("H19", hint="The values are right, but no gradient reaches the backward half.", where="What cuts the computation graph on the way back?")
def detaches_the_backward_half(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    backward, H_b = backward.detach(), H_b.detach()
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)


@birnn_forward.mistake("H20", hint="Both directions work with the backward weights.", where="The two directions have separate weights. Are both sets in use?")
def uses_the_backward_weights_twice(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_b)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)


@birnn_forward.mistake("H21", hint="Your result has the batch first.", where="Which position should time have?")
def returns_the_batch_first(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1).transpose(0, 1), (H_f, H_b)


@birnn_forward.mistake("H22", hint="The two directions take turns, unit by unit.", where="All units of one direction come first, then all units of the other.")
def interleaves_the_two_directions(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.stack((forward, backward.flip(0)), -1).flatten(-2), (H_f, H_b)


@birnn_forward.mistake("H23", hint="Only the last step of each direction comes back.", where="The text asks for both halves at every step.")
def returns_the_final_states_as_outputs(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    _forward, H_f = run(inputs, H_f, params_f)
    _backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((H_f, H_b), -1), (H_f, H_b)


@birnn_forward.mistake(
    "H24", hint="With a single step, or a single example, your outputs lose an axis.", where="Something in your code removes axes of length one."
)
def squeezes_the_outputs(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1).squeeze(), (H_f, H_b)


@birnn_forward.mistake("H25", hint="Given float64 your outputs are float32.", where="Let the inputs decide about the type of the numbers.")
def forces_single_precision(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1).float(), (H_f, H_b)


@birnn_forward.mistake("H26", hint="Given float32 your outputs are float64.", where="Let the inputs decide about the type of the numbers.")
def forces_double_precision(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1).double(), (H_f, H_b)


@birnn_forward.mistake("H27", hint="The final states come back as one joined tensor.", where="The text asks for two separate states.")
def joins_the_final_states(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    return torch.cat((forward, backward.flip(0)), -1), torch.cat((H_f, H_b), -1)


@birnn_forward.mistake(
    "H28",
    hint="Your backward network reads every sequence one step late.",
    where="What should stand at the last step of the backward half: the initial state or the first update?",
)
def shows_the_backward_states_before_the_update(inputs, H_f, H_b, params_f, params_b):
    def run(inputs, H, params):
        W_xh, W_hh, b_h = params
        states = []
        for X in inputs:
            H = torch.tanh(X @ W_xh + H @ W_hh + b_h)
            states.append(H)
        return torch.stack(states), H

    forward, H_f = run(inputs, H_f, params_f)
    H_start = H_b
    backward, H_b = run(inputs.flip(0), H_b, params_b)
    backward = torch.cat((H_start.unsqueeze(0), backward[:-1]))
    return torch.cat((forward, backward.flip(0)), -1), (H_f, H_b)
