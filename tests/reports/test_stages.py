from grader.reports.stages import Stages


def test_each_stage_has_its_median_its_slow_end_and_its_share() -> None:
    stages = Stages()
    for cells in (0.1, 0.2, 0.3):
        stages.add({"fork": 0.01, "start": 0.05, "cells": cells, "report": 0.05, "total": 0.35})

    lines = {line.split()[0]: line.split()[1:] for line in stages.table().splitlines()}

    assert lines["cells"][0] == "200.0"
    assert lines["connect"][0] == "40.0"
    assert lines["report"] == ["50.0", "50.0", "12.5%"]
    assert lines["total"][0] == "400.0"
    assert float(lines["cells"][1]) >= 300


def test_what_was_not_graded_does_not_count() -> None:
    stages = Stages()
    stages.add({})

    assert "Nothing was graded" in stages.table()
