"""Networks: projections of the graph as networkx graphs, typed, labelled, weighted, and the same at each run.

A tie is made by a unit: a disputed item, or, where treatments are requested together, a case. Every node has `kind`,
`label`, `weight` (the units that tie it to anything) and `occurrences` (the units that it stands in at all); every
edge has `count` (the units that make the tie), `overturned` (how many of these were overturned) and `weight`: the
count, or an association measure of `WEIGHTS`, which `count`, `occurrences` and the graph's `units` give again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

import networkx as nx

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters
from imr_graph.analysis.dimensions.values import make_values
from imr_graph.analysis.networks.formats import FORMATS, write
from imr_graph.analysis.networks.projections import PROJECTIONS, End, Ties
from imr_graph.errors import UnknownNameError
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["FORMATS", "PROJECTIONS", "WEIGHTS", "Network", "project", "write"]

Network: TypeAlias = "nx.Graph[str]"


def project(source: GraphStore | Table, name: str, *, weight: str = "count", filters: Filters = NO_FILTERS) -> Network:
    """Return a projection of `PROJECTIONS` as a networkx graph; its nodes are IRIs, or stand for them.

    `source` is a store, or its open table. `weight` is one of `WEIGHTS`; `filters` are those of statistics and choose
    the disputed items that count. The projection from the guidelines of claims administrators to those of reviewers
    is directed, the others are not. Raises UnknownNameError, with near names, for another projection or weight.
    """
    if name not in PROJECTIONS:
        raise UnknownNameError("network", name, PROJECTIONS)
    if weight not in WEIGHTS:
        raise UnknownNameError("weight of networks", weight, WEIGHTS)
    if isinstance(source, GraphStore):
        with open_table(source) as table:
            return project(table, name, weight=weight, filters=filters)
    projection = PROJECTIONS[name]
    network = _network(source, projection.ties(source, filters), weight)
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
"""What an edge can weigh, from the units of the tie, of either end, and of all: the units that make it; the share of
the units with either end that have both (Jaccard); normalised pointwise mutual information, from -1 (never together)
by 0 (as chance would have it) to 1 (never apart).

Source of the last: G. Bouma, Normalized (pointwise) mutual information in collocation extraction, GSCL 2009, 31-40.
"""


def _network(table: Table, ties: Ties, weight: str) -> Network:
    network: Network = nx.DiGraph() if ties.directed else nx.Graph()
    network.graph.update(unit=ties.unit, units=ties.units)
    named = _named(table, ties.ends)
    for end, (node, kind, label) in sorted(named.items(), key=lambda pair: pair[1]):
        tied, occurring = ties.ends[end]
        network.add_node(node, kind=kind, label=label, weight=tied, occurrences=occurring)
    weigh = WEIGHTS[weight]
    for (one, other), (count, overturned) in sorted(
        ties.made.items(), key=lambda tie: (named[tie[0][0]], named[tie[0][1]])
    ):
        weighed = weigh(count, ties.ends[one][1], ties.ends[other][1], ties.units)
        network.add_edge(named[one][0], named[other][0], weight=weighed, count=count, overturned=overturned)
    return network


def _named(table: Table, ends: Iterable[End]) -> dict[End, tuple[str, str, str]]:
    """Return node, kind and label of each end."""
    ids: dict[str, list[str]] = {}
    for end in ends:
        ids.setdefault(end.dimension, []).append(end.id)
    both_sides = "denial-guideline" in ids
    found: dict[End, tuple[str, str, str]] = {}
    for name, of in ids.items():
        if name == "case":
            found |= {End(name, id): (terms.case_iri(id, table.store.base), "case", id) for id in of}
        else:
            kind, prefix = _KINDS.get(name, (name, "")) if both_sides or name == "profile" else (name, "")
            for id, value in make_values(DIMENSIONS[name], of, table).items():
                found[End(name, id or "")] = (f"{prefix}{value.iri or id}", kind, value.label)
    return found


_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    # What reviewers have in common, never who they are
    "profile": ("reviewer profile", "profile:"),
    # One guideline is two nodes where both sides cite it: its IRI follows the prefix.
    "denial-guideline": ("guideline of the claims administrator", "denial:"),
    "guideline": ("guideline of the expert reviewer", "review:"),
}
"""The kind and the beginning of nodes that are not simply what the graph has."""
