"""How bars, lines and heat maps are painted: with matplotlib, without a display, in colours that all can tell apart."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from imr_graph.analysis.charts.rows import Line, Pair, Row

__all__ = [
    "BLUE",
    "FEW",
    "GRID",
    "INK",
    "ORANGE",
    "PALE",
    "PAPER",
    "SOFT",
    "STYLE",
    "bars",
    "begun",
    "drawable",
    "heatmap",
    "lines",
    "short",
]

FEW: Final = 30
"""Groups of fewer decisions than this are drawn paler: their shares say little."""

# A page in the dark replaces these (`chart_page`), so each is used for one thing.
INK, SOFT, GRID, PAPER = "#1b1f24", "#57606a", "#d0d7de", "#ffffff"
# Okabe and Ito's palette, which people with any common colour vision tell apart
BLUE, ORANGE = "#0072b2", "#d55e00"
PALE: Final = "#8fc1de"
_LINES: Final = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_MARKS: Final = "osD^vP"
_DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))

STYLE: Final[Mapping[str, Any]] = {
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so pictures are the same everywhere
    "font.size": 10,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "imr-graph",
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}

_WIDTH: Final = 11.0
_NOT_IN_XML = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def drawable(text: str) -> str:
    """Return a text without the characters that XML cannot hold and no font draws."""
    return _NOT_IN_XML.sub("\ufffd", text)


def short(label: str, most: int) -> str:
    """Return a label without its middle where it is too long: both its ends tell it from others."""
    label = drawable(label)
    if len(label) <= most:
        return label
    return f"{label[: most * 2 // 3].rstrip()} … {label[len(label) - most // 3 + 3 :].lstrip()}"


def begun(height: float, title: str, caption: str) -> tuple[Figure, float, float]:
    """Return a figure of a height in inches, plus title and caption, and where between 0 and 1 its drawing may be."""
    from matplotlib.figure import Figure

    wrapped = [line for part in caption.split("\n") for line in textwrap.wrap(drawable(part), 156)]
    heading = textwrap.wrap(drawable(title), 78) or [""]
    above, below = 0.3 + 0.28 * len(heading), 0.3 + 0.185 * len(wrapped)
    whole = height + above + below
    figure = Figure(figsize=(_WIDTH, whole))
    figure.text(0.02, 1 - 0.18 / whole, "\n".join(heading), fontsize=15, fontweight="bold", va="top", linespacing=1.25)
    figure.text(0.02, 0.12 / whole, "\n".join(wrapped), fontsize=9, color=SOFT, va="bottom", linespacing=1.45)
    return figure, below / whole, 1 - above / whole


def bars(rows: Sequence[Row], title: str, caption: str) -> Figure:
    """Paint overturned shares as bars with intervals."""
    height = max(0.32 * len(rows), 0.6) + 0.75
    figure, bottom, top = begun(height, title, caption)
    if not rows:
        return figure
    whole = figure.get_size_inches()[1]
    axes = figure.add_axes((0.36, bottom + 0.55 / whole, 0.47, top - bottom - 0.75 / whole))
    reach = _ceiling(max(row.high for row in rows))
    for n, row in enumerate(rows):
        axes.barh(n, row.share, height=0.62, color=PALE if row.decisions < FEW else BLUE, zorder=2)
        axes.plot([row.low, row.high], [n, n], color=INK, linewidth=1.3, zorder=3)
        for end in (row.low, row.high):
            axes.plot([end, end], [n - 0.16, n + 0.16], color=INK, linewidth=1.3, zorder=3)
        for x, said in ((1.1, f"{row.share:.0%}"), (1.34, f"{row.overturned:,} of {row.decisions:,}")):
            axes.text(reach * x, n, said, ha="right", va="center", fontsize=9.5)
    share = sum(row.overturned for row in rows) / max(sum(row.decisions for row in rows), 1)
    axes.axvline(share, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    axes.text(share, -0.95, f"all {share:.0%}", ha="center", va="bottom", fontsize=9, color=SOFT)
    axes.set_yticks(range(len(rows)), [short(row.label, 48) for row in rows], color=INK)
    axes.set_ylim(len(rows) - 0.4, -0.9)
    axes.set_xlim(0, reach)
    _percent(axes.xaxis, reach)
    axes.set_xlabel("overturned share")
    _quiet(axes, "x")
    return figure


def lines(series: Sequence[Line], title: str, caption: str) -> Figure:
    """Paint overturned shares over time with their bands, and the number of decisions below."""
    figure, bottom, top = begun(5.2, title, caption)
    periods = sorted({row.label for line in series for row in line.rows})
    if not periods:
        return figure
    whole, span = figure.get_size_inches()[1], top - bottom
    wide = 0.66 if len(series) > 1 else 0.89
    lower = figure.add_axes((0.085, bottom + 0.5 / whole, wide, span * 0.2))
    upper = figure.add_axes(
        (0.085, bottom + 0.62 / whole + span * 0.22, wide, span * 0.78 - 0.72 / whole), sharex=lower
    )
    place = {period: n for n, period in enumerate(periods)}
    ends = []
    for n, line in enumerate(series):
        found = {place[row.label]: row for row in line.rows}
        _line(upper, found, n)
        last = max(found, default=None)
        if last is not None:
            ends.append((found[last].share, n, line.label))
    _counts(lower, series, place)
    reach = _ceiling(max(row.high for line in series for row in line.rows))
    upper.set_ylim(0, reach)
    upper.set_xlim(-0.5, len(periods) - 0.5)
    _percent(upper.yaxis, reach)
    upper.set_ylabel("overturned share")
    upper.tick_params(labelbottom=False, length=0)
    lower.set_ylabel("decisions")
    step = math.ceil(len(periods) / 14)
    lower.set_xticks(range(0, len(periods), step), periods[::step])
    for axes in (upper, lower):
        _quiet(axes, "y")
    if len(series) > 1:
        _line_names(upper, ends, reach, len(periods))
    return figure


def _line(axes: Axes, found: Mapping[int, Row], n: int) -> None:
    colour = _LINES[n % len(_LINES)]
    runs: list[list[int]] = []
    for at in sorted(found):
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    for run in runs:
        axes.fill_between(
            run, [found[x].low for x in run], [found[x].high for x in run], color=colour, alpha=0.11, lw=0
        )
        axes.plot(run, [found[x].share for x in run], color=colour, lw=2, ls=_DASHES[n % len(_DASHES)], zorder=3)
        if len(run) == 1:  # a band of one period has no width
            axes.plot(
                [run[0]] * 2,
                [found[run[0]].low, found[run[0]].high],
                color=colour,
                alpha=0.35,
                lw=6,
                solid_capstyle="butt",
            )
    for at, row in found.items():
        axes.plot(
            at, row.share, _MARKS[n % len(_MARKS)], color=colour, markersize=6.5,
            markerfacecolor=PAPER if row.decisions < FEW else colour, zorder=4,
        )  # fmt: skip


def _counts(axes: Axes, series: Sequence[Line], place: Mapping[str, int]) -> None:
    width = 0.8 / len(series)
    for n, line in enumerate(series):
        at = [place[row.label] - 0.4 + width * (n + 0.5) for row in line.rows]
        axes.bar(at, [row.decisions for row in line.rows], width=width * 0.9, color=_LINES[n % len(_LINES)], zorder=2)
    axes.yaxis.set_major_locator(_whole_numbers())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _line_names(axes: Axes, ends: list[tuple[float, int, str]], reach: float, periods: int) -> None:
    """Write each line's name beside its end, moved apart where ends are close."""
    gap = reach * 0.075
    heights = [share for share, _, _ in sorted(ends)]
    for n in range(1, len(heights)):
        heights[n] = max(heights[n], heights[n - 1] + gap)
    over = max(0.0, heights[-1] - reach)
    for height, (share, n, label) in zip(heights, sorted(ends), strict=True):
        colour = _LINES[n % len(_LINES)]
        axes.annotate(
            short(label, 34), (periods - 1, share), (periods - 1 + 0.06 * periods + 0.25, height - over), va="center",
            color=INK, fontsize=9.5, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 1.2, "shrinkA": 2, "shrinkB": 5},
        )  # fmt: skip


