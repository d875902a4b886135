"""Networks: projections of the graph as networkx graphs, typed, labelled, weighted, and the same at each run.

An edge is made by a unit: a disputed item, or, where treatments are requested together, a case. Every node has `kind`,
`label`, `weight` (the units that join it to anything) and `occurrences` (the units that it stands in at all); every
edge has `count` (the units that make it), `overturned` (how many of these were overturned) and `weight`: the count, or
an association measure of `WEIGHTS`, which `count`, `occurrences` and the graph's `units` give again.

The table's engine counts a projection of 100,000 letters in the time in which the graph yields the facts of 10,000.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from imr_graph import iris, vocabulary
from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, FilterValues, resolve_filters, to_sql
from imr_graph.analysis.dimensions.values import make_values
from imr_graph.analysis.networks.formats import DirectedNetwork, Network, UndirectedNetwork
from imr_graph.errors import UnknownNameError
from imr_graph.store.graph_store import StoreSource
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["PROJECTIONS", "WEIGHTS", "EdgeCounts", "Network", "Projection", "project"]


Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EdgeCounts:
    """The edges of a projection.

    `ends` are the dimensions (of `dimensions.DIMENSIONS`, or "case") of the two ends of each edge. A row of `edges` has
    the ids of both ends, the units that make the edge, and how many of these were overturned; `nodes` has for each
    dimension, by id, the units that join a value to anything, and those that it stands in. `units` counts all, `unit`
    names one.
    """

    ends: tuple[str, str]
    edges: Sequence[Row]
    nodes: Mapping[str, Mapping[str, tuple[int, int]]]
    units: int
    unit: str = "disputed item"
    directed: bool = False


class Projection(NamedTuple):
    """One projection: its title, and what counts its edges."""

    title: str
    count_edges: Callable[[Table, Filters], EdgeCounts]


def _within_items(one: str, other: str, *, directed: bool = False) -> Callable[[Table, Filters], EdgeCounts]:
    """Return what counts the edges between values of two dimensions, or among those of one, that share an item."""
    units = f"select {_values(one)} as a, {_values(other)} as b, decision = 'overturned' as o from items where {{said}}"
    among = one == other
    ends = ((one, "a", "b"),) if among else ((one, "a", "b"), (other, "b", "a"))

    def count(table: Table, filters: Filters) -> EdgeCounts:
        edges = _rows(table, filters, _EDGES.format(units=units, kept="a < b" if among else "true"))
        nodes = {}
        for dimension, end, far in ends:
            sql = _NODES.format(units=units, end=end, other=far, fewest=2 if among else 1)
            nodes[dimension] = _joined_nodes(_rows(table, filters, sql))
        return EdgeCounts((one, other), edges, nodes, _units(table, filters), directed=directed)

    return count


_EDGES: Final = """
  select a, b, count(*), count(*) filter (o)
  from (select a, unnest(b) as b, o from (select unnest(a) as a, b, o from ({units})))
  where {kept} group by a, b
"""
_NODES: Final = """
  select {end}, count(*) filter (len({other}) >= {fewest}), count(*)
  from (select unnest({end}) as {end}, {other} from ({units}))
  group by {end}
