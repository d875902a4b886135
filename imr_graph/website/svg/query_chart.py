"""The chart of an answer where one makes sense: shares as bars or over years, or plain numbers as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.website.query_results import Cell, Rows
from imr_graph.website.svg.rates import Bars, Course, bars, course

__all__ = ["Amount", "Drawn", "drawn"]

_MOST: Final = 12  # bars
_LONGEST: Final = 90  # characters of a label
# What a share counts, and of how many.
_PARTS: Final = ("overturned", "nonMtus")
_WHOLES: Final = ("decisions", "items")
# Columns of whole answers to draw where there is no share, the first of them that an answer has.
_AMOUNTS: Final = ("cases", "score", "meanDays", "items", "decisions")


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


def drawn(found: Rows) -> Drawn | None:
    """Return the chart of the rows that are shown, None where a chart would say nothing.

    Shares have the Wilson interval of `questions.shares`; of many rows the first are drawn.
    """
    names = [column.name for column in found.columns]
    labels = [n for n, column in enumerate(found.columns) if _names(found, n) and column.name not in _ENDINGS]
    if len(found.rows) < 2 or not labels:
        return None
    name = ", ".join(found.columns[n].title for n in labels)
    groups = _groups(found, names, labels)
    if groups and names[labels[0]] == "year":
        return Drawn("Share by year", name, course=course(groups))
    if groups:
        return Drawn("Share of each", name, bars=bars(groups[:_MOST]))
    amount = next((name for name in _AMOUNTS if name in names), None)
    if amount is None:
        return None
    place = names.index(amount)
    return Drawn(found.columns[place].title, name, amounts=_amounts(found, labels, place))


# Columns whose nodes say how something ended, not what it is.
_ENDINGS: Final = frozenset(("decision", "outcome", "party", "stance", "upheldCase", "overturnedCase", "firstItem"))


def _names(found: Rows, n: int) -> bool:
    """Return whether a column says what a row is about: a node, or the year."""
    return found.columns[n].name == "year" or any(row[n].iri for row in found.rows)


def _groups(found: Rows, names: Sequence[str], labels: Sequence[int]) -> list[RateGroup]:
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
