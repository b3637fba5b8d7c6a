"""No layer of a tier is there for nothing: without it something goes wrong that does not go wrong with it."""

import os

import pytest

from grader.execution.sandbox.tiers import TIERS
from tests.attacks.layers import LAYERS, SHOWN_ELSEWHERE, layers_of, surprises
from tests.execution.container import in_a_container

FOR_CONTAINERS = {"uid", "landlock"}
SAYS = "import sys\nfrom grader.execution.sandbox.tiers import TIERS\nfrom tests.attacks.layers import surprises\nprint(surprises(TIERS[sys.argv[1]]))"


@pytest.mark.parametrize("tier", LAYERS)
def test_of_each_layer_it_is_said_what_goes_wrong_without_it(tier: str) -> None:
    assert {lacks[-1] for lacks in LAYERS[tier]} == layers_of(TIERS[tier]) - set(SHOWN_ELSEWHERE)


@pytest.mark.kernel
@pytest.mark.long
@pytest.mark.skipif(os.getuid() != 0, reason="a container is made by giving up what root has")
@pytest.mark.parametrize("tier", LAYERS)
def test_without_a_layer_goes_wrong_what_does_not_with_it(tier: str) -> None:
    if tier not in FOR_CONTAINERS:
        assert surprises(TIERS[tier]) == []
        return
    done = in_a_container("-c", SAYS, tier, root=tier == "uid", apart=True, seconds=300.0)

    assert done.stdout.splitlines()[-1:] == ["[]"], done.stdout + done.stderr
