"""The questions of 03-training, in the notebook's order."""

from grader.authoring import Assignment

assignment = Assignment(title="Loss, perplexity and backpropagation through time")

from . import (
    q1_cross_entropy,
    q2_sequence_loss,
    q3_perplexity,
    q4_bits_per_token,
    q5_rank_continuations,
    q6_grad_clipping,
    q7_rnn_backward,
    q8_jacobian_norms,
    q9_choices,
)

__all__ = [
    "assignment",
    "q1_cross_entropy",
    "q2_sequence_loss",
    "q3_perplexity",
    "q4_bits_per_token",
    "q5_rank_continuations",
    "q6_grad_clipping",
    "q7_rnn_backward",
    "q8_jacobian_norms",
    "q9_choices",
]
