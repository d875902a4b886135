"""A flow: from what one side cites to what the other cites and on to the decision, in bands as wide as their counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from imr_graph.analysis.charts.matplotlib_charts import BLUE, INK, ORANGE, PAPER, SOFT, begun, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from imr_graph.analysis.charts.rows import Pair

__all__ = ["OTHERS", "folded", "paint"]

OTHERS: Final = "all others"
_DECISIONS: Final = ("overturned", "upheld")
_COLOURS: Final = {"overturned": ORANGE, "upheld": BLUE}
_BOX: Final = 0.014  # of its width
_COLUMNS: Final = (0.29, 0.655, 0.885)


def folded(pairs: Iterable[Pair], most: int) -> tuple[Pair, ...]:
    """Return pairs with all but the `most` heaviest names of each side under one name, and equal pairs as one."""
    given = [pair for pair in pairs if pair.decisions]
    ones, others = (_kept(given, side, most) for side in ("one", "other"))
    sums: dict[tuple[str, str], list[int]] = {}
    for pair in given:
        key = (pair.one if pair.one in ones else OTHERS, pair.other if pair.other in others else OTHERS)
        count = sums.setdefault(key, [0, 0])
        count[0] += pair.decisions
        count[1] += pair.overturned
    found = [replace(given[0], one=a, other=b, decisions=n, overturned=k) for (a, b), (n, k) in sums.items()]
    return tuple(sorted(found, key=lambda pair: (-pair.decisions, pair.one, pair.other)))


def _kept(pairs: Sequence[Pair], side: str, most: int) -> frozenset[str]:
    totals = _totals(pairs, side)
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    return frozenset(ranked if len(ranked) <= most + 1 else ranked[:most])


def _totals(pairs: Sequence[Pair], side: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for pair in pairs:
        totals[getattr(pair, side)] = totals.get(getattr(pair, side), 0) + pair.decisions
    return totals


@dataclass(slots=True)
class _Box:
    """One name of a column: its top, its height, and how far down bands have come in and gone out."""

    top: float
    height: float
    entered: float = 0.0
    left: float = 0.0


def paint(pairs: Sequence[Pair], heads: Sequence[str], title: str, caption: str) -> Figure:
    """Paint a flow; bands keep the colour of their decision all the way."""
    names = max(len({p.one for p in pairs}), len({p.other for p in pairs}), 3)
    figure, bottom, top = begun(max(3.4, 0.52 * names) + 0.5, title, caption)
    if not pairs:
        return figure
    axes = figure.add_axes((0.0, bottom, 1.0, top - bottom))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(1.0, -0.075)
    whole = sum(pair.decisions for pair in pairs)
    ones, others = (_boxes(_totals(pairs, side), whole) for side in ("one", "other"))
    overturned = sum(pair.overturned for pair in pairs)
    ends = _boxes({"overturned": overturned, "upheld": whole - overturned}, whole, spread=True)
    _bands(axes, pairs, (ones, others, ends), whole)
    for x, boxes, side, head in zip(_COLUMNS, (ones, others, ends), ("right", "right", "left"), heads, strict=True):
        _names(axes, x, boxes, whole, side)
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


def _bands(axes: Axes, pairs: Sequence[Pair], columns: Sequence[dict[str, _Box]], whole: int) -> None:
    ones, others, ends = columns
    scale = _scale(whole)
    row = {name: n for n, name in enumerate(ones)}
    column = {name: n for n, name in enumerate(others)}
    parts = [
        (pair, decision, count * scale)
        for pair in pairs
        for decision, count in (("overturned", pair.overturned), ("upheld", pair.decisions - pair.overturned))
        if count
    ]
    # Bands leave a box in the order of where they go and enter it in the order of where they come from.
    started = {}
    for pair, decision, height in sorted(parts, key=lambda p: (row[p[0].one], column[p[0].other], p[1])):
        box = ones[pair.one]
        started[pair, decision] = box.top + box.left
        box.left += height
    for pair, decision, height in sorted(parts, key=lambda p: (column[p[0].other], p[1], row[p[0].one])):
        middle, end = others[pair.other], ends[decision]
        y = middle.top + middle.entered
        middle.entered += height
        _band(axes, (_COLUMNS[0] + _BOX, _COLUMNS[1]), (started[pair, decision], y), height, _COLOURS[decision])
        _band(axes, (_COLUMNS[1] + _BOX, _COLUMNS[2]), (y, end.top + end.entered), height, _COLOURS[decision])
        end.entered += height


def _band(axes: Axes, x: tuple[float, float], y: tuple[float, float], height: float, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle = (x[0] + x[1]) / 2
    points = [
        (x[0], y[0]), (middle, y[0]), (middle, y[1]), (x[1], y[1]),
        (x[1], y[1] + height), (middle, y[1] + height), (middle, y[0] + height), (x[0], y[0] + height), (x[0], y[0]),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.42, linewidth=0))


def _names(axes: Axes, x: float, boxes: Mapping[str, _Box], whole: int, side: str) -> None:
    from matplotlib.patches import Rectangle

    last = -1.0
    for name, box in boxes.items():
        axes.add_patch(Rectangle((x, box.top), _BOX, box.height, facecolor=_COLOURS.get(name, SOFT), linewidth=0))
        count = round(box.height / _scale(whole))
        at = max(box.top + box.height / 2, last + 0.033)  # names of thin boxes move down rather than onto each other
        last = at
        text = f"{short(name, 33)} · {count:,}" if side == "right" else f"{name}\n{count:,} ({count / whole:.0%})"
        where = x - 0.008 if side == "right" else x + _BOX + 0.008
        # Bands run behind the names of the middle column.
        behind = {"facecolor": PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1.2}
        axes.text(where, at, text, ha=side, va="center", fontsize=9.5, color=INK, bbox=behind)
