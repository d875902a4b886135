"""Shares over time as SVG: an axis on which years or months have their true distance, and gaps where nothing was.

What is across is in percent of the drawing's width, what is down in pixels from the top, so that text keeps its size on
every screen. All charts of shares have the scale of this module.

>>> [tick.label for tick in ticks(ceiling([0.12, 0.28]))]
['0%', '10%', '20%', '30%']
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from imr_graph.analysis.charts.style import named_periods, period_number
from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["PeriodChart", "PeriodLabel", "PeriodPoint", "ScaleTick", "ceiling", "draw_periods", "scale_end", "ticks"]

_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_TICKS: Final = 5
_MOST_STRETCH: Final = 2  # of a scale, by the intervals of small groups
_TOP: Final = 24.0  # room for the marks of intervals that leave the scale
_FLOOR: Final = 190.0  # where the share is 0
_FOOT: Final = 244.0  # where the bars of the numbers stand
_HIGHEST: Final = 40.0  # of these bars
_NAMES: Final = 22.0  # for the names of the periods
_LEFT: Final = 11.0  # percent of the width that the scale takes
_RIGHT: Final = 3.0  # percent that the last label needs on a phone
_WIDEST: Final = 8.0  # percent, of a bar
_NARROWEST: Final = 0.15
_MOST_LABELS: Final = 12
_FEW_LABELS: Final = 6  # labels that fit below a chart on a phone


@dataclass(frozen=True, slots=True)
class ScaleTick:
    """A mark of a scale: where it is and what it says."""

    place: float
    label: str


def ceiling(shares: Iterable[float]) -> float:
    """Return where a scale ends that begins at 0 and holds all shares: a whole number of steps, at most 1."""
    highest = max(shares, default=0.0) or 0.1
    step = _step(highest)
    return min(1.0, math.ceil(round(highest / step, 6)) * step)


def ticks(top: float) -> tuple[ScaleTick, ...]:
    """Return the ticks of a scale from 0 to `top`, placed between 0 and 1."""
    step = _step(top)
    return tuple(ScaleTick(n * step / top, f"{100 * n * step:.0f}%") for n in range(round(top / step) + 1))


def scale_end(groups: Sequence[RateGroup]) -> float:
    """Return where a scale ends that holds all shares and intervals, unless small groups would more than double it.

    It then holds the intervals of larger groups only.
    """
    whole = ceiling(group.high for group in groups)
    large = [group.high for group in groups if not group.small]
    narrow = ceiling([*large, *(group.share for group in groups)])
    return narrow if large and whole > _MOST_STRETCH * narrow else whole


def _step(top: float) -> float:
    return next((step for step in _STEPS if top / step <= _MOST_TICKS), _STEPS[-1])


@dataclass(frozen=True, slots=True)
class PeriodPoint:
    """One year or month: its share and the ends of its interval, the left edge of its bar and its height.

    `beyond` says that the interval ends above the scale.
    """

    group: RateGroup
    label: str
    across: float
    left: float
    down: float
    low: float
    high: float
    amount: float
    beyond: bool


class PeriodLabel(NamedTuple):
    """A name below the axis, and where it stands; a `minor` one is left out on a phone."""

    text: str
    across: float
    minor: bool


@dataclass(frozen=True, slots=True)
class PeriodChart:
    """Overturned shares over time, and below them how many were decided.

    `bands` (of the intervals) and `lines` are polygons in a box of 100 by `floor`, one for each run of periods without
    a gap; bars are `width` wide and stand on `foot`. `undated` counts the decisions that have no place on the axis.
    """

    points: tuple[PeriodPoint, ...]
    ticks: tuple[ScaleTick, ...]
    labels: tuple[PeriodLabel, ...]
    bands: tuple[str, ...]
    lines: tuple[str, ...]
    width: float
    undated: int
    gaps: bool
    floor: float = _FLOOR
    foot: float = _FOOT
    height: float = _FOOT + _NAMES

    @property
    def beyond(self) -> bool:
        """Whether any interval ends above the scale."""
        return any(point.beyond for point in self.points)


class _Axis(NamedTuple):
    """The periods from `first` to `last`, and the share and the number that the scales end at."""

    first: int
    last: int
    top: float
    most: int

    @property
    def column(self) -> float:
        return (100 - _LEFT - _RIGHT) / (self.last - self.first + 1)

    @property
    def width(self) -> float:
        return round(max(_NARROWEST, min(_WIDEST, self.column * 0.6)), 2)

    def across(self, period: int) -> float:
        return round(_LEFT + (period - self.first + 0.5) * self.column, 2)

    def down(self, share: float) -> float:
        return round(_TOP + (1 - min(1.0, share / self.top)) * (_FLOOR - _TOP), 2)


def draw_periods(
    groups: Sequence[RateGroup], beside: Sequence[RateGroup] = (), *, undated: int = 0
) -> PeriodChart | None:
    """Return groups of decisions by year or by month as a chart; None for fewer than two periods.

    Each period stands where it belongs, so that one without decisions is a gap; groups without a period are counted as
    undated, `undated` more with them. `beside` are the groups of charts that stand beside this one and share its axes.
    """
    dated = {number: group for group in groups if (number := period_number(group)) is not None}
    every = {number: group for group in (*groups, *beside) if (number := period_number(group)) is not None}
    if not dated or len(every) < 2:
        return None
    everywhere = [group for group in (*groups, *beside) if period_number(group) is not None]
    most = max(group.decisions for group in everywhere)
    axis = _Axis(min(every), max(every), scale_end(everywhere), most)
    points = {number: _point(axis, number, dated[number]) for number in sorted(dated)}
    runs = tuple(_runs(sorted(points)))
    return PeriodChart(
        points=tuple(points.values()),
        ticks=tuple(ScaleTick(axis.down(tick.place * axis.top), tick.label) for tick in ticks(axis.top)),
        labels=tuple(_labels(axis)),
        bands=tuple(_band([points[number] for number in run], axis.width) for run in runs),
        lines=tuple(_polygon((points[n].across, points[n].down) for n in run) for run in runs if len(run) > 1),
        width=axis.width,
        undated=undated + sum(group.decisions for group in groups if period_number(group) is None),
        gaps=len(runs) > 1,
    )


def _point(axis: _Axis, number: int, group: RateGroup) -> PeriodPoint:
    across = axis.across(number)
    return PeriodPoint(
        group,
        label=group.values[-1].label,
        across=across,
        left=round(across - axis.width / 2, 2),
        down=axis.down(group.share),
        low=axis.down(group.low),
        high=axis.down(group.high),
        amount=round(max(1.0, _HIGHEST * group.decisions / axis.most), 1),
        beyond=group.high > axis.top + 1e-9,
    )


def _labels(axis: _Axis) -> Iterator[PeriodLabel]:
    named = list(named_periods(axis.first, axis.last, _MOST_LABELS))
    for n, (number, text) in enumerate(named):
        yield PeriodLabel(text, axis.across(number), len(named) > _FEW_LABELS and (len(named) - 1 - n) % 2 == 1)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers in runs that follow on each other without a gap."""
    run = list(numbers[:1])
    for one, next_one in pairwise(numbers):
        if next_one != one + 1:
            yield run
            run = []
        run.append(next_one)
    yield run


def _band(points: Sequence[PeriodPoint], width: float) -> str:
    """Return the band of a run; that of a single period is as wide as its bar."""
    if len(points) == 1:
        only = points[0]
        left, right = only.left, round(only.left + width, 2)
        return _polygon([(left, only.low), (right, only.low), (right, only.high), (left, only.high)])
    return _polygon([*((p.across, p.low) for p in points), *((p.across, p.high) for p in reversed(points))])


def _polygon(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{across:g},{down:g}" for across, down in points)
