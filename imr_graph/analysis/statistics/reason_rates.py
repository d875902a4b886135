"""How often each reason is given, of the decisions that it can belong to: why denials are upheld, why overturned.

A reason belongs to decisions of one direction, so an overturned share says nothing of it. What is counted is the share
of the upheld (or of the overturned) items whose reviewer gives the reason, beside the share among all other items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, check_minimum, to_sql, unnest_or_null
from imr_graph.analysis.dimensions.values import Value, find_dimension, make_values
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE, CaseSums, share_interval
from imr_graph.analysis.statistics.overturn_rates import LEVELS, Level
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["ReasonRate", "reason_rates"]


@dataclass(frozen=True, slots=True)
class ReasonRate:
    """How often a reason is given in one group of decisions.

    `value` is the group's value of the dimension asked for, None without one. `decision` is the direction that the
    reason belongs to. `given` of the group's `decisions` that ended so give it, in `cases` letters: disputed items, or
    cases with such an item at the level of cases; `all_cases` is how many letters the decisions are of. `share` is
    given / decisions, `low` and `high` the bounds of its 95% interval (`intervals.share_interval`); `small` marks
    fewer than `SMALL_SAMPLE` cases. `elsewhere`, `all_elsewhere` and
    `share_elsewhere` say the same of all other decisions of the store that ended so; the share is None where there
    are none.
    """

    value: Value | None
    decision: str
    reason: Value
    given: int
    cases: int
    decisions: int
    all_cases: int
    share: float
    low: float
    high: float
    small: bool
    elsewhere: int
    all_elsewhere: int
    share_elsewhere: float | None


# Each decision of the table once for each group it is in: `unit` is what is counted. What stands in a group is left
# out of what it is compared with, at the level of cases the whole case.
_SQL: Final = """
  with decided as materialized (
    select {unit} as unit, case_key, decision, reasons, {said} as inside, {values} as v
    from items where decision is not null
  ), kept as materialized (
    select unit, case_key, decision, reasons, {each} as v from decided where inside
  ), every as materialized (select distinct unit, decision, unnest(reasons) as reason from decided),
  member as materialized (select distinct v, unit, case_key, decision from kept),
  by_case as materialized (select v, decision, case_key, count(*) as m from member group by all),
  stated as (select v, decision, unnest(reasons) as reason, unit, case_key from kept),
  given as (
    select s.v, s.decision, reason, sum(o) as n, count(*) as cases, sum(o * m) as joint, sum(o * o) as hits
    from (select v, decision, reason, case_key, count(distinct unit) as o from stated group by all) s
    join by_case c on c.v is not distinct from s.v and c.decision = s.decision and c.case_key = s.case_key
    group by s.v, s.decision, reason
  ), size as (
    select v, decision, sum(m) as n, count(*) as cases, sum(m * m) as sizes from by_case group by all
  ),
  all_size as (select decision, count(distinct unit) as n from decided group by all),
  all_given as (select decision, reason, count(*) as n from every group by all),
  own as ({own})
  select given.v, given.decision, given.reason,
    {integers}
  from given
  join size on size.v is not distinct from given.v and size.decision = given.decision
  join own on own.v is not distinct from given.v and own.decision = given.decision and own.reason = given.reason
  join all_size on all_size.decision = given.decision
  join all_given on all_given.decision = given.decision and all_given.reason = given.reason
  where given.n >= {minimum}
"""


# How many units of a group give a reason: a case may give it by an item that is not in the group.
_OWN: Final[Mapping[Level, str]] = {
    "item": "select v, decision, reason, n from given",
    "case": "select v, decision, reason, count(*) as n from member join every using (unit, decision) group by all",
}
_UNIT: Final[Mapping[Level, str]] = {"item": "row_number() over ()", "case": "case_key"}
_INTEGERS: Final = ", ".join(
    f"cast({each} as bigint)"
    for each in (
        "given.n", "given.cases", "size.n", "all_given.n - own.n", "all_size.n - size.n",
        "size.cases", "size.sizes", "given.joint", "given.hits",
    )
)  # fmt: skip


def reason_rates(
    table: Table, by: str | None = None, *, level: Level = "item", filters: Filters = NO_FILTERS, minimum: int = 1
) -> tuple[ReasonRate, ...]:
    """Return how often each reason is given by the decisions that fit, and by those that do not.

    `by` groups them by a dimension of `dimensions.DIMENSIONS`; an item with several values counts in the group of each.
    `minimum` leaves out reasons that fewer decisions of the group give. The largest groups come first, in each the
    reasons of upheld and then those of overturned decisions, the most frequent first. Raises UnknownNameError for
    another dimension or level, UsageError for a malformed request.
    """
    if by == "reason":
        raise UsageError("Reasons are counted by another dimension than reasons: give treatment, specialty, year ...")
    if level not in LEVELS:
        raise UnknownNameError("level of counting", level, LEVELS)
    check_minimum(minimum)
    said, parameters = to_sql(filters)
    values = find_dimension(by).values if by else "[null]::varchar[]"
    sql = _SQL.format(
        unit=_UNIT[level], own=_OWN[level], said=said, values=values, each=unnest_or_null("v"), minimum=int(minimum),
        integers=_INTEGERS,
    )  # fmt: skip
    rows = table.rows(sql, parameters)
    reasons = make_values(DIMENSIONS["reason"], {row[2] for row in rows}, table)
    groups = make_values(find_dimension(by), {row[0] for row in rows}, table) if by else {None: None}
    found = [_rate(groups[v], decision, reasons[reason], *counts) for v, decision, reason, *counts in rows]
    sizes: dict[str | None, dict[str, int]] = {}
    for row in rows:
        sizes.setdefault(row[0], {})[row[1]] = row[5]
    return tuple(sorted(found, key=lambda one: _order(one, sizes)))


def _rate(value: Value | None, decision: str, reason: Value, *counts: int) -> ReasonRate:
    given, cases, decisions, other, others, *sums = counts
    by_case = CaseSums(*sums)
    low, high = share_interval(given, decisions, by_case)
    share_elsewhere = other / others if others else None
    few = by_case.cases < SMALL_SAMPLE
    return ReasonRate(
        value, decision, reason, given, cases, decisions, by_case.cases, given / decisions, low, high, few, other,
        others, share_elsewhere,
    )  # fmt: skip


def _order(one: ReasonRate, sizes: dict[str | None, dict[str, int]]) -> tuple[object, ...]:
    id, label = (one.value.id, one.value.label) if one.value else (None, "")
    group = (one.value is not None and id is None, -sum(sizes[id].values()), label, id or "")
    return (*group, one.decision != "upheld", -one.given, one.reason.label)
