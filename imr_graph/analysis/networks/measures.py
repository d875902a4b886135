"""Measures of a network's nodes, and bridges between treatments.

The algorithms are networkx's, called by their public names, so that its dispatch can hand them to a faster backend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, TypeAlias

import networkx as nx

from imr_graph.errors import UnknownNameError, UsageError

__all__ = ["MEASURES", "SEED", "Bridge", "Measured", "bridges", "measure", "with_measures"]

Network: TypeAlias = "nx.Graph[str]"
Number: TypeAlias = float

SEED: Final = 2013
"""Starts every random choice, so that equal networks give equal measures."""

_MOST_EXACT: Final = 1_000  # nodes; betweenness of larger networks is estimated
_PIVOTS: Final = 200
_EXACT, _MOST_STEPS = 1e-9, 1_000  # of PageRank, whose usual tolerance shows in the fourth digit of large networks


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of a network's nodes, highest first by the first measure (communities: largest first).

    The columns are `node`, `kind`, `label`, `weight` and the measures; `notes` say what was estimated.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]
    notes: tuple[str, ...] = ()

    def values(self) -> list[dict[str, str | float]]:
        """Return the rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A node that joins treatments.

    `treatments` are those it is tied to, `pairs` the pairs of them, `only` the pairs that nothing else joins: no tie
    of their own and no other common neighbor. `cut` says that the network would fall apart without it; `example` are
    the labels of the heaviest pair that only this node joins.
    """

    node: str
    kind: str
    label: str
    treatments: int
    pairs: int
    only: int
    cut: bool
    example: tuple[str, str] | None


def measure(network: Network, names: tuple[str, ...] | list[str]) -> Measured:
    """Return measures of `MEASURES` for all nodes of a network.

    Ties of no or negative weight (pointwise mutual information) count for nothing. Raises UnknownNameError for
    another measure, UsageError for none and where a measure needs a library that is not installed.
    """
    if not names:
        raise UsageError(f"Say what to measure: {', '.join(MEASURES)}.")
    for name in names:
        if name not in MEASURES:
            raise UnknownNameError("measure of networks", name, MEASURES)
    names = tuple(dict.fromkeys(names))
    usable = _usable(network)
    found = {name: MEASURES[name](usable) for name in names}
    rows = [
        (node, data["kind"], data["label"], data["weight"], *(found[name][node] for name in names))
        for node, data in network.nodes(data=True)
    ]
    sign = 1 if names[0] == "community" else -1
    rows.sort(key=lambda row: (sign * row[4], -row[3], row[2], row[0]))
    estimated = "betweenness" in names and len(network) > _MOST_EXACT
    note = f"Betweenness is estimated from {_PIVOTS} nodes, as there are more than {_MOST_EXACT}."
    return Measured(("node", "kind", "label", "weight", *names), tuple(rows), (note,) if estimated else ())


def with_measures(network: Network, names: tuple[str, ...] | list[str]) -> Network:
    """Return a copy of a network whose nodes carry measures as attributes, for `formats.write_network`."""
    table = measure(network, names)
    carrying: Network = network.copy()
    for row in table.rows:
        carrying.nodes[row[0]].update(zip(table.columns[4:], row[4:], strict=True))
    return carrying


def bridges(network: Network) -> tuple[Bridge, ...]:
    """Return the nodes that join treatments which nothing else joins, those with the most such pairs first.

    In networks of treatments and authorities that is the guideline, section or page that two treatments share and no
    other; where treatments are tied to each other it is the treatment between two that are never requested together.
    """
    plain: Network = network.to_undirected()
    order = sorted(plain)
    place = {node: index for index, node in enumerate(order)}
    # Neighbors as the bits of one number: common neighbors of a pair are one operation.
    around = {node: sum(1 << place[other] for other in plain[node] if other != node) for node in order}
    treatments = [node for node in order if plain.nodes[node]["kind"] == "treatment"]
    joined: dict[str, list[tuple[str, str]]] = {}
    for one, other in combinations(treatments, 2):
        common = around[one] & around[other]
        if common and common & (common - 1) == 0 and not around[one] >> place[other] & 1:
            joined.setdefault(order[common.bit_length() - 1], []).append((one, other))
    cuts = set(nx.articulation_points(plain))
    found = (_bridge(plain, node, pairs, node in cuts) for node, pairs in joined.items())
    return tuple(sorted(found, key=lambda each: (-each.only, -each.pairs, each.label, each.node)))


def _bridge(network: Network, node: str, only: list[tuple[str, str]], cut: bool) -> Bridge:
    nodes = network.nodes
    tied = sum(nodes[other]["kind"] == "treatment" for other in network[node] if other != node)

    def lightness(pair: tuple[str, str]) -> tuple[Any, ...]:
        counts = sorted(network.edges[node, each]["count"] for each in pair)
        return -counts[0], -counts[1], *(nodes[each]["label"] for each in pair)

    one, other = min(only, key=lightness)
    example = (nodes[one]["label"], nodes[other]["label"])
    return Bridge(
        node, nodes[node]["kind"], nodes[node]["label"], tied, tied * (tied - 1) // 2, len(only), cut, example
    )


def _usable(network: Network) -> Network:
    """Return a network without the ties of no or negative weight, which say that nodes stand apart."""
    if all(weight > 0 for *_, weight in network.edges(data="weight")):
        return network
    usable: Network = network.copy()
    usable.remove_edges_from([(one, other) for one, other, weight in network.edges(data="weight") if weight <= 0])
    return usable


def _degree(network: Network) -> Mapping[str, Number]:
    return dict(network.degree())


def _strength(network: Network) -> Mapping[str, Number]:
    return dict(network.degree(weight="weight"))


def _betweenness(network: Network) -> Mapping[str, Number]:
    pivots = _PIVOTS if len(network) > _MOST_EXACT else None
    found: dict[str, Number] = nx.betweenness_centrality(network, k=pivots, seed=SEED)
    return found


def _pagerank(network: Network) -> Mapping[str, Number]:
    try:
        found: dict[str, Number] = nx.pagerank(network, weight="weight", tol=_EXACT, max_iter=_MOST_STEPS)
    except ImportError:
        raise UsageError("PageRank needs scipy: install it with pip install 'imr-graph[networks]'.") from None
    return found


def _community(network: Network) -> Mapping[str, Number]:
    """Return the community of each node, numbered from 1, the largest first (of equal size: by its first node)."""
    # Sets of numbers are walked in the same order in every process, sets of words are not.
    order = list(network)
    numbered = nx.convert_node_labels_to_integers(network)
    parts = nx.community.louvain_communities(numbered, weight="weight", seed=SEED)
    ranked = sorted(parts, key=lambda part: (-len(part), min(part)))
    return {order[index]: number for number, part in enumerate(ranked, 1) for index in part}


def _core(network: Network) -> Mapping[str, Number]:
    found: dict[str, Number] = nx.core_number(network.to_undirected())
    return found


MEASURES: Final[Mapping[str, Callable[[Network], Mapping[str, Number]]]] = {
    "degree": _degree,
    "strength": _strength,
    "betweenness": _betweenness,
    "pagerank": _pagerank,
    "community": _community,
    "core": _core,
}
"""degree: ties of a node; strength: their weight together; betweenness: the share of shortest paths between others
that lead through it, all ties alike; pagerank: the share of a random walk's time, by weight; community: Louvain's, by
weight; core: the largest k so that it is among nodes with k ties to each other."""
