"""The chart of a query's answer where one makes sense: shares as bars or over years, or plain numbers as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.queries.library import ChartColumns
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.website.query_results import AnswerCell, AnswerRows
from imr_graph.website.svg.charts import Bar, BarChart, draw_bars
from imr_graph.website.svg.periods import PeriodChart, draw_periods

__all__ = ["QueryChart", "draw_query"]

_MOST: Final = 12  # bars
_LONGEST: Final = 90  # characters of a label


@dataclass(frozen=True, slots=True)
class QueryChart:
    """A chart of bars, or of shares over years; `title` says what it shows."""

    title: str
    bars: BarChart | None = None
    years: PeriodChart | None = None


def draw_query(found: AnswerRows, chart: ChartColumns | None) -> QueryChart | None:
    """Return the chart of the rows that are shown, as the question's header describes it; None where it has none.

    Shares have Wilson intervals, as those of the statistics; of many rows the first are drawn.
    """
    if chart is None or len(found.rows) < 2:
        return None
    places = {column.name: n for n, column in enumerate(found.columns)}
    labels = [places[name] for name in chart.by]
    name = ", ".join(found.columns[n].title for n in labels)
    if chart.whole is None:
        bars, title = _amounts(found, labels, places[chart.value]), found.columns[places[chart.value]].title
        return QueryChart(title, BarChart(bars, name, f"{title}: the first {len(bars)} rows", title)) if bars else None
    groups = _groups(found, labels, places[chart.value], places[chart.whole])
    if groups and chart.by[0] == "year":
        years = draw_periods(groups)
        return QueryChart("Share by year", years=years) if years else None
    shown = groups[:_MOST]
    caption = f"The shares of the first {len(shown)} rows, with 95% intervals"
    return QueryChart("Share of each", draw_bars(shown, name, caption, "Of")) if shown else None


def _groups(found: AnswerRows, labels: Sequence[int], value: int, whole: int) -> list[RateGroup]:
    groups = []
    for row in found.rows:
        part, of = int(row[value].number or 0), int(row[whole].number or 0)
        if part <= of and of:
            groups.append(rate_group(tuple(_value(row[n]) for n in labels), of, part))
    return groups


def _value(cell: AnswerCell) -> Value:
    return Value(cell.text or None, _shorten(cell.text), cell.iri)


def _amounts(found: AnswerRows, labels: Sequence[int], n: int) -> tuple[Bar, ...]:
    rows = [row for row in found.rows if row[n].number is not None][:_MOST]
    most = max((row[n].number or 0.0 for row in rows), default=0.0)
    if most <= 0:
        return ()
    return tuple(
        Bar(tuple(_value(row[label]) for label in labels), row[n].text, max(0.0, 100 * (row[n].number or 0.0) / most))
        for row in rows
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"
