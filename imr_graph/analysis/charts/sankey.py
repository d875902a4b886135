"""A flow: from what one side cites to what the other cites and on to the decision, in bands as wide as their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imr_graph.analysis.charts.style import BLUE, INK, ORANGE, PAPER, SOFT, elide_middle, new_figure
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["OTHERS", "count_by_side", "draw_flow", "fold_groups"]

OTHERS: Final = "all others"
_DECISIONS: Final = ("overturned", "upheld")
_COLOURS: Final = {"overturned": ORANGE, "upheld": BLUE}
_BOX: Final = 0.014  # of its width
_COLUMNS: Final = (0.29, 0.655, 0.885)


def fold_groups(groups: Iterable[RateGroup], most: int) -> tuple[RateGroup, ...]:
    """Return groups by two dimensions with all but the `most` heaviest values of each side under one name."""
    given = [group for group in groups if group.decisions]
    kept = [_heaviest(given, side, most) for side in (0, 1)]
    sums: dict[tuple[str, str], list[int]] = {}
    for group in given:
        one, other = (v.label if v.label in names else OTHERS for v, names in zip(group.values, kept, strict=True))
        count = sums.setdefault((one, other), [0, 0])
        count[0] += group.decisions
        count[1] += group.overturned
    found = [rate_group((Value(one, one), Value(other, other)), *count) for (one, other), count in sums.items()]
    return tuple(sorted(found, key=lambda group: (-group.decisions, *_ends(group))))


def count_by_side(groups: Iterable[RateGroup], side: int) -> dict[str, int]:
    """Return the decisions of each name of the first (0) or second (1) dimension."""
    totals: Counter[str] = Counter()
    for group in groups:
        totals[group.values[side].label] += group.decisions
    return totals


def _heaviest(groups: Sequence[RateGroup], side: int, most: int) -> frozenset[str]:
    totals = count_by_side(groups, side)
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    return frozenset(ranked if len(ranked) <= most + 1 else ranked[:most])


def _ends(group: RateGroup) -> tuple[str, str]:
    return group.values[0].label, group.values[1].label


@dataclass(slots=True)
class _Box:
    """One name of a column: its top, its height, and how far down bands have come in and gone out."""

    top: float
    height: float
    entered: float = 0.0
    left: float = 0.0


def draw_flow(groups: Sequence[RateGroup], heads: Sequence[str], title: str, caption: str) -> Figure:
    """Draw a flow; bands keep the colour of their decision all the way."""
    totals = [count_by_side(groups, side) for side in (0, 1)]
    figure = new_figure(max(3.4, 0.52 * max(map(len, totals), default=0), 0.52 * 3) + 0.5, title, caption)
    if not groups:
        return figure
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(1.0, -0.075)
    whole = sum(group.decisions for group in groups)
    overturned = sum(group.overturned for group in groups)
    ones, others = (_boxes(each, whole) for each in totals)
    ends = _boxes({"overturned": overturned, "upheld": whole - overturned}, whole, spread=True)
    _draw_bands(axes, groups, (ones, others, ends), whole)
    for x, boxes, side, head in zip(_COLUMNS, (ones, others, ends), ("right", "right", "left"), heads, strict=True):
        _draw_names(axes, x, boxes, whole, side)
        where = x + _BOX if side == "right" else x
        axes.text(where, -0.04, head, ha=side, va="center", fontsize=10.5, fontweight="bold", color=SOFT)
    return figure


def _boxes(totals: Mapping[str, int], whole: int, *, spread: bool = False) -> dict[str, _Box]:
    """Return the boxes of a column from top to bottom: the heaviest first, the others last."""
    ranked = sorted(totals, key=lambda name: (name == OTHERS, -totals[name], name))
    if spread:
        ranked = [name for name in _DECISIONS if totals[name]]
    scale = _scale(whole)
    free = 1 - sum(totals[name] for name in ranked) * scale
    gap = min(free / max(len(ranked) - 1, 1), 0.25 if spread else free)
    at = (free - gap * (len(ranked) - 1)) / 2
    found = {}
    for name in ranked:
        height = totals[name] * scale
        found[name] = _Box(at, height)
        at += height + gap
    return found


def _scale(whole: int) -> float:
    """Return the height of one decision; a quarter of the drawing is left for the gaps between boxes."""
    return 0.75 / whole


def _draw_bands(axes: Axes, groups: Sequence[RateGroup], columns: Sequence[dict[str, _Box]], whole: int) -> None:
    ones, others, ends = columns
    scale = _scale(whole)
    row = {name: n for n, name in enumerate(ones)}
    column = {name: n for n, name in enumerate(others)}
    parts = [
        (*_ends(group), decision, count * scale)
        for group in groups
        for decision, count in (("overturned", group.overturned), ("upheld", group.decisions - group.overturned))
        if count
    ]
    # Bands leave a box in the order of where they go and enter it in the order of where they come from.
    started = {}
    for one, other, decision, height in sorted(parts, key=lambda p: (row[p[0]], column[p[1]], p[2])):
        box = ones[one]
        started[one, other, decision] = box.top + box.left
        box.left += height
    for one, other, decision, height in sorted(parts, key=lambda p: (column[p[1]], p[2], row[p[0]])):
        middle, end = others[other], ends[decision]
        y = middle.top + middle.entered
        middle.entered += height
        start, colour = started[one, other, decision], _COLOURS[decision]
        _draw_band(axes, (_COLUMNS[0] + _BOX, _COLUMNS[1]), (start, y), height, colour)
        _draw_band(axes, (_COLUMNS[1] + _BOX, _COLUMNS[2]), (y, end.top + end.entered), height, colour)
        end.entered += height


def _draw_band(axes: Axes, x: tuple[float, float], y: tuple[float, float], height: float, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle = (x[0] + x[1]) / 2
    points = [
        (x[0], y[0]), (middle, y[0]), (middle, y[1]), (x[1], y[1]),
        (x[1], y[1] + height), (middle, y[1] + height), (middle, y[0] + height), (x[0], y[0] + height), (x[0], y[0]),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.42, linewidth=0))


def _draw_names(axes: Axes, x: float, boxes: Mapping[str, _Box], whole: int, side: str) -> None:
    from matplotlib.patches import Rectangle

    last = -1.0
    for name, box in boxes.items():
        axes.add_patch(Rectangle((x, box.top), _BOX, box.height, facecolor=_COLOURS.get(name, SOFT), linewidth=0))
        count = round(box.height / _scale(whole))
        at = max(box.top + box.height / 2, last + 0.033)  # names of thin boxes move down rather than onto each other
        last = at
        text = (
            f"{elide_middle(name, 33)} · {count:,}" if side == "right" else f"{name}\n{count:,} ({count / whole:.0%})"
        )
        where = x - 0.008 if side == "right" else x + _BOX + 0.008
        # Bands run behind the names of the middle column.
        behind = {"facecolor": PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1.2}
        axes.text(where, at, text, ha=side, va="center", fontsize=9.5, color=INK, bbox=behind)
