"""The questions of this notebook; the files are named so that the order of these imports is the notebook's."""

from . import q1_classify, q2_many_to_one, q3_one_to_many, q4_tag, q5_encode_decode, q6_choices
from .plan import assignment

__all__ = [
    "assignment",
    "q1_classify",
    "q2_many_to_one",
    "q3_one_to_many",
    "q4_tag",
    "q5_encode_decode",
    "q6_choices",
]
