"""Charts as SVG that stands in a page: numbers only (the page says in words what they are), glyphs as paths, colours those of the page's theme."""

import re
from collections.abc import Callable, Sequence
from io import StringIO

import matplotlib.style
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Colours that stand for the page's own until the picture is drawn.
_INK, _SOFT, _LINE, _FILL = "#010101", "#020202", "#030303", "#040404"
_THEME = {_INK: "currentColor", _SOFT: "var(--soft)", _LINE: "var(--line)", _FILL: "var(--link)"}
_STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "grader",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture everywhere
    "font.size": 10,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _SOFT,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "text.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_BINS = 20


def histogram(shares: Sequence[float], *, name: str, label: str) -> Markup:
    """Return how many submissions (up) got how many percent of the points (across); a dashed line marks the median."""

    def draw(axes: Axes) -> None:
        percent = 100 * np.clip(np.asarray(shares), 0, 1)
        axes.hist(percent, bins=np.linspace(0, 100, _BINS + 1).tolist(), color=_FILL, alpha=0.75, rwidth=0.88)
        axes.axvline(float(np.median(percent)), color=_INK, linewidth=1.4, linestyle=(0, (4, 3)))
        axes.set_xlim(0, 100)
        axes.set_xticks(range(0, 101, 20))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))

    return _svg(draw, name=name, label=label)


def question_map(points: Sequence[tuple[int, float, float]], *, name: str, label: str) -> Markup:
    """Return the questions' numbers by success in percent (across) and discrimination (up)."""

    def draw(axes: Axes) -> None:
        axes.axhline(0, color=_SOFT, linewidth=0.8)
        axes.scatter([100 * mean for _, mean, _ in points], [up for _, _, up in points], s=36, color=_FILL, alpha=0.75, linewidths=0)
        for number, mean, up in points:
            axes.annotate(str(number), (100 * mean, up), xytext=(5, 4), textcoords="offset points", color=_INK)
        axes.set_xlim(0, 104)
        axes.set_ylim(min(-0.1, *(up - 0.1 for _, _, up in points)), 1.05)
        axes.set_xticks(range(0, 101, 20))

    return _svg(draw, name=name, label=label)


def progress(attempts: Sequence[Sequence[float]], *, name: str, label: str) -> Markup:
    """Return the median and the middle half of the marks in percent (up) at each attempt (across)."""

    def draw(axes: Axes) -> None:
        low, middle, high = (np.array([100 * np.quantile(marks, at) for marks in attempts]) for at in (0.25, 0.5, 0.75))
        across = np.arange(1, len(attempts) + 1)
        axes.fill_between(across, low, high, color=_FILL, alpha=0.25, linewidth=0)
        axes.plot(across, middle, color=_FILL, linewidth=2, marker="o", markersize=5)
        axes.set_ylim(0, 102)
        axes.set_xticks(across.tolist())

    return _svg(draw, name=name, label=label)


def _svg(draw: Callable[[Axes], None], *, name: str, label: str) -> Markup:
    with matplotlib.style.context(_STYLE):
        figure = Figure(figsize=(4.4, 2.5), layout="constrained")
        axes = figure.add_subplot()
        axes.grid(visible=True, axis="y", color=_LINE, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        draw(axes)
        file = StringIO()
        # not `savefig`: it draws everything twice
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})  # type: ignore[no-untyped-call]
    return _placed(file.getvalue(), name=name, label=label)


def _placed(picture: str, *, name: str, label: str) -> Markup:
    """Return the picture as an element of a page: named ids, themed colours, no size of its own."""
    box = re.search(r'viewBox="([^"]+)"', picture)
    inside = picture[picture.index("<defs>") : picture.rindex("</svg>")]
    inside = re.sub(r'\bid="', f'id="{name}-', inside)
    inside = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", inside)
    for stand_in, colour in _THEME.items():
        inside = inside.replace(stand_in, colour)
    return Markup('<svg class="chart" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(
        box[1] if box else "",
        escape(label),
        Markup(inside),  # noqa: S704 - drawn from numbers
    )
