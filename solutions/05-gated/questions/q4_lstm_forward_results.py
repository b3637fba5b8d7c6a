"""5.4: mistakes in what comes back, and in how the loop walks."""

import torch

from .q4_lstm_forward import lstm_forward


@lstm_forward.mistake(
    "LF07",
    hint="Outputs and hidden state are right, the final memory is not returned.",
    where="A following segment needs both parts of the state. Which one is missing?",
)
def returns_the_hidden_state_only(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), H


@lstm_forward.mistake(
    "LF08", hint="The two parts of the final state are exchanged.", where="A following segment expects the parts in the order in which you got them."
)
def returns_the_memory_first(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (C, H)


@lstm_forward.mistake("LF09", hint="Your result has the batch first.", where="Which position should time have?")
def stacks_the_steps_on_the_second_axis(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs, 1), (H, C)


@lstm_forward.mistake("LF10", hint="You loop over the examples, not over time.", where="Which axis of the inputs is time?")
def loops_over_the_examples(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs.transpose(0, 1):
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF11",
    hint="The numbers are right, the shape is not.",
    where="Three axes are asked for here: time, batch, outputs. Does joining the steps make a new axis?",
)
def joins_the_steps_without_a_new_axis(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs), (H, C)


@lstm_forward.mistake(
    "LF12", hint="Your outputs have as many features as the hidden state.", where="What stands between the hidden state and the output of a step?"
)
def forgets_the_output_layer(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF13",
    hint="Your outputs come one step late: each shows the state before the update.",
    where="In which order do state and output of one step come into being?",
)
def reads_the_state_before_the_update(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        outputs.append(H @ W_hq + b_q)
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF14", hint="The outputs are right, but the returned state is the one after the first step.", where="From which state should the next segment go on?"
)
def returns_the_state_after_the_first_step(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C), states = [], state, []
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
        states.append((H, C))
    return torch.stack(outputs), states[0]


@lstm_forward.mistake("LF15", hint="The outputs are right, but no state comes back.", where="What does the caller need to go on with the next segment?")
def returns_the_outputs_only(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs)


@lstm_forward.mistake("LF16", hint="The right things come back in the other order.", where="What does the text return first: outputs or state?")
def returns_the_state_first(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return (H, C), torch.stack(outputs)


@lstm_forward.mistake("LF17", hint="Only the output of the last step comes back.", where="The text asks for an output at every step.")
def keeps_the_last_output_only(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    (H, C) = state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        output = H @ W_hq + b_q
    return output, (H, C)


@lstm_forward.mistake(
    "LF18",
    hint="The shapes fit, but steps of different examples got mixed.",
    where="Changing the shape of a tensor does not exchange its axes. Follow one number through your first line.",
)
def mixes_steps_and_examples_by_a_reshape(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    num_steps, batch_size, num_inputs = inputs.shape
    inputs = inputs.reshape(batch_size, num_steps, num_inputs).transpose(0, 1)
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake("LF19", hint="The bias of the output layer has no effect.", where="Count the parameters of the output layer that you use.")
def forgets_the_bias_of_the_output_layer(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake("LF20", hint="Each of your outputs sums to 1.", where="The output layer gives scores. Where in the course is the softmax applied?")
def turns_the_scores_into_probabilities(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(torch.softmax(H @ W_hq + b_q, dim=-1))
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF21", hint="The values are right, but the gradient of a step ends at that step.", where="What cuts the computation graph from one step to the next?"
)
def detaches_the_state_between_steps(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
        H, C = H.detach(), C.detach()
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF22", hint="Given float64 your outputs are float32.", where="Room that you set aside for the outputs has a type of its own. Who decided about it?"
)
def collects_the_outputs_in_single_precision(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    H, C = state
    outputs = torch.zeros(len(inputs), state[0].shape[0], W_hq.shape[1])
    for t, X in enumerate(inputs):
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs[t] = H @ W_hq + b_q
    return outputs, (H, C)


@lstm_forward.mistake(
    "LF23", hint="Given float32 your outputs are float64.", where="Room that you set aside for the outputs has a type of its own. Who decided about it?"
)
def collects_the_outputs_in_double_precision(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    H, C = state
    outputs = torch.zeros(len(inputs), state[0].shape[0], W_hq.shape[1], dtype=torch.float64)
    for t, X in enumerate(inputs):
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs[t] = H @ W_hq + b_q
    return outputs, (H, C)


@lstm_forward.mistake(
    "LF24", hint="With a single step, or a single example, your outputs lose an axis.", where="Something in your code removes axes of length one."
)
def squeezes_the_outputs(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs).squeeze(), (H, C)


@lstm_forward.mistake(
    "LF25", hint="Works for one layout of the numbers in memory and stops with an error for another.", where="One of your calls insists on contiguous tensors."
)
def flattens_with_a_view(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    num_steps, batch_size, num_inputs = inputs.shape
    inputs = inputs.view(num_steps * batch_size, num_inputs)
    outputs, (H, C) = [], state
    for t in range(num_steps):
        X = inputs[t * batch_size : (t + 1) * batch_size]
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake("LF26", hint="Your loop makes as many steps as there are examples.", where="From which axis do you read the number of steps?")
def counts_the_examples_as_steps(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for t in range(inputs.shape[1]):
        X = inputs[t]
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake(
    "LF27",
    hint="The caller's initial memory is overwritten.",
    where="The caller may still need it. Which of your lines writes into a tensor that you were given?",
)
def overwrites_the_initial_memory(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs:
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        state[1][:] = C
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)


@lstm_forward.mistake("LF28", hint="Your network reads the sequence from its end.", where="Which step comes first?")
def reads_the_sequence_backwards(inputs, state, params, W_hq, b_q):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c = params
    outputs, (H, C) = [], state
    for X in inputs.flip(0):
        I_gate = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        F_gate = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        O_gate = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilde = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = F_gate * C + I_gate * C_tilde
        H = O_gate * torch.tanh(C)
        outputs.append(H @ W_hq + b_q)
    return torch.stack(outputs), (H, C)
