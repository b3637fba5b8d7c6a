"""Going through values by paths."""

import pytest
import torch

from grader.grading.walk import map_tensors, parent_path, part_at, tensors
from grader.values.snapshot import snapshot
from grader.values.tree import TensorLeaf, Value

VALUE: Value = [1, {"a": (2, 3), 4: "x"}]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("", VALUE),
        ("[0]", 1),
        ("[1]['a'][1]", 3),
        ("[1][4]", "x"),
        ("[7]", VALUE),
        ("[1]['b']", {"a": (2, 3), 4: "x"}),
        ("[0][0]", 1),
        ("['a...z'", VALUE),
        ("[print(1)]", VALUE),
    ],
)
def test_a_path_leads_as_far_as_it_can(path: str, part: Value) -> None:
    assert part_at(VALUE, path) == part


def test_the_parent_of_a_path_is_one_step_up() -> None:
    assert [parent_path(path) for path in ("", "[0]", "[1]['a'][1]")] == ["", "", "[1]['a']"]


def test_tensors_are_found_and_changed_wherever_they_are() -> None:
    value = snapshot([torch.zeros(1), {"a": (torch.ones(2), 3)}])
    doubled = map_tensors(value, lambda leaf: TensorLeaf(data=leaf.data * 2))

    assert [leaf.data.tolist() for leaf in tensors(value)] == [[0.0], [1.0, 1.0]]
    assert [leaf.data.tolist() for leaf in tensors(doubled)] == [[0.0], [2.0, 2.0]]
