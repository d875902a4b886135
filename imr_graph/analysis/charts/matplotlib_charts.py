"""How bars, lines and heat maps are drawn with matplotlib, without a display."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from imr_graph.analysis.charts.style import (
    BLUE,
    GRID,
    INK,
    PALE,
    PALETTE,
    PAPER,
    SOFT,
    elide_middle,
    named_periods,
    new_figure,
    period_number,
)
from imr_graph.analysis.statistics.overturn_rates import RateGroup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_bars", "draw_heatmap", "draw_lines"]

Series = Sequence[tuple[str, Sequence[RateGroup]]]

_MARKERS: Final = "osD^vP"
_DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
_PALENESS: Final = 0.55  # of cells that say little


def draw_bars(groups: Sequence[RateGroup], title: str, caption: str, counted: str = "overturned") -> Figure:
    """Draw shares of decisions as bars with their intervals; `counted` says what they are shares of."""
    figure = new_figure(max(0.32 * len(groups), 0.6) + 0.75, title, caption)
    if not groups:
        return figure
    axes = figure.add_subplot()
    at, shares = range(len(groups)), [group.share for group in groups]
    below, above = ([g.share - g.low for g in groups], [g.high - g.share for g in groups])
    colours = [PALE if group.small else BLUE for group in groups]
    whiskers = {"ecolor": INK, "elinewidth": 1.3, "capthick": 1.3, "zorder": 3}
    axes.barh(at, shares, height=0.62, color=colours, xerr=(below, above), capsize=3.5, error_kw=whiskers, zorder=2)
    reach = _axis_end(max(group.high for group in groups))
    for n, group in enumerate(groups):
        for points, words in ((44, f"{group.share:.1%}"), (145, f"{group.overturned:,} of {group.decisions:,}")):
            axes.annotate(
                words, (reach, n), (points, 0), textcoords="offset points", ha="right", va="center", fontsize=9.5
            )
    if counted == "overturned":
        share = sum(group.overturned for group in groups) / max(sum(group.decisions for group in groups), 1)
        axes.axvline(share, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        axes.text(share, -0.95, f"all {share:.1%}", ha="center", va="bottom", fontsize=9, color=SOFT)
    axes.set_yticks(at, [elide_middle(group.label, 48) for group in groups], color=INK)
    axes.set_ylim(len(groups) - 0.4, -0.9)
    axes.set_xlim(0, reach)
    _format_percent(axes.xaxis, reach)
    axes.set_xlabel(f"{counted} share")
    _minimal_axes(axes, "x")
    return figure


def draw_lines(series: Series, title: str, caption: str) -> Figure:
    """Draw overturned shares over time with their bands, and the number of decisions below.

    A series is a name and its groups, one for each period, whose last value is the period.
    """
    figure = new_figure(5.2, title, caption)
    periods = {number for _, groups in series for group in groups if (number := period_number(group)) is not None}
    if not periods:
        return figure
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    first, last = min(periods), max(periods)
    for n, (_, groups) in enumerate(series):
        placed = {number - first: group for group in groups if (number := period_number(group)) is not None}
        _draw_line(upper, placed, n)
        width = 0.8 / len(series)
        at = [place - 0.4 + width * (n + 0.5) for place in placed]
        lower.bar(at, [group.decisions for group in placed.values()], width=width * 0.9, color=_colour(n), zorder=2)
    reach = _axis_end(max(group.high for _, groups in series for group in groups))
    upper.set_ylim(0, reach)
    upper.set_xlim(-0.5, last - first + 0.5)
    _format_percent(upper.yaxis, reach)
    upper.set_ylabel("overturned share")
    _format_whole_numbers(lower.yaxis)
    lower.set_ylabel("decisions")
    named = list(named_periods(first, last, 12))
    lower.set_xticks([number - first for number, _ in named], [name for _, name in named])
    for axes in (upper, lower):
        _minimal_axes(axes, "y")
    if len(series) > 1:
        _name_lines(upper, series, last - first, reach)
    return figure


def _period(group: RateGroup) -> str:
    return group.values[-1].label


def _colour(n: int) -> str:
    return PALETTE[n % len(PALETTE)]


def _draw_line(axes: Axes, found: Mapping[int, RateGroup], n: int) -> None:
    """Draw one line with its band; a period without decisions interrupts it."""
    colour, dashes = _colour(n), _DASHES[n % len(_DASHES)]
    runs: list[list[int]] = []
    for at in sorted(found):
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    for run in runs:
        low, high, share = ([getattr(found[x], name) for x in run] for name in ("low", "high", "share"))
        axes.fill_between(run, low, high, color=colour, alpha=0.11, lw=0)
        axes.plot(run, share, color=colour, lw=2, ls=dashes, zorder=3)
        if len(run) == 1:  # a band of one period has no width
            axes.plot(run * 2, [*low, *high], color=colour, alpha=0.35, lw=6, solid_capstyle="butt")
    for at, group in found.items():
        fill = PAPER if group.small else colour
        marker = _MARKERS[n % len(_MARKERS)]
        axes.plot(at, group.share, marker, color=colour, markersize=6.5, markerfacecolor=fill, zorder=4)


def _name_lines(axes: Axes, series: Series, last: int, reach: float) -> None:
    """Write each line's name beside its end, moved apart where ends are close."""
    ends = sorted(
        (max(groups, key=_period).share, n, label) for n, (label, groups) in enumerate(series) if groups
    )  # fmt: skip
    heights = [share for share, _, _ in ends]
    for n in range(1, len(heights)):
        heights[n] = max(heights[n], heights[n - 1] + reach * 0.075)
    over = max(0.0, heights[-1] - reach)
    for height, (share, n, label) in zip(heights, ends, strict=True):
        arrow = {"arrowstyle": "-", "color": _colour(n), "linewidth": 1.2, "shrinkA": 2, "shrinkB": 5}
        beside = (last + 0.06 * (last + 1) + 0.25, height - over)
        axes.annotate(
            elide_middle(label, 34), (last, share), beside, va="center", color=INK, fontsize=9.5,
            annotation_clip=False, arrowprops=arrow,
        )  # fmt: skip


