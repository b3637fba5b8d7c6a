"""Where the time of a run goes, stage by stage."""

import statistics
from array import array
from collections.abc import Mapping

_ORDER = ("fork", "sandbox", "kernel", "connect", "cells", "probes", "replay", "compare", "stop", "again", "report")
_INSIDE_START = ("fork", "sandbox", "kernel")


class Stages:
    """The seconds of every submission by stage, eight bytes each."""

    def __init__(self) -> None:
        self._seconds = {stage: array("d") for stage in (*_ORDER, "total")}

    def add(self, timings: Mapping[str, float]) -> None:
        """Count one submission in; one that has no total was not graded and does not count."""
        if "total" not in timings:
            return
        inside = sum(timings.get(stage, 0.0) for stage in _INSIDE_START)
        derived = {"connect": max(0.0, timings.get("start", 0.0) - inside), "total": timings["total"] + timings.get("report", 0.0)}
        for stage, column in self._seconds.items():
            column.append(derived.get(stage, timings.get(stage, 0.0)))

    def table(self) -> str:
        """Return a line for each stage: median and 95th percentile in milliseconds, and its share of all the time."""
        total = sum(self._seconds["total"])
        if not total:
            return "Nothing was graded, so no time was measured."
        lines = [f"{'stage':10} {'median ms':>10} {'p95 ms':>10} {'share':>7}"]
        for stage, column in self._seconds.items():
            high = statistics.quantiles(column, n=20)[-1] if len(column) > 1 else column[0]
            lines.append(f"{stage:10} {1000 * statistics.median(column):10.1f} {1000 * high:10.1f} {100 * sum(column) / total:6.1f}%")
        return "\n".join(lines)
