"""The chart of an answer where one makes sense: shares as bars or over years, or plain numbers as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.queries.library import ChartColumns
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.website.query_results import Cell, Rows
from imr_graph.website.svg.rates import Bars, Course, bars, course

__all__ = ["Amount", "Drawn", "drawn"]

_MOST: Final = 12  # bars
_LONGEST: Final = 90  # characters of a label


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as a bar, in percent of the largest."""

    label: str
    address: str | None
    text: str
    length: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart: one of bars of shares, shares over years, or bars of amounts.

    `title` says what it shows, `name` what its rows are.
    """

    title: str
    name: str
    bars: Bars | None = None
    course: Course | None = None
    amounts: tuple[Amount, ...] = ()


def drawn(found: Rows, chart: ChartColumns | None) -> Drawn | None:
    """Return the chart of the rows that are shown, as the question's header describes it; None where it has none.

    Shares have the Wilson interval of statistics; of many rows the first are drawn.
    """
    if chart is None or len(found.rows) < 2:
        return None
    places = {column.name: n for n, column in enumerate(found.columns)}
    labels = [places[name] for name in chart.by]
    name = ", ".join(found.columns[n].title for n in labels)
    if chart.whole is None:
        amounts = _amounts(found, labels, places[chart.value])
        return Drawn(found.columns[places[chart.value]].title, name, amounts=amounts) if amounts else None
    groups = _groups(found, labels, places[chart.value], places[chart.whole])
    if not groups:
        return None
    if chart.by[0] == "year":
        return Drawn("Share by year", name, course=course(groups))
    return Drawn("Share of each", name, bars=bars(groups[:_MOST]))


def _groups(found: Rows, labels: Sequence[int], value: int, whole: int) -> list[RateGroup]:
    groups = []
    for row in found.rows:
        part, of = int(row[value].number or 0), int(row[whole].number or 0)
        if part <= of and of:
            groups.append(rate_group(tuple(_value(row[n]) for n in labels), of, part))
    return groups


def _value(cell: Cell) -> Value:
    return Value(cell.text or None, _short(cell.text), cell.iri)


def _amounts(found: Rows, labels: Sequence[int], n: int) -> tuple[Amount, ...]:
    rows = [row for row in found.rows if row[n].number is not None][:_MOST]
    most = max((row[n].number or 0.0 for row in rows), default=0.0)
    if most <= 0:
        return ()
    return tuple(
        Amount(
            " – ".join(_short(row[label].text) for label in labels),
            row[labels[0]].iri if len(labels) == 1 else None,
            row[n].text,
            max(0.0, 100 * (row[n].number or 0.0) / most),
        )
        for row in rows
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"
