"""How long cases take: the days between the five dates of the header, as median and quartiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, check_minimum, to_sql, unnest_or_null
from imr_graph.analysis.dimensions.values import Value, find_dimension, make_values
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE
from imr_graph.errors import UnknownNameError
from imr_graph.store.table import Table

__all__ = ["INTERVALS", "Interval", "durations"]

# name -> the columns of the first and of the last day
INTERVALS: Final[dict[str, tuple[str, str]]] = {
    "injury-to-denial": ("date_of_injury", "utilization_review_date"),
    "denial-to-application": ("utilization_review_date", "application_received_date"),
    "application-to-assignment": ("application_received_date", "assigned_date"),
    "assignment-to-decision": ("assigned_date", "decision_date"),
    "application-to-decision": ("application_received_date", "decision_date"),
    "denial-to-decision": ("utilization_review_date", "decision_date"),
    "injury-to-decision": ("date_of_injury", "decision_date"),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """The days between two dates, over the cases of one group (of all, where `value` is None).

    `cases` have both dates, `missing` lack one. `lower`, `median`, `upper` are the quartiles in days, interpolated
    linearly, None where no case has both dates; `shortest` and `longest` are the extremes. `reversed` counts the cases
    whose second date is before the first, as letters print it; they are part of the figures. `small` marks fewer than
    `SMALL` cases.
    """

    name: str
    value: Value | None
    cases: int
    missing: int
    reversed: int
    shortest: int | None
    lower: float | None
    median: float | None
    upper: float | None
    longest: int | None
    small: bool


def durations(
    table: Table,
    intervals: tuple[str, ...] = tuple(INTERVALS),
    *,
    by: str | None = None,
    filters: Filters = NO_FILTERS,
    minimum: int = 1,
) -> tuple[Interval, ...]:
    """Return the intervals of `INTERVALS` asked for, each over all cases or over the groups of one dimension.

    A case belongs to a group, and fits the filters, where any of its items does. `minimum` leaves out groups of fewer
    cases with both dates. Raises UnknownNameError for another interval or dimension.
    """
    for name in intervals:
        if name not in INTERVALS:
            raise UnknownNameError("interval", name, INTERVALS)
    check_minimum(minimum, "cases")
    of = find_dimension(by) if by else None
    rows = {name: _count_groups(table, name, of.values if of else None, filters) for name in intervals}
    labels = make_values(of, {row[0] for found in rows.values() for row in found}, table) if of else {}
    return tuple(
        _interval(name, labels[row[0]] if of else None, row[1:])
        for name, found in rows.items()
        for row in sorted(found, key=lambda row: (row[0] is None, -row[1], row[0] or ""))
        if row[1] >= minimum or not of
    )


def _count_groups(table: Table, name: str, values: str | None, filters: Filters) -> list[tuple[Any, ...]]:
    first, last = INTERVALS[name]
    said, parameters = to_sql(filters)
    value = unnest_or_null(values) if values else "null"
    # Two letters of one case number are two cases, each with dates of its own.
    rows = f"select distinct case_key, {first} as first, {last} as last, {value} as v from items where {said}"
    days = "(last - first)"
    quartiles = ", ".join(f"quantile_cont({days}, {q})" for q in (0.25, 0.5, 0.75))
    sql = (
        f"select v, count({days}), count(*) - count({days}), count(*) filter ({days} < 0), min({days}), {quartiles}, "
        f"max({days}) from ({rows}) group by v"
    )
    return table.rows(sql, parameters) or ([] if values else [(None, 0, 0, 0, *[None] * 5)])


def _interval(name: str, value: Value | None, row: tuple[Any, ...]) -> Interval:
    cases, missing, reversed, shortest, lower, median, upper, longest = row
    return Interval(
        name, value, cases, missing, reversed, shortest, lower, median, upper, longest, cases < SMALL_SAMPLE
    )
