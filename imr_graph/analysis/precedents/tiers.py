"""Similarity tiers around a request, from near to far: the same treatment, the same drug class, the same category.

A tier holds the narrower ones. A combination drug is the same treatment only with all of its ingredients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import Filters, to_sql
from imr_graph.analysis.dimensions.values import make_value
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.statistics.overturn_rates import rate_group
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["TIERS", "Sql", "Tier", "count_tiers", "filter_expression", "tier_expression"]

TIERS: Final[Mapping[str, tuple[str, str]]] = {
    "same treatment": ("treatments", "treatment"),
    "same drug class": ("drug_classes", "drug-class"),
    "same subcategory": ("subcategories", "subcategory"),
    "same category": ("categories", "category"),
}
"""By the name of a tier: the column that says which decisions it takes in, and the dimension of its values."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its placeholders, in their order."""

    text: str
    values: tuple[object, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        more = other if isinstance(other, Sql) else Sql(other)
        return Sql(self.text + more.text, self.values + more.values)


@dataclass(frozen=True, slots=True)
class Tier:
    """One similarity tier around a request.

    `shared` names what its decisions have in common with the request (any of it). `decisions` and `overturned` count
    the whole tier, `added` what it has beyond the narrower ones; `share` is overturned / decisions, `low` and `high`
    are the bounds of its Wilson 95 % interval, `small` marks fewer than 30 decisions.
    """

    name: str
    shared: tuple[str, ...]
    decisions: int
    overturned: int
    added: int
    share: float
    low: float
    high: float
    small: bool


def count_tiers(table: Table, request: Request, filters: Filters, leave_out: Sequence[str] = ()) -> tuple[Tier, ...]:
    """Return the tiers that a request has, with how many of the decisions that the filters let through are in each.

    `leave_out` are cases that do not count, by key or number.
    """
    sql = Sql("select tier, count(*), count(*) filter (overturned) from (select ") + tier_expression(request)
    sql += " as tier, decision = 'overturned' as overturned from items where "
    sql = sql + filter_expression(filters, leave_out) + ") where tier is not null group by tier"
    counts = {tier: (decisions, overturned) for tier, decisions, overturned in table.rows(sql.text, sql.values)}
    found: list[Tier] = []
    decisions = overturned = 0
    for number, name in enumerate(TIERS):
        shared = _label_shared(name, request)
        if shared:
            added, more = counts.get(number, (0, 0))
            decisions, overturned = decisions + added, overturned + more
            g = rate_group((), decisions, overturned)
            found.append(Tier(name, shared, decisions, overturned, added, g.share, g.low, g.high, g.small))
    return tuple(found)


def tier_expression(request: Request, widest: int = len(TIERS) - 1) -> Sql:
    """Return the expression of the number (in `TIERS`) of the narrowest tier that an item is in, null for none.

    `widest` is the number of the last tier to look at; columns that only wider ones need are not read.
    """
    found = Sql("case when false then null")
    for number, (column, _) in list(enumerate(TIERS.values()))[: widest + 1]:
        for ids in _requested_groups(column, request):
            # A test for each id is twice as fast as one for the list of them.
            tests = " and ".join(f"list_contains({column}, ?)" for _ in ids)
            found += Sql(f" when {tests} then {number}", ids)
    return found + " end"


def filter_expression(filters: Filters, leave_out: Sequence[str] = ()) -> Sql:
    """Return the condition that an item counts."""
    condition, values = to_sql(filters)
    sql = Sql(condition, tuple(values))
    for case in leave_out:
        sql += Sql(" and case_key <> ? and case_number is distinct from ?", (case, case))
    return sql


def _requested_groups(column: str, request: Request) -> tuple[tuple[str, ...], ...]:
    """Return the values of a column that a request asks for, those together of which an item has to have all."""
    return request.treatments if column == "treatments" else tuple((id,) for id in getattr(request, column))


def _label_shared(name: str, request: Request) -> tuple[str, ...]:
    """Return what a tier's decisions have in common with a request, as people call it."""
    column, dimension = TIERS[name]
    groups, of = _requested_groups(column, request), DIMENSIONS[dimension]
    return tuple(" + ".join(make_value(of, id, terms.BASE).label for id in ids) for ids in groups)
