"""The geometry of charts that pages draw as SVG: scales of shares, and shares or amounts as bars.

What is across is in percent of the drawing's width, so that text keeps its size on every screen.

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

__all__ = ["Bar", "BarChart", "ScaleTick", "ceiling", "draw_bars", "scale_end", "ticks"]

_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_TICKS: Final = 5
_MOST_STRETCH: Final = 2  # of a scale, by the intervals of small groups


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

    @property
    def beyond(self) -> bool:
        """Whether any interval ends beyond the scale."""
        return any(bar.beyond for bar in self.bars)


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

    A small group's interval may go beyond the scale (`scale_end`), and is then marked.
    """
    top = scale_end(groups)
    return BarChart(tuple(_bar(group, top) for group in groups), name, caption, count=count, top=top, note=note)


def scale_end(groups: Sequence[RateGroup]) -> float:
    """Return where a scale ends that holds all shares and intervals, unless small groups would more than double it.

    It then holds the intervals of larger groups only.
    """
    whole = ceiling(group.high for group in groups)
    large = [group.high for group in groups if not group.small]
    narrow = ceiling([*large, *(group.share for group in groups)])
    return narrow if large and whole > _MOST_STRETCH * narrow else whole


def _bar(of: RateGroup, top: float) -> Bar:
    low, length, high = (100 * share / top for share in (of.low, of.share, of.high))
    text = f"{of.share:.1%}"
    return Bar(of.values, text, length, low, min(100.0, high), of.high > top + 1e-9, of.decisions, of.small)


def _step(top: float) -> float:
    return next((step for step in _STEPS if top / step <= _MOST_TICKS), _STEPS[-1])
