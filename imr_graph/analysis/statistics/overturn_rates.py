"""Overturned shares by one or two dimensions, with the uncertainty that small counts carry.

The letters are disputes that reached review: shares say nothing of requests that were approved before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, check_minimum, to_sql, unnest_or_null
from imr_graph.analysis.dimensions.values import Value, find_dimension, make_values
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE, CaseSums, share_interval, sums_by_case
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.table import Table
from imr_graph.table.dimensions import Dimension

__all__ = [
    "LEVELS",
    "Level",
    "OverturnRates",
    "RateGroup",
    "find_contested",
    "overturn_rates",
    "rate_group",
]

Level = Literal["item", "case"]
LEVELS: Final[tuple[Level, ...]] = ("item", "case")


@dataclass(frozen=True, slots=True)
class RateGroup:
    """One group of decisions.

    `values` are those of the dimensions asked for. `decisions` counts disputed items, or cases at the level of cases,
    where `overturned` counts those with at least one overturned item in the group; `cases` is how many cases they are
    of. `share` is overturned / decisions, `low` and `high` bound its 95% interval (`intervals.share_interval`);
    `small` marks fewer than `SMALL_SAMPLE` cases.
    """

    values: tuple[Value, ...]
    decisions: int
    overturned: int
    cases: int
    share: float
    low: float
    high: float
    small: bool

    @property
    def label(self) -> str:
        """The names of its values."""
        return ", ".join(value.label for value in self.values)


@dataclass(frozen=True, slots=True)
class OverturnRates:
    """Groups of decisions by the dimensions `by`, the most decisions first, those without a value last.

    `decisions`, `overturned` and `cases` count each decision once, however many groups it is in; `left_out` is the
    number of groups that were smaller than asked for.
    """

    by: tuple[str, ...]
    level: Level
    decisions: int
    overturned: int
    cases: int
    groups: tuple[RateGroup, ...]
    left_out: int = 0


def overturn_rates(
    table: Table,
    by: str | Sequence[str] = (),
    *,
    level: Level = "item",
    filters: Filters = NO_FILTERS,
    minimum: int = 1,
) -> OverturnRates:
    """Return the overturned share of decisions by none, one or two dimensions of `dimensions.DIMENSIONS`.

    An item with several values (two treatments) counts in the group of each. `minimum` leaves out groups of fewer
    decisions. Raises UnknownNameError for another dimension or level, UsageError for a malformed request.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    dimensions = _check_request(names, level, minimum)
    found = _count_groups(table, dimensions, level, filters)
    ((total, overturned, cases, *_),) = _count_groups(table, (), level, filters) or [(0, 0, 0)]
    labels = [make_values(of, {row[n] for row in found}, table) for n, of in enumerate(dimensions)]
    groups = [
        rate_group(tuple(labels[n][id] for n, id in enumerate(row[: len(names)])), *row[len(names) :])
        for row in found
        if row[len(names)] >= minimum
    ]
    return OverturnRates(
        names, level, total, overturned, cases, tuple(sorted(groups, key=_order)), len(found) - len(groups)
    )


def rate_group(values: tuple[Value, ...], decisions: int, overturned: int, *sums: int) -> RateGroup:
    """Return a group of decisions with its share and interval.

    `sums` are the four of `CaseSums`; without them each decision is a case of its own.
    """
    by_case = CaseSums(*sums) if sums else None
    low, high = share_interval(overturned, decisions, by_case)
    share = overturned / decisions if decisions else 0.0
    cases = by_case.cases if by_case else decisions
    return RateGroup(values, decisions, overturned, cases, share, low, high, cases < SMALL_SAMPLE)


def find_contested(
    table: Table, by: str = "page", *, minimum: int = 10, within: float = 0.25, filters: Filters = NO_FILTERS
) -> tuple[RateGroup, ...]:
    """Return the pages (or another dimension's values) whose items are decided unevenly, the surest first.

    Kept are groups of at least `minimum` decisions whose overturned share lies `within` of one half. Surest means:
    the smaller of the lower bounds (Wilson, 95%) of the overturned and of the upheld share is large, which takes a
    share near one half and many decisions. Raises UsageError for a `within` that is not between 0 and 0.5.
    """
    if not 0 <= within <= 0.5:
        raise UsageError(f"A share lies within 0 to 0.5 of one half, not within {within}.")
    groups = overturn_rates(table, by, filters=filters, minimum=minimum).groups
    kept = (g for g in groups if g.values[0].id is not None and abs(g.share - 0.5) <= within + 1e-12)
    return tuple(sorted(kept, key=lambda g: (-min(g.low, 1 - g.high), -g.decisions, g.values[0].label)))


def _check_request(names: tuple[str, ...], level: Level, minimum: int) -> tuple[Dimension, ...]:
    dimensions = tuple(find_dimension(name) for name in names)
    if len(names) > 2 or len(set(names)) < len(names):
        raise UsageError(f"Shares go by one dimension or by two different ones, not by {', '.join(names)}.")
    if level not in LEVELS:
        raise UnknownNameError("level of counting", level, LEVELS)
    check_minimum(minimum)
    return dimensions


def _count_groups(
    table: Table, dimensions: tuple[Dimension, ...], level: Level, filters: Filters
) -> list[tuple[Any, ...]]:
    """Return a row for each group: the ids of its values, its decisions, those overturned, and its `CaseSums`."""
    said, parameters = to_sql(filters)
    rows = f"select case_key, decision = 'overturned' as overturned{_columns(dimensions)} from items where {said}"
    for n, _ in enumerate(dimensions):
        # An empty list has one value: none.
        rows = f"select * replace ({unnest_or_null(f'v{n}')} as v{n}) from ({rows})"
    keys = [f"v{n}" for n, _ in enumerate(dimensions)]
    grouped = ", ".join([*keys, "case_key"])
    counts = "count(*) as m, count(*) filter (overturned) as o"
    if level == "case":
        counts = "1 as m, cast(coalesce(bool_or(overturned), false) as integer) as o"
    rows = f"select {grouped}, {counts} from ({rows}) group by {grouped}"
    counted = ", ".join([*keys, sums_by_case()])
    together = f" group by {', '.join(keys)}" if keys else ""
    return [row for row in table.rows(f"select {counted} from ({rows}){together}", parameters) if row[len(keys)]]


def _columns(dimensions: tuple[Dimension, ...]) -> str:
    return "".join(f", {of.values} as v{n}" for n, of in enumerate(dimensions))


def _order(of: RateGroup) -> tuple[object, ...]:
    stated = all(value.id is not None for value in of.values)
    return (not stated, -of.decisions, -of.share, [value.label for value in of.values], [v.id or "" for v in of.values])
