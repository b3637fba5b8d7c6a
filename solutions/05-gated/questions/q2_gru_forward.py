"""5.2: a GRU over a whole sequence."""

import torch

from grader.authoring import Case

from .plan import assignment
from .shared import GRU_LAYERS, gru_params


def in_two_parts(entry, inputs, H0, **parameters):
    """What comes out when the sequence is cut after its second step and the state is passed on."""
    first, state = entry(inputs=inputs[:2], H0=H0, **parameters)
    second, state = entry(inputs=inputs[2:], H0=state, **parameters)
    return torch.cat((first, second)), state


def with_another_future(entry, inputs, future, **rest):
    """The first outputs when later inputs are exchanged, and whether later outputs noticed."""
    steps = len(inputs) - len(future)
    before, _ = entry(inputs=inputs, **rest)
    after, _ = entry(inputs=torch.cat((inputs[:steps], future)), **rest)
    return after[:steps], not torch.allclose(before[steps:], after[steps:])


def batch_first_in_memory(entry, inputs, **rest):
    return entry(inputs=inputs.transpose(0, 1).contiguous().transpose(0, 1), **rest)


def gradients_through_time(entry, inputs, H0, params, W_hq, b_q):
    leaves = [tensor.clone().requires_grad_() for tensor in (inputs, H0, W_hq, b_q, *params)]
    outputs, H = entry(leaves[0], leaves[1], tuple(leaves[4:]), leaves[2], leaves[3])
    weights = torch.linspace(-1, 2, outputs.numel(), dtype=outputs.dtype, device=outputs.device).reshape(outputs.shape)
    nothing = 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad((outputs * weights).sum() + H.sum() + nothing, leaves)


@assignment.question("gru_forward", points=1, depends_on=["gru_step"], forbids=GRU_LAYERS, allow=["sequence"])
def gru_forward(draw):
    """A gated recurrent unit that reads a whole sequence."""

    def inputs(num_steps, n, d=5, h=4, q=6, dtype=torch.float64):
        return {
            "inputs": draw.normal(num_steps, n, d, dtype=dtype),
            "H0": draw.normal(n, h, dtype=dtype),
            "params": gru_params(draw, d, h, dtype),
            "W_hq": draw.normal(h, q, dtype=dtype),
            "b_q": draw.normal(q, dtype=dtype),
        }

    yield Case("four steps, three examples", teaching=True, public=True, **inputs(4, 3))
    yield Case("five steps, two examples", teaching=True, **inputs(5, 2))
    yield Case("a sequence of one step", teaching=True, **inputs(1, 3))
    yield Case("single precision, batch of one", **inputs(4, 1, dtype=torch.float32))
    yield Case("as many steps as examples", teaching=True, **inputs(3, 3))
    yield Case("as many outputs as units", teaching=True, **inputs(4, 3, q=4))
    yield Case("cut in two, the state handed over", teaching=True, driver=in_two_parts, **inputs(5, 3))
    yield Case("another future, the same past", teaching=True, driver=with_another_future, future=draw.normal(3, 3, 5), **inputs(6, 3))
    yield Case("gradients travel back through all steps", driver=gradients_through_time, **inputs(4, 3))
    yield Case("memory laid out with the batch first", edge=True, driver=batch_first_in_memory, **inputs(4, 3))
    yield Case("no examples at all", teaching=True, edge=True, **inputs(4, 0))


@gru_forward.mistake(
    "GF01", hint="The first step differs already: your result does not depend on the initial state.", where="Where does your loop's first state come from?"
)
def starts_from_zeros(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], torch.zeros_like(H0)
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF02",
    hint="From the second step on nothing is remembered of the steps before.",
    where="Which state does step t read? Follow one variable through two turns of your loop.",
)
def reads_the_initial_state_at_every_step(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs = []
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H0 @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H0 @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H0) @ W_hh + b_h)
        H = Z * H0 + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake("GF03", hint="Your result has the batch first.", where="Which position should time have?")
def stacks_the_steps_on_the_second_axis(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs, 1), H


@gru_forward.mistake("GF04", hint="You loop over the examples, not over time.", where="Which axis of the inputs is time?")
def loops_over_the_examples(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs.transpose(0, 1):
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF05",
    hint="The numbers are right, the shape is not.",
    where="Three axes are asked for here: time, batch, outputs. Does joining the steps make a new axis?",
)
def joins_the_steps_without_a_new_axis(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs), H


