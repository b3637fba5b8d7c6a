"""Which uses of forbidden library names are seen in a student's source, and which are none."""

import pytest
import torch  # noqa: F401 - loaded, as in every grader process

from grader.grading.forbids import forbidden_uses, unknown_names

LOCKED = "import math\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def names_in(source: str, *others: str, forbids: tuple[str, ...] = ("torch.nn.RNN",)) -> list[tuple[str, int]]:
    return forbidden_uses(source, [LOCKED, source, *others], forbids, pristine=[LOCKED])


@pytest.mark.parametrize(
    "source",
    [
        "def f(X):\n    return nn.RNN(3, 4)(X)",
        "import torch as t\ndef f(X): return t.nn.RNN(3, 4)(X)",
        "from torch.nn import RNN as R\ndef f(X): return R(3, 4)(X)",
        "def f(X):\n    from torch.nn import RNN as R\n    return R(3, 4)(X)",
        "from torch.nn import *\ndef f(X): return RNN(3, 4)(X)",
        "from torch.nn.modules.rnn import RNN\ndef f(X): return RNN(3, 4)(X)",
        "def f(X): return torch.nn.modules.rnn.RNN(3, 4)(X)",
        "layers = torch.nn\ndef f(X): return layers.RNN(3, 4)(X)",
        "a, b = nn.RNN, 3\ndef f(X): return a(3, 4)(X)",
        "def f(X): return getattr(torch.nn, 'RNN')(3, 4)(X)",
        "import importlib\ndef f(X): return importlib.import_module('torch.nn').RNN(3, 4)(X)",
        "class Mine(nn.RNN):\n    pass",
        "f = nn.RNN",
        "def f(X, layer=nn.RNN): return layer(3, 4)(X)",
        "f = lambda X: nn.RNN(3, 4)(X)",
        "%matplotlib inline\nif True:\n    !ls\n    f = nn.RNN",
        "from torch.nn import RNN\nif 0:\n    RNN = None\ndef f(X): return RNN(3, 4)(X)",
        "try:\n    R = nn.RNN\nexcept Exception:\n    R = None\ndef f(X): return R(3, 4)(X)",
    ],
)
def test_every_way_to_reach_a_forbidden_class_is_seen(source: str) -> None:
    assert {name for name, _ in names_in(source)} == {"torch.nn.RNN"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(X): return nn.Linear(3, 4)(X)",
        "def f(X): return nn.RNNCell(3, 4)(X)",
        "RNN = 3\ndef f(X): return RNN + X",
        "class RNN:\n    pass\ndef f(X): return RNN()",
        "def f(X):\n    # nn.RNN would be easier\n    return 'nn.RNN'",
        "def f(F, nn): return nn.RNN",
        "from torch.nn import RNN\ndef f(X): return X",
        "def f(X:\n    return nn.RNN",
    ],
)
def test_what_only_looks_like_it_is_let_through(source: str) -> None:
    assert names_in(source) == []


def test_the_line_is_the_one_in_the_questions_cell() -> None:
    assert names_in("def f(X):\n    Y = X + 1\n    return nn.RNN(3, 4)(Y)") == [("torch.nn.RNN", 3)]


def test_a_helper_in_another_cell_counts_where_it_is_called() -> None:
    source = "def f(X):\n    return helper(X)"

    assert names_in(source, "def deeper(X): return nn.RNN(3, 4)(X)", "def helper(X): return deeper(X)") == [("torch.nn.RNN", 2)]


def test_a_helper_that_is_not_called_does_not_count() -> None:
    assert names_in("def f(X):\n    return X", "def demo(X): return nn.RNN(3, 4)(X)") == []


def test_a_variable_that_has_a_helpers_name_is_not_the_helper() -> None:
    assert names_in("def f(X):\n    helper = X\n    return helper", "def helper(X): return nn.RNN(3, 4)(X)") == []


def test_only_the_last_definition_of_a_helper_counts() -> None:
    source = "def f(X): return helper(X)"

    assert names_in(source, "def helper(X): return nn.RNN(3, 4)(X)", "def helper(X): return X") == []


def test_a_later_cell_that_replaces_the_answer_is_seen() -> None:
    honest = "def softmax(X):\n    return X.exp() / X.exp().sum(-1, keepdim=True)"

    assert names_in(honest, "from torch import softmax", forbids=("torch.softmax",)) == [("torch.softmax", 1)]
    assert names_in(honest, "softmax = torch.softmax", forbids=("torch.softmax",)) == [("torch.softmax", 1)]


def test_what_a_locked_cell_defines_is_not_the_students() -> None:
    locked = LOCKED + "def given(X): return nn.RNN(3, 4)(X)\n"
    source = "def f(X): return given(X)"

    assert forbidden_uses(source, [locked, source], ["torch.nn.RNN"], pristine=[locked]) == []


def test_a_forbidden_module_forbids_all_that_is_in_it() -> None:
    source = "from torch.nn import functional as G\ndef f(X): return G.softmax(X, -1)"

    assert names_in(source, forbids=("torch.nn.functional",)) == [("torch.nn.functional.softmax", 2)]


def test_a_gate_called_f_is_not_the_forbidden_module() -> None:
    source = "def f(C, X):\n    F = torch.sigmoid(X)\n    return F * C"

    assert names_in(source, forbids=("torch.nn.functional",)) == []


def test_a_variable_named_like_an_imported_function_is_not_the_function() -> None:
    source = "from torch import softmax\ndef f(X):\n    softmax = X.exp() / X.exp().sum()\n    return softmax"

    assert names_in(source, forbids=("torch.softmax",)) == []


def test_an_unbound_method_is_seen_through_its_class() -> None:
    assert names_in("def f(X): return torch.Tensor.softmax(X, -1)", forbids=("torch.Tensor.softmax",)) == [("torch.Tensor.softmax", 1)]


def test_a_built_in_function_is_seen_under_another_modules_name_too() -> None:
    assert names_in("def f(X): return F.torch.softmax(X, -1)", forbids=("torch.softmax",)) == [("torch.softmax", 1)]


def test_source_nested_too_deep_to_read_is_passed_over() -> None:
    assert names_in("x = " + "+".join(["1"] * 5000) + "\nf = nn.RNN") in ([], [("torch.nn.RNN", 2)])


def test_a_forbidden_name_that_stands_for_nothing_is_told() -> None:
    assert unknown_names(["torch.nn.RNN", "torch.nn.Recurrent", "nowhere.at.all"]) == ["torch.nn.Recurrent", "nowhere.at.all"]


@pytest.mark.parametrize("deep", ["x = torch" + ".a" * 980, "if 1: pass\n" + "elif 2: pass\n" * 980])
def test_a_cell_that_is_nested_too_deep_hides_nothing_of_the_others(deep: str) -> None:
    assert names_in("def f(X): return nn.RNN(3, 4)(X)", deep) == [("torch.nn.RNN", 1)]


def test_a_name_that_may_stand_for_more_and_more_is_not_followed_for_ever() -> None:
    doubles = "".join(f"    x = x.a{number}\n" for number in range(60))
    source = f"import torch as x\nif x:\n{doubles}def f(X): return nn.RNN(3, 4)(X)\n"

    assert names_in(source) == [("torch.nn.RNN", 63)]