"""


def _co_request(table: Table, filters: Filters) -> EdgeCounts:
    """Return the edges between treatments that are disputed in one case.

    An edge is overturned where every item that requests either treatment is. Drugs that always stand in the same items
    are the ingredients of one product or compound, which is one request: they are joined only by items apart.
    """
    drugs = [list(_drugs())]
    edges = _rows(
        table, filters, f"{_CO_REQUEST} select a, b, count(*), count(*) filter (o) from edge group by a, b", drugs
    )
    nodes = {"treatment": _joined_nodes(_rows(table, filters, f"{_CO_REQUEST} {_CO_REQUEST_NODES}", drugs))}
    units = _units(table, filters, "count(distinct case_key)")
    return EdgeCounts(("treatment", "treatment"), edges, nodes, units, "case")


@cache
def _drugs() -> tuple[str, ...]:
    known = vocabulary.load()
    return tuple(t.id for t in known.treatments if any(c.id == "pharmaceuticals" for c in known.categories_of(t.id)))


_CO_REQUEST: Final = """
  with named as (
    select case_key, position, unnest(treatments) as t, decision = 'overturned' as o from items where {said}
  ), requested as materialized (
    select case_key, t, list(position order by position) as positions, bool_and(o) as o from named group by case_key, t
  ), drug as (
    select unnest(?::varchar[]) as t
  ), edge as (
    select r.case_key, r.t as a, s.t as b, r.o and s.o as o
    from requested r join requested s on r.case_key = s.case_key and r.t < s.t
    left join drug d on d.t = r.t left join drug e on e.t = s.t
    where r.positions <> s.positions or d.t is null or e.t is null
  )
"""
_CO_REQUEST_NODES: Final = """
  select t, coalesce(any_value(joined), 0), count(*) from requested left join (
    select t, count(distinct case_key) as joined
    from (select a as t, case_key from edge union all select b, case_key from edge) group by t
  ) using (t) group by t
"""


def _rows(table: Table, filters: Filters, sql: str, more: Sequence[object] = ()) -> list[Row]:
    """Return the rows of a query over the items that filters let through."""
    said, parameters = to_sql(filters)
    return table.rows(sql.replace("{said}", said), [*parameters, *more])


def _units(table: Table, filters: Filters, counted: str = "count(*)") -> int:
    ((units,),) = _rows(table, filters, f"select {counted} from items where {{said}}")
    return int(units)


def _values(dimension: str) -> str:
    return "[case_key]" if dimension == "case" else DIMENSIONS[dimension].values


def _joined_nodes(rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    return {id: (joined, occurring) for id, joined, occurring in rows if joined}


PROJECTIONS: Final[Mapping[str, Projection]] = {
    "case-guideline": Projection(
        "Cases and the guidelines that their reviews rest on", _within_items("case", "guideline")
    ),
    "treatment-guideline": Projection(
        "Treatments and the guidelines that their reviews rest on", _within_items("treatment", "guideline")
    ),
    "treatment-section": Projection(
        "Treatments and the guideline sections that their reviews rest on", _within_items("treatment", "section")
    ),
    "treatment-page": Projection(
        "Treatments and the guideline pages that their reviews rest on", _within_items("treatment", "page")
    ),
    "treatment-reason": Projection(
        "Treatments and the reasons of the decisions on them", _within_items("treatment", "reason")
    ),
    "reason-section": Projection(
        "Reasons and the guideline sections that their reviews rest on", _within_items("reason", "section")
    ),
    "guideline-co-citation": Projection(
        "Guidelines that reviewers cite for the same item", _within_items("guideline", "guideline")
    ),
    "treatment-co-request": Projection("Treatments that are disputed in the same case", _co_request),
    "reviewer-profile-treatment": Projection(
        "Reviewer profiles and the treatments that they decide on", _within_items("profile", "treatment")
    ),
    "administrator-reviewer-guideline": Projection(
        "From the guidelines of claims administrators to those of expert reviewers",
        _within_items("denial-guideline", "guideline", directed=True),
    ),
}


def project(
    source: StoreSource | Table,
    name: str,
    *,
    weight: str = "count",
    filters: Filters | FilterValues = NO_FILTERS,
    since: str | date | None = None,
    until: str | date | None = None,
) -> Network:
    """Return a projection of `PROJECTIONS` as a networkx graph; its nodes are IRIs, or stand for them.

    `source` is a store, its folder, or its open table. `weight` is one of `WEIGHTS`; `filters`, `since` and `until`
    are those of statistics (`filters.resolve_filters`) and choose the disputed items that count. The
    projection from the guidelines of claims administrators to those of reviewers is directed, the others are not.
    Raises UnknownNameError, with near names, for another projection or weight.
    """
    if name not in PROJECTIONS:
        raise UnknownNameError("network", name, PROJECTIONS)
    if weight not in WEIGHTS:
        raise UnknownNameError("weight of networks", weight, WEIGHTS)
    if not isinstance(source, Table):
        with open_table(source) as table:
            return project(table, name, weight=weight, filters=filters, since=since, until=until)
    if not isinstance(filters, Filters):
        filters = resolve_filters(source.store, filters, since=since, until=until)
    projection = PROJECTIONS[name]
    network = _network(source, projection.count_edges(source, filters), weight)
    network.graph.update(name=name, title=projection.title, weight=weight)
    return network


def _count(count: int, _one: int, _other: int, _units: int) -> float:
    return count


def _jaccard(count: int, one: int, other: int, _units: int) -> float:
    return count / (one + other - count)


def _npmi(count: int, one: int, other: int, units: int) -> float:
    if count == units:  # both stand in every unit: the limit of the measure
        return 1.0
    return max(-1.0, min(1.0, math.log(count * units / (one * other)) / -math.log(count / units)))


WEIGHTS: Final[Mapping[str, Callable[[int, int, int, int], float]]] = {
    "count": _count,
    "jaccard": _jaccard,
    "npmi": _npmi,
}
"""What an edge can weigh, from the units of the edge, of either end, and of all: the units that make it; the share of
the units with either end that have both (Jaccard); normalised pointwise mutual information, from -1 (never together)
by 0 (as chance would have it) to 1 (never apart).

