"""What cases are worth: see the rule in `grader.authoring`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_SHARES = {"public": 0.4, "hidden": 0.4, "edge": 0.2}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How one case came out: `credit` is 1 when it passed, `points` is set when it is marked by itself."""

    group: Literal["public", "hidden", "edge"]
    points: float | None
    credit: float


def question_score(points: float, marks: Sequence[Mark], *, credit: float = 0.0) -> float:
    """Return a question's score, not rounded.

    Cases with points of their own are marked by themselves. The rest is shared out among the groups of the other cases; a group is worth
    as much as the worst of its cases. `credit` is the share of the points that is kept whatever the cases say.
    """
    own = math.fsum(mark.points for mark in marks if mark.points is not None)
    earned = math.fsum(mark.points * mark.credit for mark in marks if mark.points is not None)
    groups: dict[str, float] = {}
    for mark in marks:
        if mark.points is None:
            groups[mark.group] = min(groups.get(mark.group, 1.0), mark.credit)
    shares = math.fsum(_SHARES[group] for group in groups)
    if groups:
        earned += max(points - own, 0.0) * math.fsum(_SHARES[group] * worst for group, worst in groups.items()) / shares
    return max(earned, points * credit)