def draw_heatmap(
    groups: Sequence[RateGroup], down: Sequence[str], across: Sequence[str], title: str, caption: str
) -> Figure:
    """Draw overturned shares by two names as a heat map, the first names down, the second ones across."""
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    figure = new_figure(0.44 * len(down) + 2.55, title, caption)
    if not groups:
        return figure
    axes = figure.add_subplot()
    # A cell of two decisions does not set the scale, unless there are only such.
    most = _axis_end(max(group.share for group in [g for g in groups if not g.small] or groups))
    for group in groups:
        y, x = down.index(group.values[0].label), across.index(group.values[1].label)
        colour = _mix(colormaps["cividis"](min(group.share / most, 1.0)), _PALENESS if group.small else 0.0)
        axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, linewidth=0))
        ink = _readable_on(colour)
        axes.text(x, y - 0.12, f"{group.share:.1%}", ha="center", va="center", fontsize=9, color=ink)
        axes.text(x, y + 0.26, f"{group.decisions:,}", ha="center", va="center", fontsize=7.5, color=ink)
    axes.set_xlim(-0.5, max(len(across), 8) - 0.5)  # few columns are not drawn wider than many
    axes.set_ylim(len(down) - 0.5, -0.5)
    axes.set_yticks(range(len(down)), [elide_middle(name, 44) for name in down], color=INK)
    names = [elide_middle(name, 32) for name in across]
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(across)), names, rotation=48, ha="left", rotation_mode="anchor", color=INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _readable_on(colour: tuple[float, float, float]) -> str:
    """Return black or white, whichever has more contrast (WCAG 2.2); not the page's ink, as cells stay in the dark."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#010101" if luminance > 0.179 else "#fefefe"


def _mix(colour: tuple[float, ...], white: float) -> tuple[float, float, float]:
    red, green, blue = (round(part + (1 - part) * white, 4) for part in colour[:3])
    return red, green, blue


def _axis_end(share: float) -> float:
    """Return where an axis of shares ends: the next 10%, or all."""
    return min(1.0, math.ceil(share * 10 + 1e-9) / 10) if share > 0 else 0.1


def _format_percent(axis: Any, reach: float) -> None:
    steps = ((10, 2), (30, 5), (60, 10), (100, 20))
    percents = range(0, round(100 * reach) + 1, next(step for most, step in steps if 100 * reach <= most + 1e-6))
    axis.set_ticks([percent / 100 for percent in percents], [f"{percent}%" for percent in percents])


def _format_whole_numbers(axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(3, integer=True))
    axis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _minimal_axes(axes: Axes, direction: str) -> None:
    """Leave of the axes a grid in one direction ("x", "y") and the line across it."""
    axes.grid(axis=direction, color=GRID, linewidth=0.8, zorder=0)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left" if direction == "y" else "bottom"].set_visible(False)
