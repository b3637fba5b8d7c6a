"""Aligned columns of text, for terminals and logs."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from grader.reports.safe_text import one_line


def columns(rows: Iterable[Sequence[str]]) -> str:
    """Return one line a row with its cells below each other; what names hide is made visible, and long cells are cut."""
    lines = [[one_line(cell, 60) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
