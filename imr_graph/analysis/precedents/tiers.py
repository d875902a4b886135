"""Similarity tiers around a request, from near to far: the same treatment in the same region, the treatment, its class.

A tier holds the narrower ones. A combination drug is the same treatment only with all of its ingredients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import Filters, to_sql
from imr_graph.analysis.dimensions.values import make_value
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.statistics.intervals import sums_by_case
from imr_graph.analysis.statistics.overturn_rates import rate_group
from imr_graph.errors import UsageError
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = [
    "TIERS",
    "Sql",
    "Tier",
    "TierRule",
    "count_tiers",
    "filter_expression",
    "format_amount",
    "read_back",
    "tier_expression",
    "tier_rules",
    "with_amount",
]

TIERS: Final[Mapping[str, tuple[str, str]]] = {
    "same treatment": ("treatments", "treatment"),
    "same drug class": ("drug_classes", "drug-class"),
    "same subcategory": ("subcategories", "subcategory"),
    "same category": ("categories", "category"),
}
"""The tiers that no region and no amount narrows, by name: the column that says which decisions it takes in, and the
dimension of its values."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its placeholders, in their order."""

    text: str
    values: tuple[object, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        more = other if isinstance(other, Sql) else Sql(other)
        return Sql(self.text + more.text, self.values + more.values)


class TierRule(NamedTuple):
    """A similarity tier of a request: its name, what its decisions share with the request, and when one is in it."""

    name: str
    shared: tuple[str, ...]
    condition: Sql


@dataclass(frozen=True, slots=True)
class Tier:
    """One similarity tier around a request.

    `shared` names what its decisions have in common with the request (any of it). `decisions`, `overturned` and `cases`
    count the whole tier, `added` the decisions that it has beyond the narrower ones; `share` is overturned / decisions,
    `low` and `high` are the bounds of its 95% interval by case, `small` marks fewer than 30 cases.
    """

    name: str
    shared: tuple[str, ...]
    decisions: int
    overturned: int
    added: int
    cases: int
    share: float
    low: float
    high: float
    small: bool


def tier_rules(request: Request) -> tuple[TierRule, ...]:
    """Return the tiers that a request has, from near to far.

    What is asked for first (a treatment, or else a class or category) is narrowed by the regions that are named (any of
    them) and by the amount: as much, or less.
    """
    wide = [
        TierRule(name, _label_groups(dimension, groups), _any_of(column, groups))
        for name, (column, dimension) in TIERS.items()
        if (groups := _requested_groups(column, request))
    ]
    return (*_narrow_tier(wide[0], request), *wide) if wide else ()


def _narrow_tier(of: TierRule, request: Request) -> Iterator[TierRule]:
    """Yield the tiers within the first: those of the region and of the amount that are asked for."""
    region, amount = request.regions, request.amount
    where = Sql(" and list_has_any(body_regions, ?::varchar[])", (list(region),)) if region else Sql("")
    names = " or ".join(make_value(DIMENSIONS["region"], id, terms.BASE).label.lower() for id in region)
    within = tuple(f"{each}, {names}" for each in of.shared) if region else of.shared
    if amount:
        column, most = amount
        shared = tuple(f"{each}, up to {format_amount(column, most)}" for each in within)
        name = f"{of.name}, region and amount" if region else f"{of.name} and amount"
        yield TierRule(name, shared, of.condition + where + Sql(f" and {column} <= ?", (most,)))
    if region:
        yield TierRule(f"{of.name} and region", within, of.condition + where)


def format_amount(column: str, amount: int) -> str:
    """Return an amount as people write it.

    >>> format_amount("visits", 12), format_amount("quantity", 60)
    ('12 visits', '#60')
    """
    return f"{amount} visit{'' if amount == 1 else 's'}" if column == "visits" else f"#{amount}"


def count_tiers(table: Table, request: Request, filters: Filters, leave_out: Sequence[str] = ()) -> tuple[Tier, ...]:
    """Return the tiers that a request has, with how many of the decisions that the filters let through are in each.

    `leave_out` are cases that do not count, by key or number.
    """
    rules = tier_rules(request)
    sql = Sql("with scored as materialized (select case_key, decision = 'overturned' as r, ")
    sql += tier_expression(rules) + " as tier from items where " + filter_expression(filters, leave_out)
    sql += (
        "), by_case as (select n, case_key, count(*) as m, count(*) filter (r) as o, count(*) filter (tier = n) as a "
        f"from scored join (select unnest(range({len(rules)})) as n) on tier <= n group by n, case_key) "
        f"select n, cast(sum(a) as bigint), {sums_by_case()} from by_case group by n"
    )
    counts = {n: row for n, *row in table.rows(sql.text, sql.values)}
    found = []
    for number, rule in enumerate(rules):
        added, *numbers = counts.get(number, (0, 0, 0, 0, 0, 0, 0))
        g = rate_group((), *numbers)
        found.append(
            Tier(rule.name, rule.shared, g.decisions, g.overturned, added, g.cases, g.share, g.low, g.high, g.small)
        )
    return tuple(found)


def tier_expression(rules: Sequence[TierRule]) -> Sql:
    """Return the expression of the number of the narrowest of some tiers that an item is in, null for none.

    Rules of wider tiers that are not given are not looked at: their columns are not read.
    """
    found = Sql("case when false then null")
    for number, rule in enumerate(rules):
        found += Sql(" when ") + rule.condition + f" then {number}"
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


def with_amount(request: Request, visits: int | None, quantity: int | None) -> Request:
    """Return a request for an amount; raises UsageError for two amounts, or for another than the text names."""
    given = {name: most for name, most in (("visits", visits), ("quantity", quantity)) if most is not None}
    if not given:
        return request
    amount = next(iter(given.items()))
    if len(given) > 1 or amount[1] < 1:
        raise UsageError("A request asks for a number of visits or for a quantity, 1 or more: give one of them.")
    if request.amount not in (None, amount):
        raise UsageError(
            f"The text asks for {format_amount(*request.amount)}, the option for {format_amount(*amount)}: leave the "
            "option out, or change the text."
        )
    return replace(request, visits=visits, quantity=quantity)


def read_back(request: Request, tiers: Sequence[Tier | TierRule]) -> str:
    """Return how a request was understood, in words: "Magnetic resonance imaging, lumbar spine"."""
    named = (("guideline", request.guidelines), ("page", request.pages), ("reason", request.reasons))
    parts = [" or ".join(tiers[0].shared)] if tiers else []
    parts += [request.laterality] if request.laterality else []
    parts += [", ".join(make_value(DIMENSIONS[kind], id, terms.BASE).label for id in ids) for kind, ids in named if ids]
    parts += [f"words {', '.join(request.words)}"] if request.words else []
    return "; ".join(parts)


def _any_of(column: str, groups: Sequence[Sequence[str]]) -> Sql:
    # A test for each id is twice as fast as one for the list of them.
    tests = (" and ".join(f"list_contains({column}, ?)" for _ in ids) for ids in groups)
    return Sql(f"({' or '.join(tests)})", tuple(id for ids in groups for id in ids))


def _label_groups(dimension: str, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what a tier's decisions have in common with a request, as people call it."""
    of = DIMENSIONS[dimension]
    return tuple(" + ".join(make_value(of, id, terms.BASE).label for id in ids) for ids in groups)
