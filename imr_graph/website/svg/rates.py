"""The geometry of charts that pages draw as SVG: shares as bars and over years, with intervals.

What is across is in percent of the drawing's width, so that text keeps its size on every screen; what is down is in
pixels from the top.

>>> [tick.label for tick in ticks(ceiling([0.12, 0.28]))]
['0 %', '10 %', '20 %', '30 %']
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["Bar", "Bars", "Course", "Point", "Tick", "bars", "ceiling", "course", "ticks"]

_HEIGHT: Final = 220.0
_TOP: Final = 12.0
_LEFT: Final = 11.0  # percent of the width that the scale takes
_RIGHT: Final = 3.0  # percent that the last label needs on a phone
_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_TICKS: Final = 5
_FEW_LABELS: Final = 7  # labels that fit below a chart on a phone


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of a scale: where it is and what it says."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A share as a bar, all in percent of the scale; `beyond` says that its interval ends beyond the scale."""

    group: RateGroup
    length: float
    low: float
    high: float
    beyond: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars on one scale, which ends at `top`."""

    bars: tuple[Bar, ...]
    top: float


@dataclass(frozen=True, slots=True)
class Point:
    """A share in one year: how far across, how far down, and the ends of its interval."""

    group: RateGroup
    label: str
    across: float
    down: float
    low: float
    high: float
    minor: bool


@dataclass(frozen=True, slots=True)
class Course:
    """Shares over years: points, the ticks of the scale, the band of the intervals as points of a polygon.

    The polygon and `line` are drawn in a box of 100 by `height`.
    """

    points: tuple[Point, ...]
    ticks: tuple[Tick, ...]
    band: str
    line: str
    height: float


def ceiling(shares: Iterable[float]) -> float:
    """Return where a scale ends that begins at 0 and holds all shares: a whole number of steps, at most 1."""
    highest = max(shares, default=0.0) or 0.1
    step = _step(highest)
    return min(1.0, math.ceil(round(highest / step, 6)) * step)


def ticks(top: float) -> tuple[Tick, ...]:
    """Return the ticks of a scale from 0 to `top`, placed between 0 and 1."""
    step = _step(top)
    return tuple(Tick(n * step / top, f"{100 * n * step:.0f} %") for n in range(round(top / step) + 1))


def bars(groups: Sequence[RateGroup]) -> Bars:
    """Return groups of decisions as bars on one scale.

    A small group's interval may go beyond the scale, which the shares and the intervals of larger groups set.
    """
    top = ceiling([group.share if group.small else group.high for group in groups])
    return Bars(tuple(_bar(group, top) for group in groups), top)


def course(groups: Sequence[RateGroup]) -> Course:
    """Return groups of decisions by year as points over time; groups without a year are left out."""
    dated = sorted((g for g in groups if g.values[-1].id is not None), key=lambda g: g.values[-1].label)
    top = ceiling([group.share if group.small else group.high for group in dated])
    points = tuple(_point(n, len(dated), group, top) for n, group in enumerate(dated))
    band = [(p.across, p.low) for p in points] + [(p.across, p.high) for p in reversed(points)]
    scale = tuple(Tick(_down(tick.place), tick.label) for tick in ticks(top))
    return Course(points, scale, _polygon(band), _polygon([(p.across, p.down) for p in points]), _HEIGHT)


def _bar(of: RateGroup, top: float) -> Bar:
    return Bar(of, 100 * of.share / top, 100 * of.low / top, min(100.0, 100 * of.high / top), of.high > top)


def _point(n: int, of: int, group: RateGroup, top: float) -> Point:
    across = _LEFT + (n + 0.5) / of * (100 - _LEFT - _RIGHT)
    minor = of > _FEW_LABELS and (of - 1 - n) % 2 == 1
    low, share, high = (_down(min(1.0, value / top)) for value in (group.low, group.share, group.high))
    return Point(group, group.values[-1].label, round(across, 2), share, low, high, minor)


def _down(place: float) -> float:
    return round(_TOP + (1 - place) * (_HEIGHT - 2 * _TOP), 2)


def _polygon(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{across:g},{down:g}" for across, down in points)


def _step(top: float) -> float:
    return next((step for step in _STEPS if top / step <= _MOST_TICKS), _STEPS[-1])
