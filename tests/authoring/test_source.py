from typing import final

import torch
from torch import nn

from grader.authoring.source import free_names, imported_names, source_of


@final
class _Layer(nn.Module):
    """A class with a docstring."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs


def test_a_class_has_its_source_without_decorators() -> None:
    assert source_of(_Layer).startswith("class _Layer(nn.Module):\n")
    assert source_of(_Layer).endswith("        return inputs\n")


def test_a_nested_function_is_dedented() -> None:
    def inner(entry: object) -> object:
        return entry

    assert source_of(inner) == "def inner(entry: object) -> object:\n    return entry\n"


def test_names_from_outside_are_found_in_defaults_bases_bodies_and_nested_functions() -> None:
    source = "class A(Base):\n    size = SIZE\n    def f(self, x=DEFAULT):\n        return [g(y) for y in x if (lambda: OTHER)()]\n"

    assert free_names(source) == {"Base", "SIZE", "DEFAULT", "g", "OTHER"}


def test_own_names_arguments_imports_and_builtins_are_not_free() -> None:
    source = "def f(n):\n    import random\n    total = sum(range(n))\n    def g():\n        return total + random.random()\n    return f(n - 1) + g()\n"

    assert free_names(source) == set()


def test_imported_names_are_those_of_the_top_level() -> None:
    source = "import torch.nn as nn\nimport os.path\nfrom math import log as ln\nfrom . import assignment\ndef f():\n    import json\n"

    assert imported_names(source) == {"nn", "os", "ln"}