@gru_forward.mistake(
    "GF06", hint="Your outputs have as many features as the hidden state.", where="What stands between the hidden state and the output of a step?"
)
def forgets_the_output_layer(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H)
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF07",
    hint="Your outputs come one step late: each shows the state before the update.",
    where="In which order do state and output of one step come into being?",
)
def reads_the_state_before_the_update(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        outputs.append(H @ W_hq + b_q)
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF08", hint="The outputs are right, but the returned state is the one after the first step.", where="From which state should the next segment go on?"
)
def returns_the_state_after_the_first_step(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H, states = [], H0, []
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
        states.append(H)
    return torch.stack(outputs), states[0]


@gru_forward.mistake(
    "GF09", hint="You return the states of all steps where the last one is asked for.", where="From which state should the next segment go on?"
)
def returns_all_states(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H, states = [], H0, []
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
        states.append(H)
    return torch.stack(outputs), torch.stack(states)


@gru_forward.mistake("GF10", hint="The outputs are right, but no state comes back.", where="What does the caller need to go on with the next segment?")
def returns_the_outputs_only(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs)


@gru_forward.mistake("GF11", hint="The right things come back in the other order.", where="What does the text return first: outputs or state?")
def returns_the_state_first(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return H, torch.stack(outputs)


@gru_forward.mistake("GF12", hint="Only the output of the last step comes back.", where="The text asks for an output at every step.")
def keeps_the_last_output_only(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    H = H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        output = H @ W_hq + b_q
    return output, H


@gru_forward.mistake(
    "GF13",
    hint="The shapes fit, but steps of different examples got mixed.",
    where="Changing the shape of a tensor does not exchange its axes. Follow one number through your first line.",
)
def mixes_steps_and_examples_by_a_reshape(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    num_steps, batch_size, num_inputs = inputs.shape
    inputs = inputs.reshape(batch_size, num_steps, num_inputs).transpose(0, 1)
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake("GF14", hint="The bias of the output layer has no effect.", where="Count the parameters of the output layer that you use.")
def forgets_the_bias_of_the_output_layer(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq)
    return torch.stack(outputs), H


@gru_forward.mistake("GF15", hint="Each of your outputs sums to 1.", where="The output layer gives scores. Where in the course is the softmax applied?")
def turns_the_scores_into_probabilities(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(torch.softmax(H @ W_hq + b_q, dim=-1))
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF16", hint="The values are right, but the gradient of a step ends at that step.", where="What cuts the computation graph from one step to the next?"
)
def detaches_the_state_between_steps(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
        H = H.detach()
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF17", hint="Given float64 your outputs are float32.", where="Room that you set aside for the outputs has a type of its own. Who decided about it?"
)
def collects_the_outputs_in_single_precision(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    H = H0
    outputs = torch.zeros(len(inputs), H0.shape[0], W_hq.shape[1])
    for t, X in enumerate(inputs):
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs[t] = H @ W_hq + b_q
    return outputs, H


@gru_forward.mistake(
    "GF18", hint="Given float32 your outputs are float64.", where="Room that you set aside for the outputs has a type of its own. Who decided about it?"
)
def collects_the_outputs_in_double_precision(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    H = H0
    outputs = torch.zeros(len(inputs), H0.shape[0], W_hq.shape[1], dtype=torch.float64)
    for t, X in enumerate(inputs):
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs[t] = H @ W_hq + b_q
    return outputs, H


@gru_forward.mistake(
    "GF19", hint="With a single step, or a single example, your outputs lose an axis.", where="Something in your code removes axes of length one."
)
def squeezes_the_outputs(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs).squeeze(), H


@gru_forward.mistake(
    "GF20", hint="Works for one layout of the numbers in memory and stops with an error for another.", where="One of your calls insists on contiguous tensors."
)
def flattens_with_a_view(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    num_steps, batch_size, num_inputs = inputs.shape
    inputs = inputs.view(num_steps * batch_size, num_inputs)
    outputs, H = [], H0
    for t in range(num_steps):
        X = inputs[t * batch_size : (t + 1) * batch_size]
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake("GF21", hint="Your loop makes as many steps as there are examples.", where="From which axis do you read the number of steps?")
def counts_the_examples_as_steps(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for t in range(inputs.shape[1]):
        X = inputs[t]
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake(
    "GF22",
    hint="The caller's initial state is overwritten.",
    where="The caller may still need it. Which of your lines writes into a tensor that you were given?",
)
def overwrites_the_initial_state(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs:
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        H0[:] = H
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@gru_forward.mistake("GF23", hint="Your network reads the sequence from its end.", where="Which step comes first?")
def reads_the_sequence_backwards(inputs, H0, params, W_hq, b_q):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    outputs, H = [], H0
    for X in inputs.flip(0):
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H
