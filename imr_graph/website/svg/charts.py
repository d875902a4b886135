"""The geometry of charts that pages draw as SVG: shares or amounts as bars, and shares over years.

What is across is in percent of the drawing's width, so that text keeps its size on every screen; what is down is in
pixels from the top.

>>> [tick.label for tick in ticks(ceiling([0.12, 0.28]))]
['0%', '10%', '20%', '30%']
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["Bar", "BarChart", "YearChart", "YearPoint", "ceiling", "draw_bars", "draw_years", "ticks"]

_TOP: Final = 12.0
_FLOOR: Final = 190.0  # where the share is 0
_FOOT: Final = 244.0  # where the bars of the numbers stand
_HIGHEST: Final = 40.0  # of these bars
_NAMES: Final = 22.0  # for the names of the years
_LEFT: Final = 11.0  # percent of the width that the scale takes
_RIGHT: Final = 3.0  # percent that the last label needs on a phone
_WIDEST: Final = 8.0  # percent, of a bar
_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_TICKS: Final = 5
_FEW_LABELS: Final = 7  # labels that fit below a chart on a phone


@dataclass(frozen=True, slots=True)
class ScaleTick:
    """A mark of a scale: where it is and what it says."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, all lengths in percent of the scale: what it is of, and what `text` says it is.

    A share has an interval (`low`, `high`; `beyond` where it ends beyond the scale) and the number it is a share of.
    """

    values: tuple[Value, ...]
    text: str
    length: float
    low: float | None = None
    high: float = 0.0
    beyond: bool = False
    decisions: int = 0
    small: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars on one scale.

    `name` heads what the bars are of, `measure` what they show, and `count` what a share counts; `top` is the share at
    which the scale ends, None where the bars are no shares.
    """

    bars: tuple[Bar, ...]
    name: str
    caption: str
    measure: str = "Share"
    count: str = "Decided"
    top: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One year: the point of its share and the ends of its interval, the left edge of its bar and its height."""

    group: RateGroup
    label: str
    across: float
    left: float
    down: float
    low: float
    high: float
    amount: float
    minor: bool


@dataclass(frozen=True, slots=True)
class YearChart:
    """OverturnRates over years, and below them how many were decided.

    `band` (of the intervals) and `line` are polygons in a box of 100 by `floor`; bars are `width` wide and stand on
    `foot`.
    """

    points: tuple[YearPoint, ...]
    ticks: tuple[ScaleTick, ...]
    band: str
    line: str
    width: float
    floor: float = _FLOOR
    foot: float = _FOOT
    height: float = _FOOT + _NAMES


def ceiling(shares: Iterable[float]) -> float:
    """Return where a scale ends that begins at 0 and holds all shares: a whole number of steps, at most 1."""
    highest = max(shares, default=0.0) or 0.1
    step = _step(highest)
    return min(1.0, math.ceil(round(highest / step, 6)) * step)


def ticks(top: float) -> tuple[ScaleTick, ...]:
    """Return the ticks of a scale from 0 to `top`, placed between 0 and 1."""
    step = _step(top)
    return tuple(ScaleTick(n * step / top, f"{100 * n * step:.0f}%") for n in range(round(top / step) + 1))


def draw_bars(groups: Sequence[RateGroup], name: str, caption: str, count: str = "Decided", note: str = "") -> BarChart:
    """Return the shares of groups of decisions as bars on one scale.

    A small group's interval may go beyond the scale, which the shares and the intervals of larger groups set.
    """
    top = _top(groups)
    return BarChart(tuple(_bar(group, top) for group in groups), name, caption, count=count, top=top, note=note)


def draw_years(groups: Sequence[RateGroup]) -> YearChart | None:
    """Return groups of decisions by year as a chart; None for fewer than two years.

    Groups without a year are left out; months are drawn likewise.
    """
    dated = sorted((g for g in groups if g.values[-1].id is not None), key=lambda g: g.values[-1].label)
    if len(dated) < 2:
        return None
    top, most = _top(dated), max(group.decisions for group in dated)
    column = (100 - _LEFT - _RIGHT) / len(dated)
    width = round(min(_WIDEST, column * 0.6), 2)
    points = tuple(_point(n, len(dated), group, top, most, column, width) for n, group in enumerate(dated))
    band = [(p.across, p.low) for p in points] + [(p.across, p.high) for p in reversed(points)]
    scale = tuple(ScaleTick(_down(tick.place), tick.label) for tick in ticks(top))
    return YearChart(points, scale, _polygon(band), _polygon([(p.across, p.down) for p in points]), width)


def _top(groups: Sequence[RateGroup]) -> float:
    return ceiling([group.share if group.small else group.high for group in groups])


def _bar(of: RateGroup, top: float) -> Bar:
    low, length, high = (100 * share / top for share in (of.low, of.share, of.high))
    text = f"{of.share:.1%}"
    return Bar(of.values, text, length, low, min(100.0, high), of.high > top, of.decisions, of.small)


def _point(n: int, count: int, group: RateGroup, top: float, most: int, column: float, width: float) -> YearPoint:
    across = _LEFT + (n + 0.5) * column
    low, share, high = (_down(min(1.0, value / top)) for value in (group.low, group.share, group.high))
    return YearPoint(
        group,
        label=group.values[-1].label,
        across=round(across, 2),
        left=round(across - width / 2, 2),
        down=share,
        low=low,
        high=high,
        amount=round(max(1.0, _HIGHEST * group.decisions / most), 1),
        minor=count > _FEW_LABELS and (count - 1 - n) % 2 == 1,
    )


def _down(place: float) -> float:
    return round(_TOP + (1 - place) * (_FLOOR - _TOP), 2)


def _polygon(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{across:g},{down:g}" for across, down in points)


def _step(top: float) -> float:
    return next((step for step in _STEPS if top / step <= _MOST_TICKS), _STEPS[-1])
