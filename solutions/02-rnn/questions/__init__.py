"""The questions of this notebook; the files are named so that the order of these imports is the notebook's."""

from . import (
    q1_mlp_hidden,
    q1b_output_layer,
    q2_rnn_step,
    q3_rnn_step_concat,
    q3b_to_row_form,
    q4_rnn_forward,
    q4b_rnn_forward_results,
    q5_softmax,
    q6_count_params,
    q7_choices,
)
from .plan import assignment

__all__ = [
    "assignment",
    "q1_mlp_hidden",
    "q1b_output_layer",
    "q2_rnn_step",
    "q3_rnn_step_concat",
    "q3b_to_row_form",
    "q4_rnn_forward",
    "q4b_rnn_forward_results",
    "q5_softmax",
    "q6_count_params",
    "q7_choices",
]
