"""The chart of a query's answer where one makes sense: shares as bars or over years, or plain numbers as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.website.query_results import AnswerCell, AnswerRows
from imr_graph.website.svg.charts import Bar, BarChart, YearChart, draw_bars, draw_years

__all__ = ["QueryChart", "draw_query"]

_MOST: Final = 12  # bars
_LONGEST: Final = 90  # characters of a label
# What a share counts, and of how many.
_PARTS: Final = ("overturned", "nonMtus")
_WHOLES: Final = ("decisions", "items")
# Columns of whole answers to draw where there is no share, the first of them that an answer has.
_AMOUNTS: Final = ("cases", "score", "meanDays", "items", "decisions")
# Columns whose nodes say how something ended, not what it is.
_ENDINGS: Final = frozenset(("decision", "outcome", "party", "stance", "upheldCase", "overturnedCase", "firstItem"))


@dataclass(frozen=True, slots=True)
class QueryChart:
    """A chart of bars, or of shares over years; `title` says what it shows."""

    title: str
    bars: BarChart | None = None
    years: YearChart | None = None


def draw_query(found: AnswerRows) -> QueryChart | None:
    """Return the chart of the rows that are shown, None where a chart would say nothing.

    Shares have Wilson intervals, as those of the statistics; of many rows the first are drawn.
    """
    names = [column.name for column in found.columns]
    labels = [n for n, column in enumerate(found.columns) if _is_subject(found, n) and column.name not in _ENDINGS]
    if len(found.rows) < 2 or not labels:
        return None
    name = ", ".join(found.columns[n].title for n in labels)
    groups = _groups(found, names, labels)
    if groups and names[labels[0]] == "year":
        years = draw_years(groups)
        return QueryChart("Share by year", years=years) if years else None
    if groups:
        shown = groups[:_MOST]
        caption = f"The shares of the first {len(shown)} rows, with 95 % intervals"
        return QueryChart("Share of each", draw_bars(shown, name, caption, "Of"))
    amount = next((name for name in _AMOUNTS if name in names), None)
    bars = _amounts(found, labels, names.index(amount)) if amount is not None else ()
    if amount is None or not bars:
        return None
    title = found.columns[names.index(amount)].title
    return QueryChart(title, BarChart(bars, name, f"{title}: the first {len(bars)} rows", title))


def _is_subject(found: AnswerRows, n: int) -> bool:
    """Return whether a column says what a row is about: a node, or the year."""
    return found.columns[n].name == "year" or any(row[n].iri for row in found.rows)


def _groups(found: AnswerRows, names: Sequence[str], labels: Sequence[int]) -> list[RateGroup]:
    part = next((name for name in _PARTS if name in names), None)
    whole = next((name for name in _WHOLES if name in names), None)
    if part is None or whole is None:
        return []
    groups = []
    for row in found.rows:
        counted = int(row[names.index(part)].number or 0)
        of = int(row[names.index(whole)].number or 0)
        if counted <= of and of:
            groups.append(rate_group(tuple(_value(row[n]) for n in labels), of, counted))
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
