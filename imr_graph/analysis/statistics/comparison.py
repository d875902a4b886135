"""Values of one dimension beside each other: their overturned shares, and how sure their differences are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, resolve_filters
from imr_graph.analysis.dimensions.values import Value, find_dimension, make_values
from imr_graph.analysis.statistics.overturn_rates import Level, RateGroup, overturn_rates, rate_group
from imr_graph.errors import UsageError
from imr_graph.store.table import Table

__all__ = [
    "MOST_COMPARED",
    "UNCOMPARED",
    "ComparedValue",
    "Comparison",
    "Difference",
    "compare",
    "difference_of",
    "divide",
]

MOST_COMPARED: Final = 8
"""Values that are compared at a time."""

UNCOMPARED: Final = frozenset({"decision", "outcome", "reason"})
"""The dimensions whose values say how decisions ended, so that their shares would be 0 or 100%."""

_USUAL: Final = 5  # values where none are named


@dataclass(frozen=True, slots=True)
class Difference:
    """How much larger one share is than another, from -1 to 1, and the bounds of its 95% interval."""

    difference: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """One of the values: its figures, the same by the second dimension, and the difference from the first value.

    `filters` are those that its decisions fit. The difference is None for the first value, and where nothing was
    decided.
    """

    value: Value
    figures: RateGroup
    groups: tuple[RateGroup, ...]
    difference: Difference | None
    filters: Filters


@dataclass(frozen=True, slots=True)
class Comparison:
    """Values of the dimension `of` in the order asked for, each as a whole and by the dimension `by`."""

    of: str
    by: str | None
    level: Level
    values: tuple[ComparedValue, ...]


def compare(
    table: Table,
    of: str,
    values: Sequence[str] = (),
    by: str | None = None,
    *,
    level: Level = "item",
    filters: Filters = NO_FILTERS,
    minimum: int = 1,
) -> Comparison:
    """Return the overturned shares of values of a dimension, as users write them.

    Where none are named, the most frequent are compared. A drug product means its ingredients together. An item that
    has two of the values counts for both. `minimum` leaves out groups of the second dimension. Raises
    UnknownNameError, with near names, for another dimension or value, UsageError for fewer than two values or more
    than `MOST_COMPARED`.
    """
    dimension = find_dimension(of)
    if of in UNCOMPARED:
        raise UsageError(f"Values of {of!r} say how decisions ended: compare those of another dimension.")
    if by == of:
        raise UsageError(f"Values of {of!r} are compared already: divide them by another dimension.")
    wanted = list(dict.fromkeys(values)) or _most_frequent(table, of, filters)
    if values and not 2 <= len(wanted) <= MOST_COMPARED:
        raise UsageError(f"Two to {MOST_COMPARED} values can be compared, not {len(wanted)}.")
    found: list[ComparedValue] = []
    meant = [resolve_filters(table.store, {of: written}).values for written in wanted]
    names = make_values(dimension, [id for own in meant for _, each in own for id in each], table)
    for own in meant:
        chosen = replace(filters, values=tuple(sorted((*filters.values, *own))))
        ids = [id for _, each in own for id in each]
        whole = overturn_rates(table, level=level, filters=chosen).groups
        figures = replace(whole[0] if whole else rate_group((), 0, 0), values=(_together([names[id] for id in ids]),))
        groups = overturn_rates(table, by, level=level, filters=chosen, minimum=minimum).groups if by else ()
        if by in ("year", "month"):
            groups = tuple(sorted(groups, key=lambda group: (group.values[0].id is None, group.values[0].label)))
        apart = difference_of(figures, found[0].figures) if found else None
        found.append(ComparedValue(figures.values[0], figures, groups, apart, chosen))
    return Comparison(of, by, level, tuple(found))


def difference_of(one: RateGroup, other: RateGroup) -> Difference | None:
    """Return the share of one group less that of another, None where one of them has no decision.

    The interval is made of those of both shares, which know of cases (R. G. Newcombe, Statistics in Medicine 17
    (1998), 873-890, method 10). It takes the groups for independent; where letters dispute both, it is rather too wide.

    >>> found = difference_of(rate_group((), 100, 40), rate_group((), 100, 20))
    >>> f"{found.difference:.2f}, {found.low:.2f} to {found.high:.2f}"
    '0.20, 0.07 to 0.32'
    """
    if not one.decisions or not other.decisions:
        return None
    apart = one.share - other.share
    low = apart - math.hypot(one.share - one.low, other.high - other.share)
    high = apart + math.hypot(one.high - one.share, other.share - other.low)
    return Difference(apart, max(-1.0, low), min(1.0, high))


def _most_frequent(table: Table, of: str, filters: Filters) -> list[str]:
    groups = overturn_rates(table, of, filters=filters).groups
    return [str(group.values[0].id) for group in groups if group.values[0].id is not None][:_USUAL]


def _together(values: Sequence[Value]) -> Value:
    """Return the value that stands for all of a product's ingredients."""
    return values[0] if len(values) == 1 else Value(None, " + ".join(value.label for value in values))


def divide(found: Comparison) -> Iterator[RateGroup]:
    """Yield the groups of the second dimension, their values behind the one that is compared."""
    for each in found.values:
        yield from (replace(group, values=(each.value, *group.values)) for group in each.groups)
