"""What is cheap to send and dear to read: the grader reads for all students, and all wait meanwhile."""

import json
import time
from typing import Any

import pytest

from grader.execution.channels import unpack_json
from grader.reports.markup import code
from grader.reports.outputs import blocks

PAGES = {
    "emphasis that is open in each paragraph": "<p>" + "".join(f"<b x={number}>" for number in range(1000)) + "<p>x" * 2500,
    "emphasis of every kind": "<p>" + "".join(f"<{tag}>" * 3 for tag in ("b", "code", "em", "font", "i", "strong", "tt", "u")) + "<p>x" * 4800,
    "attributes that hold brackets": "<p>" + "".join(f"<b x='<{number}'>" for number in range(1000)) + "<p>x" * 2000,
    "attributes without blanks": "<p>" + "".join(f"<b/x={number}>" for number in range(1000)) + "<p>x" * 2500,
}

PARTS = {
    "lists": b"[" + b"[]," * 2_700_000 + b"[]]",
    "objects": b"[" + b"{}," * 2_700_000 + b"{}]",
    "numbers": b"[" + b"1," * 4_000_000 + b"1]",
    "lists in lists": b"[" + (b"[" * 500 + b"]" * 500 + b",") * 8000 + b"[]]",
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_not_grow_while_it_is_made_safe(page: str) -> None:
    [block] = blocks([shown({"text/html": PAGES[page], "text/plain": "in words"})])

    assert len(block.html or block.text) < 200_000


def test_a_page_that_grows_all_the_same_is_shown_in_words() -> None:
    [block] = blocks([shown({"text/html": PAGES["emphasis of every kind"], "text/plain": "in words"})])

    assert block.text == "in words"


def test_a_table_stays_a_table() -> None:
    table = '<table border="1" class="dataframe"><tr style="text-align: right;"><th>a > b</th></tr><tr><td>1 &lt; 2</td></tr></table> end'
    [block] = blocks([shown({"text/html": table, "text/plain": "in words"})])

    assert block.html == "<table><tbody><tr><th>a &gt; b</th></tr><tr><td>1 &lt; 2</td></tr></tbody></table> end"


@pytest.mark.parametrize("cell", [" \n" * 10_000, "\xa0\n" * 10_000, "match" + " " * 20_000 + "x", "'" + "{a[b][" * 3_000, "\u202e" * 20_000])
def test_a_cell_that_takes_long_to_colour_is_shown_without_colours(cell: str) -> None:
    """A page shows more than twenty of them."""
    began = time.process_time()
    page = code(cell)

    assert time.process_time() - began < 0.5
    assert len(page) < 1_000_000


def test_an_ordinary_cell_is_coloured() -> None:
    assert '<span class="k">return</span>' in code("def relu(x):\n    return x.clamp(min=0)\n" * 100)


@pytest.mark.parametrize("part", PARTS)
def test_a_message_of_very_many_values_is_not_read(part: str) -> None:
    assert unpack_json(PARTS[part]) == {}


def test_a_megabyte_that_was_printed_is_read() -> None:
    content = {"name": "stdout", "text": str(list(range(100_000, 230_000)))}

    assert unpack_json(json.dumps(content).encode()) == content


def shown(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}