Source of the last: G. Bouma, Normalized (pointwise) mutual information in collocation extraction, GSCL 2009, 31-40.
"""


def _network(table: Table, counts: EdgeCounts, weight: str) -> Network:
    network: Network = DirectedNetwork() if counts.directed else UndirectedNetwork()
    network.graph.update(unit=counts.unit, units=counts.units)
    names = {dimension: _name_nodes(table, dimension, counts.nodes) for dimension in counts.nodes}
    listed = sorted((name, counts.nodes[of][id]) for of, named in names.items() for id, name in named.items())
    for (node, kind, label), (joined, occurring) in listed:
        network.add_node(node, kind=kind, label=label, weight=joined, occurrences=occurring)
    place = {name[0]: number for number, (name, _) in enumerate(listed)}
    ones, others = ({id: place[name[0]] for id, name in names[end].items()} for end in counts.ends)
    weigh = WEIGHTS[weight]
    for one, other, count, overturned in sorted((ones[a], others[b], *more) for a, b, *more in counts.edges):
        (source, (_, occurring)), (target, (_, beside)) = listed[one], listed[other]
        weighed = weigh(count, occurring, beside, counts.units)
        network.add_edge(source[0], target[0], weight=weighed, count=count, overturned=overturned)
    return network


def _name_nodes(
    table: Table, dimension: str, nodes: Mapping[str, Mapping[str, object]]
) -> dict[str, tuple[str, str, str]]:
    """Return node, kind and label of each value of a dimension, by id."""
    ids = nodes[dimension]
    if dimension == "case":
        return {id: (iris.case_iri(id, table.store.base), "case", id) for id in ids}
    told_apart = dimension == "profile" or "denial-guideline" in nodes
    kind, prefix = _KINDS.get(dimension, (dimension, "")) if told_apart else (dimension, "")
    values = make_values(DIMENSIONS[dimension], ids, table)
    return {id: (f"{prefix}{values[id].iri or id}", kind, values[id].label) for id in ids}


_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    # What reviewers have in common, never who they are
    "profile": ("reviewer profile", "profile:"),
    # One guideline is two nodes where both sides cite it: its IRI follows the prefix.
    "denial-guideline": ("guideline of the claims administrator", "denial:"),
    "guideline": ("guideline of the expert reviewer", "review:"),
}
"""The kind and the beginning of nodes that are not simply what the graph has."""
