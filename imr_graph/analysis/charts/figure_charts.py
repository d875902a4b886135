"""The chart of a figure of statistics, where it has one: bars, lines over time, a heat map or a flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from imr_graph.analysis.charts.charts import Chart, bars, flow, heatmap, lines
from imr_graph.analysis.charts.style import PERIODS
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.comparison import UNCOMPARED, Comparison, divide
from imr_graph.analysis.statistics.figures import Figure, FigureRequest
from imr_graph.analysis.statistics.overturn_rates import OverturnRates, RateGroup, overturn_rates
from imr_graph.analysis.statistics.reason_rates import ReasonRate
from imr_graph.errors import UsageError
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["draw_as", "draw_figure", "rates_as_groups", "title_of"]


def draw_figure(figure: Figure, found: Any, about: str = "") -> Chart:
    """Return the chart of what a figure has found; `about` are sentences for its caption, a line each.

    Raises UsageError for a figure that has no chart.
    """
    if figure.name not in _CHARTS:
        raise UsageError(f"There is no chart of {figure.name!r}, only of {', '.join(_CHARTS)}: take the numbers.")
    return _CHARTS[figure.name](found, title_of(figure, found), about)


def draw_as(form: str, figure: Figure, table: Table, request: FigureRequest, about: str) -> Chart:
    """Return the chart of a form (bars, lines, heatmap, flow) that a figure has for a request.

    Raises UsageError where reasons have no chart of this form, or shares would say nothing.
    """
    if figure.name != "reasons":
        return _FORMS[form](table, request, about)
    own = "heatmap" if request.by else "bars"
    if form != own:
        raise UsageError(f"Reasons by {request.one or 'themselves'} are drawn as --chart {own}, not as {form}.")
    return draw_figure(figure, figure.compute(table, request), about)


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


def _draw_bars(table: Table, request: FigureRequest, about: str) -> Chart:
    by = request.one or "treatment"
    title = f"Overturned decisions by {_with_spaces(by)}"
    return bars(_find_groups(table, request, by), title=title, about=about, most=request.limit)


def _draw_lines(table: Table, request: FigureRequest, about: str) -> Chart:
    period = next((name for name in request.by if name in PERIODS), "year")
    by = next((name for name in request.by if name not in PERIODS), None)
    groups = _find_groups(table, request, *((by, period) if by else (period,)))
    title = f"Overturned decisions by {period}" + (f" and {_with_spaces(by)}" if by else "")
    return lines(groups, title=title, about=about)


def _draw_heatmap(table: Table, request: FigureRequest, about: str) -> Chart:
    by = request.by if len(request.by) == 2 else ("treatment", "guideline")
    title = f"Overturned decisions by {_with_spaces(by[0])} and {_with_spaces(by[1])}"
    return heatmap(_find_groups(table, request, *by), title=title, about=about)


def _draw_flow(table: Table, request: FigureRequest, about: str) -> Chart:
    groups = _find_groups(table, request, "denial-guideline", "guideline")
    return flow(groups, title="From the denial's guideline to the reviewer's to the decision", about=about)


def _find_groups(table: Table, request: FigureRequest, *by: str) -> tuple[RateGroup, ...]:
    if without := UNCOMPARED.intersection(by):
        raise UsageError(f"Shares by {min(without)} would be 0 or 100%: draw another dimension, or leave --chart out.")
    return overturn_rates(table, by, filters=request.filters, minimum=request.minimum).groups


def _with_spaces(name: str) -> str:
    return name.replace("-", " ")


_FORMS: Final[Mapping[str, Callable[[Table, FigureRequest, str], Chart]]] = {
    "bars": _draw_bars,
    "lines": _draw_lines,
    "heatmap": _draw_heatmap,
    "flow": _draw_flow,
}
