"""The questions of this notebook; the files are named so that the order of these imports is the notebook's."""

from . import q1_vocab, q1_vocab_order, q2_one_hot, q3_shift_labels, q4_windows, q5_markov_log_prob, q6_latent_rollout, q7_choices
from .plan import assignment

__all__ = [
    "assignment",
    "q1_vocab",
    "q1_vocab_order",
    "q2_one_hot",
    "q3_shift_labels",
    "q4_windows",
    "q5_markov_log_prob",
    "q6_latent_rollout",
    "q7_choices",
]
