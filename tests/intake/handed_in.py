"""Notebook files and given-out cells, small enough to read in a test."""

import json
from typing import Any

from grader.notebooks.cells import Cell, read_options


def code(source: str | list[str], *, id: str | None = None, **metadata: Any) -> dict[str, Any]:  # noqa: A002, ANN401 - as nbformat calls it; metadata can be anything
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}
    return cell if id is None else {**cell, "id": id}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def notebook(*cells: dict[str, Any], minor: int = 5) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": list(cells)}).encode()


def given(identity: str, source: str) -> Cell:
    """Return a pristine cell; it is markdown when it begins with a heading."""
    return Cell(id=identity, kind="markdown" if source.startswith("# ") else "code", source=source, options=read_options(source))
