"""The chart of a figure of statistics, where it has one: bars, lines over time, or a heat map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from imr_graph.analysis.charts.charts import Chart, bars, heatmap, lines
from imr_graph.analysis.charts.style import PERIODS
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.comparison import Comparison, divide
from imr_graph.analysis.statistics.figures import Figure
from imr_graph.analysis.statistics.overturn_rates import OverturnRates, RateGroup
from imr_graph.analysis.statistics.reason_rates import ReasonRate
from imr_graph.errors import UsageError
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["draw_figure", "rates_as_groups", "title_of"]


def draw_figure(figure: Figure, found: Any, about: str = "") -> Chart:
    """Return the chart of what a figure has found; `about` are sentences for its caption, a line each.

    Raises UsageError for a figure that has no chart.
    """
    if figure.name not in _CHARTS:
        raise UsageError(f"There is no chart of {figure.name!r}, only of {', '.join(_CHARTS)}: take the numbers.")
    return _CHARTS[figure.name](found, title_of(figure, found), about)


def title_of(figure: Figure, found: Any) -> str:
    """Return what heads the chart of what a figure has found."""
    if isinstance(found, OverturnRates):
        names = [DIMENSIONS[name].title.lower() for name in found.by]
        return f"Share overturned by {' and '.join(names)}" if names else "Share overturned"
    if isinstance(found, Comparison):
        by = f", by {DIMENSIONS[found.by].title.lower()}" if found.by else ""
        return f"Share overturned: {', '.join(each.value.label for each in found.values)}{by}"
    return figure.title


def rates_as_groups(found: tuple[ReasonRate, ...], decision: str) -> list[RateGroup]:
    """Return how often reasons are given for one decision as groups, whose share is that of the decisions.

    Their values are the reason and, where decisions are divided by a dimension, its value.
    """
    return [
        RateGroup(
            (r.reason, r.value) if r.value else (r.reason,),
            r.decisions, r.given, r.all_cases, r.share, r.low, r.high, r.small,
        )
        for r in found
        if r.decision == decision
    ]  # fmt: skip


def _draw_shares(found: OverturnRates, title: str, about: str) -> Chart:
    if len(found.by) == 2:
        return heatmap(found.groups, title=title, about=about)
    over_time = bool(found.by) and found.by[0] in PERIODS
    return (lines if over_time else bars)(found.groups, title=title, about=about)


def _draw_comparison(found: Comparison, title: str, about: str) -> Chart:
    if found.by is None:
        return bars([each.figures for each in found.values], title=title, about=about)
    groups = list(divide(found))
    if found.by in PERIODS:
        return lines(groups, title=title, about=about, most=len(found.values))
    return heatmap([replace(g, values=g.values[::-1]) for g in groups], title=title, about=about)


def _draw_reasons(found: tuple[ReasonRate, ...], title: str, about: str) -> Chart:
    """Return bars of the reasons of both decisions, or a heat map of reasons by the values of another dimension."""
    groups = [
        replace(g, values=(Value(g.values[0].id, f"{g.values[0].label} ({decision})"), *g.values[1:]))
        for decision in ("upheld", "overturned")
        for g in rates_as_groups(found, decision)
    ]
    if any(len(group.values) == 2 for group in groups):
        return heatmap(groups, title=title, about=about, counted="given")
    return bars(groups, title=title, about=about, counted="given")


_CHARTS: Final[Mapping[str, Callable[[Any, str, str], Chart]]] = {
    "shares": _draw_shares,
    "comparison": _draw_comparison,
    "reasons": _draw_reasons,
}