def heatmap(pairs: Sequence[Pair], down: Sequence[str], across: Sequence[str], title: str, caption: str) -> Figure:
    """Paint overturned shares as a heat map."""
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    names = 2.2
    figure, bottom, top = begun(0.44 * len(down) + names + 0.35, title, caption)
    if not pairs:
        return figure
    whole = figure.get_size_inches()[1]
    wide = min(0.55, 0.07 * len(across))
    axes = figure.add_axes((0.31, bottom + 0.15 / whole, wide, top - bottom - (names + 0.25) / whole))
    # A cell of two decisions does not set the scale, unless there are only such.
    sure = [p for p in pairs if p.decisions >= FEW] or pairs
    most = _ceiling(max(p.overturned / p.decisions for p in sure))
    colours = colormaps["cividis"]
    for pair in pairs:
        x, y, share = across.index(pair.other), down.index(pair.one), pair.overturned / pair.decisions
        few = pair.decisions < FEW
        colour = _mixed(colours(min(share / most, 1.0)), 0.55 if few else 0.0)
        axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, linewidth=0))
        ink = _readable_on(colour)
        axes.text(x, y - 0.12, f"{share:.0%}", ha="center", va="center", fontsize=9.5, color=ink)
        axes.text(x, y + 0.26, f"{pair.decisions:,}", ha="center", va="center", fontsize=7.5, color=ink)
    axes.set_xlim(-0.5, len(across) - 0.5)
    axes.set_ylim(len(down) - 0.5, -0.5)
    axes.set_yticks(range(len(down)), [short(name, 44) for name in down], color=INK)
    axes.xaxis.tick_top()
    axes.set_xticks(
        range(len(across)),
        [short(name, 32) for name in across],
        rotation=48,
        ha="left",
        rotation_mode="anchor",
        color=INK,
    )
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure


def _readable_on(colour: tuple[float, float, float]) -> str:
    """Return black or white, whichever has more contrast (WCAG 2.2); not the page's ink, as cells stay in the dark."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#010101" if luminance > 0.179 else "#fefefe"


def _mixed(colour: tuple[float, ...], white: float) -> tuple[float, float, float]:
    red, green, blue = (round(part + (1 - part) * white, 4) for part in colour[:3])
    return red, green, blue


def _ceiling(share: float) -> float:
    """Return where an axis of shares ends: the next 10 %, or all."""
    return min(1.0, math.ceil(share * 10 + 1e-9) / 10) if share > 0 else 0.1


def _percent(axis: Any, reach: float) -> None:
    from matplotlib.ticker import MultipleLocator

    steps = ((0.1, 0.02), (0.3, 0.05), (0.6, 0.1), (1.0, 0.2))
    axis.set_major_locator(MultipleLocator(next(step for most, step in steps if reach <= most + 1e-9)))
    axis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3, integer=True)


def _quiet(axes: Axes, direction: str) -> None:
    axes.grid(axis=direction, color=GRID, linewidth=0.8, zorder=0)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left" if direction == "y" else "bottom"].set_visible(False)
