"""What ties what: for each projection, the pairs that disputed items or cases bring together, counted by the table.

The table's engine counts a projection of 100,000 letters in the time in which the graph yields the facts of 10,000.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.filters import Filters, to_sql
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["PROJECTIONS", "End", "Projection", "Ties"]


class End(NamedTuple):
    """One end of a tie: the name of a dimension of `dimensions.DIMENSIONS` (or "case"), and the id of its value."""

    dimension: str
    id: str


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of a projection.

    `made` has for each pair the units that make the tie, and how many of these were overturned; `ends` has for each
    end the units that tie it to anything, and those that it stands in; `units` counts all units, `unit` names one.
    """

    made: Mapping[tuple[End, End], tuple[int, int]]
    ends: Mapping[End, tuple[int, int]]
    units: int
    unit: str = "disputed item"
    directed: bool = False


class Projection(NamedTuple):
    """One projection: its title, and what counts its ties."""

    title: str
    ties: Callable[[Table, Filters], Ties]


def _between(one: str, other: str, *, directed: bool = False) -> Callable[[Table, Filters], Ties]:
    """Return what counts the ties between values of two dimensions that stand in one item."""
    units = f"select {_values(one)} as a, {_values(other)} as b, decision = 'overturned' as o from items where {{said}}"

    def ties(table: Table, filters: Filters) -> Ties:
        made = _rows(table, filters, _MADE.format(units=units, kept="true"))
        ones = _rows(table, filters, _ENDS.format(units=units, end="a", other="b", fewest=1))
        others = _rows(table, filters, _ENDS.format(units=units, end="b", other="a", fewest=1))
        ends = _ends(one, ones) | _ends(other, others)
        return Ties(_made(one, other, made), ends, _units(table, filters), directed=directed)

    return ties


def _among(dimension: str) -> Callable[[Table, Filters], Ties]:
    """Return what counts the ties among values of one dimension that stand in one item."""
    values = _values(dimension)
    units = f"select {values} as a, {values} as b, decision = 'overturned' as o from items where {{said}}"

    def ties(table: Table, filters: Filters) -> Ties:
        made = _rows(table, filters, _MADE.format(units=units, kept="a < b"))
        ends = _rows(table, filters, _ENDS.format(units=units, end="a", other="b", fewest=2))
        return Ties(_made(dimension, dimension, made), _ends(dimension, ends), _units(table, filters))

    return ties


_MADE: Final = """
  select a, b, count(*), count(*) filter (o)
  from (select a, unnest(b) as b, o from (select unnest(a) as a, b, o from ({units})))
  where {kept} group by a, b
"""
_ENDS: Final = """
  select {end}, count(*) filter (len({other}) >= {fewest}), count(*)
  from (select unnest({end}) as {end}, {other} from ({units}))
  group by {end}
"""


def _requested_together(table: Table, filters: Filters) -> Ties:
    """Return the ties of treatments that are disputed in one case.

    A tie is overturned where every item that requests either treatment is. Drugs that always stand in the same items
    are the ingredients of one product or compound, which is one request: they are tied only by items apart.
    """
    drugs = [list(_drugs())]
    made = _rows(
        table, filters, f"{_TOGETHER} select a, b, count(*), count(*) filter (o) from tie group by a, b", drugs
    )
    ends = _rows(table, filters, f"{_TOGETHER} {_TOGETHER_ENDS}", drugs)
    units = _units(table, filters, "count(distinct case_key)")
    return Ties(_made("treatment", "treatment", made), _ends("treatment", ends), units, "case")


@cache
def _drugs() -> tuple[str, ...]:
    known = vocabulary.load()
    return tuple(t.id for t in known.treatments if any(c.id == "pharmaceuticals" for c in known.categories_of(t.id)))


_TOGETHER: Final = """
  with named as (
    select case_key, position, unnest(treatments) as t, decision = 'overturned' as o from items where {said}
  ), requested as materialized (
    select case_key, t, list(position order by position) as positions, bool_and(o) as o from named group by case_key, t
  ), drug as (
    select unnest(?::varchar[]) as t
  ), tie as (
    select r.case_key, r.t as a, s.t as b, r.o and s.o as o
    from requested r join requested s on r.case_key = s.case_key and r.t < s.t
    left join drug d on d.t = r.t left join drug e on e.t = s.t
    where r.positions <> s.positions or d.t is null or e.t is null
  )
"""
_TOGETHER_ENDS: Final = """
  select t, coalesce(any_value(tied), 0), count(*) from requested left join (
    select t, count(distinct case_key) as tied
    from (select a as t, case_key from tie union all select b, case_key from tie) group by t
  ) using (t) group by t
"""


def _rows(table: Table, filters: Filters, sql: str, more: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the items that filters let through."""
    said, parameters = to_sql(filters)
    return table.rows(sql.replace("{said}", said), [*parameters, *more])


def _units(table: Table, filters: Filters, counted: str = "count(*)") -> int:
    ((units,),) = _rows(table, filters, f"select {counted} from items where {{said}}")
    return int(units)


def _made(one: str, other: str, rows: list[tuple[Any, ...]]) -> dict[tuple[End, End], tuple[int, int]]:
    return {(End(one, a), End(other, b)): (count, overturned) for a, b, count, overturned in rows}


def _values(dimension: str) -> str:
    return "[case_key]" if dimension == "case" else DIMENSIONS[dimension].values


def _ends(dimension: str, rows: list[tuple[Any, ...]]) -> dict[End, tuple[int, int]]:
    return {End(dimension, id): (tied, occurring) for id, tied, occurring in rows if tied}


PROJECTIONS: Final[Mapping[str, Projection]] = {
    "case-guideline": Projection("Cases and the guidelines that their reviews rest on", _between("case", "guideline")),
    "treatment-guideline": Projection(
        "Treatments and the guidelines that their reviews rest on", _between("treatment", "guideline")
    ),
    "treatment-section": Projection(
        "Treatments and the guideline sections that their reviews rest on", _between("treatment", "section")
    ),
    "treatment-page": Projection(
        "Treatments and the guideline pages that their reviews rest on", _between("treatment", "page")
    ),
    "guideline-co-citation": Projection("Guidelines that reviewers cite for the same item", _among("guideline")),
    "treatment-co-request": Projection("Treatments that are disputed in the same case", _requested_together),
    "reviewer-profile-treatment": Projection(
        "Reviewer profiles and the treatments that they decide on", _between("profile", "treatment")
    ),
    "administrator-reviewer-guideline": Projection(
        "From the guidelines of claims administrators to those of expert reviewers",
        _between("denial-guideline", "guideline", directed=True),
    ),
}
