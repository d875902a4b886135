"""The charts of figures as pages draw them: shares or amounts as bars, shares over time, or rows and columns.

What is across is in percent of the drawing's width, so that text keeps its size on every screen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from imr_graph.analysis.charts.figure_charts import rates_as_groups
from imr_graph.analysis.charts.style import PERIODS
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.comparison import Comparison, divide
from imr_graph.analysis.statistics.overturn_rates import OverturnRates, RateGroup
from imr_graph.analysis.statistics.reason_rates import ReasonRate
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.svg.periods import PeriodChart, draw_periods, scale_end

__all__ = ["Bar", "BarChart", "ChartSet", "Matrix", "MatrixCell", "draw_bars", "draw_charts", "draw_matrix"]

_BARS: Final = 15
_ROWS: Final = 20  # of a matrix
_COLUMNS: Final = 10
_YEARS: Final = 16
_TONES: Final = 6


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


def draw_bars(groups: Sequence[RateGroup], name: str, caption: str, count: str = "Decided", note: str = "") -> BarChart:
    """Return the shares of groups of decisions as bars on one scale.

    A small group's interval may go beyond the scale (`scale_end`), and is then marked.
    """
    top = scale_end(groups)
    return BarChart(tuple(_bar(group, top) for group in groups), name, caption, count=count, top=top, note=note)


def _bar(of: RateGroup, top: float) -> Bar:
    low, length, high = (100 * share / top for share in (of.low, of.share, of.high))
    text = f"{of.share:.1%}"
    return Bar(of.values, text, length, low, min(100.0, high), of.high > top + 1e-9, of.decisions, of.small)


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One pair of values with its decisions; `tone` is 0 for the lowest share drawn, and grows with it."""

    group: RateGroup
    tone: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """The values with the most decisions, of each dimension, and the cells where they meet (None: no decision)."""

    columns: tuple[Value, ...]
    rows: tuple[tuple[Value, tuple[MatrixCell | None, ...]], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ChartSet:
    """What is drawn of a figure; `periods` have the name of what each is of, and `titles` head the matrix."""

    bars: tuple[BarChart, ...] = ()
    periods: tuple[tuple[str, PeriodChart], ...] = ()
    matrix: Matrix | None = None
    titles: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is a chart."""
        return bool(self.bars or self.periods or self.matrix)


def draw_charts(found: Any, unit: str = "Items") -> ChartSet:
    """Return the charts of what a figure has found; none where it has none. `unit` heads what shares count."""
    if isinstance(found, OverturnRates):
        return _draw_shares(found, unit)
    if isinstance(found, Comparison):
        return _draw_comparison(found, unit)
    if isinstance(found, tuple) and found and isinstance(found[0], ReasonRate) and found[0].value is None:
        return _draw_reasons(found)
    return ChartSet()


def _draw_shares(found: OverturnRates, unit: str) -> ChartSet:
    titles = tuple(DIMENSIONS[name].title for name in found.by)
    if len(titles) == 2:
        return ChartSet(matrix=draw_matrix(found.groups) if found.groups else None, titles=titles)
    if found.by and found.by[0] in PERIODS:
        chart = draw_periods(found.groups)
        return ChartSet(periods=(("", chart),) if chart else ())
    if not titles or len(found.groups) < 2:
        return ChartSet()
    shown = found.groups[:_BARS]
    return ChartSet((draw_bars(shown, titles[0], f"Share overturned: the {len(shown)} largest groups", unit),))


def _draw_comparison(found: Comparison, unit: str) -> ChartSet:
    if not found.values:
        return ChartSet()
    title = DIMENSIONS[found.of].title
    bars = (draw_bars([each.figures for each in found.values], title, "Share overturned, side by side", unit),)
    groups = tuple(divide(found))
    if found.by in PERIODS:
        charts = ((each.value.label, draw_periods(each.groups, groups)) for each in found.values)
        return ChartSet(bars, tuple((label, chart) for label, chart in charts if chart))
    if found.by is None or not groups:
        return ChartSet(bars)
    turned = [replace(group, values=group.values[::-1]) for group in groups]
    columns = tuple(each.value for each in found.values)
    return ChartSet(bars, matrix=draw_matrix(turned, columns), titles=(DIMENSIONS[found.by].title, title))


def _draw_reasons(found: tuple[ReasonRate, ...]) -> ChartSet:
    """Return bars of the reasons of upheld and of overturned decisions."""
    bars = []
    for decision in ("upheld", "overturned"):
        if groups := rates_as_groups(found, decision):
            size, cases = groups[0].decisions, groups[0].cases
            caption = f"Share of the {size:,} {decision} decisions in {cases:,} cases that give a reason"
            bars.append(draw_bars(groups[:_BARS], "Reason", caption, "Of"))
    return ChartSet(tuple(bars))


def draw_matrix(groups: Sequence[RateGroup], columns: tuple[Value, ...] = ()) -> Matrix:
    """Return groups by two dimensions as a matrix of the values with the most decisions.

    Years are in their order, other values by their decisions; `columns` are those of the second dimension where they
    are given.
    """
    down, across = _heaviest(groups, 0, _ROWS), columns or _heaviest(groups, 1, _COLUMNS)
    found = {group.values: group for group in groups}
    highest = max((g.share for g in groups if not g.small), default=0.0) or 1.0

    def cell(one: Value, other: Value) -> MatrixCell | None:
        group = found.get((one, other))
        return MatrixCell(group, min(_TONES - 1, int(group.share / highest * _TONES))) if group else None

    rows = tuple((one, tuple(cell(one, other) for other in across)) for one in down)
    drawn = sum(1 for _, cells in rows for each in cells if each)
    return Matrix(across, rows, len(groups) - drawn)


def _heaviest(groups: Iterable[RateGroup], place: int, most: int) -> tuple[Value, ...]:
    totals: Counter[Value] = Counter()
    for group in groups:
        totals[group.values[place]] += group.decisions
    years = all(value.id is None or value.label[:4].isdigit() for value in totals)
    ranked = sorted(totals, key=lambda value: (value.id is None, -totals[value], value.label))
    if not years:
        return tuple(ranked[:most])
    return tuple(sorted(ranked[: max(most, _YEARS)], key=lambda value: (value.id is None, value.label)))
