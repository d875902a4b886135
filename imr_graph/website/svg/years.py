"""Decisions year by year as a drawing: the overturned share with its interval above, the number of decisions below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["Drawing", "Tick", "Year", "drawn"]

WIDTH: Final = 520
_LEFT, _RIGHT, _TOP = 46, 8, 12
_SHARES, _GAP, _COUNTS, _NAMES = 120, 26, 46, 22  # heights of the parts
_FLOOR: Final = _TOP + _SHARES + _GAP + _COUNTS
_STEPS: Final = (0.1, 0.2, 0.25, 0.5, 1.0)  # where the scale of shares may end
_WIDEST: Final = 54  # of a year


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale of shares: its place and what it says."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Year:
    """One year: the middle of its column, the places of share and bounds, its bar, and whether it has few decisions."""

    label: str
    x: float
    share: float
    low: float
    high: float
    bar: float
    height: float
    width: float
    decisions: int
    small: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing by coordinates: nothing in it is to be computed any more."""

    width: int
    height: int
    left: int
    floor: float
    ticks: tuple[Tick, ...]
    years: tuple[Year, ...]
    line: str


def drawn(groups: Sequence[RateGroup]) -> Drawing | None:
    """Return the drawing of groups by year, in their order; None where it would show nothing: for fewer than two.

    The scale ends at the step above the highest share, or above the highest bound of years that have 30 decisions.
    """
    if len(groups) < 2:
        return None
    end = _end(groups)
    column = min(_WIDEST, (WIDTH - _LEFT - _RIGHT) / len(groups))
    most = max(each.decisions for each in groups)
    years = tuple(_year(each, place, column, end, most) for place, each in enumerate(groups))
    ticks = tuple(Tick(_y(end * part, end), f"{100 * end * part:g} %") for part in (0.0, 0.5, 1.0))
    line = " ".join(f"{year.x},{year.share}" for year in years)
    return Drawing(WIDTH, _FLOOR + _NAMES, _LEFT, _FLOOR, ticks, years, line)


def _year(of: RateGroup, place: int, column: float, end: float, most: int) -> Year:
    height = max(1.0, _COUNTS * of.decisions / most)
    return Year(
        of.values[0].label,
        _r(_LEFT + column * (place + 0.5)),
        _y(of.share, end),
        _y(of.low, end),
        _y(of.high, end),
        _r(_FLOOR - height),
        _r(height),
        _r(column * 0.6),
        of.decisions,
        of.small,
    )


def _end(groups: Sequence[RateGroup]) -> float:
    highest = max(each.share if each.small else max(each.share, min(each.high, 1.0)) for each in groups)
    return next((step for step in _STEPS if step >= highest - 1e-9), 1.0)


def _y(share: float, end: float) -> float:
    return _r(_TOP + _SHARES * (1 - min(share, end) / end))


def _r(value: float) -> float:
    return math.floor(value * 10 + 0.5) / 10
