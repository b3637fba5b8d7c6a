"""The questions of this notebook; the files are named so that the order of these imports is the notebook's."""

from . import (
    q1_gru_step,
    q2_gru_forward,
    q3_lstm_step,
    q4_lstm_forward,
    q4_lstm_forward_results,
    q5_d2l_lstm_to_torch,
    q6_deep_rnn_forward,
    q7_birnn_forward,
    q7_birnn_forward_results,
    q8_uses_future,
    q9_choices,
)
from .plan import assignment

__all__ = [
    "assignment",
    "q1_gru_step",
    "q2_gru_forward",
    "q3_lstm_step",
    "q4_lstm_forward",
    "q4_lstm_forward_results",
    "q5_d2l_lstm_to_torch",
    "q6_deep_rnn_forward",
    "q7_birnn_forward",
    "q7_birnn_forward_results",
    "q8_uses_future",
    "q9_choices",
]
