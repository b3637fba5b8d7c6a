"""The questions of 04-language-model, in the notebook's order."""

from grader.authoring import Assignment

assignment = Assignment(title="A language model over characters")

from . import (
    q1_begin_state,
    q2_rnn_model,
    q3_seq_data_iter_sequential,
    q4_seq_data_iter_random,
    q5_train_epoch_ch8,
    q6_predict_ch8,
    q7_train_ch8,
    q8_train_ch8_mistakes,
)

__all__ = [
    "assignment",
    "q1_begin_state",
    "q2_rnn_model",
    "q3_seq_data_iter_sequential",
    "q4_seq_data_iter_random",
    "q5_train_epoch_ch8",
    "q6_predict_ch8",
    "q7_train_ch8",
    "q8_train_ch8_mistakes",
]
