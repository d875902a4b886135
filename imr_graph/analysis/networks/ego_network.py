"""An ego network: the part of a network around one node that a person can take in, and walk on from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import networkx as nx

from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.errors import UsageError

__all__ = ["EgoNetwork", "Neighbor", "ego_network"]

Network: TypeAlias = "nx.Graph[str]"

_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A node joined to the centre: what makes the edge (`figures`: how many units, how many of them overturned)."""

    node: str
    kind: str
    label: str
    figures: RateGroup


@dataclass(frozen=True, slots=True)
class EgoNetwork:
    """A node of a network with the neighbors that it shares most with.

    `neighbors` come by the units of their edges, the most first, and `others` counts those that are left out; `edges`
    are those among the neighbors, by their places in `neighbors`, with their units. `units` are those that join the
    centre to anything. `unit` says what is counted, a case or a disputed item.
    """

    node: str
    label: str
    unit: str
    units: int
    neighbors: tuple[Neighbor, ...]
    others: int
    edges: tuple[tuple[int, int, int], ...]


def ego_network(network: Network, node: str, limit: int = 12) -> EgoNetwork | None:
    """Return the surroundings of a node in a network of `projections.project`; None where nothing is joined to it.

    Raises UsageError for a limit that is not 1 to 50.
    """
    if not 1 <= limit <= _MOST:
        raise UsageError(f"A neighborhood has 1 to {_MOST} neighbors: change the limit {limit}.")
    if node not in network:
        return None
    ranked = sorted(network[node], key=lambda other: _rank(network, node, other))
    chosen = ranked[:limit]
    data = network.nodes[node]
    return EgoNetwork(
        node,
        data["label"],
        network.graph["unit"],
        data["weight"],
        tuple(_neighbor(network, node, other) for other in chosen),
        len(ranked) - len(chosen),
        _edges_among(network, chosen),
    )


def _rank(network: Network, node: str, other: str) -> tuple[int, str, str]:
    return -network.edges[node, other]["count"], network.nodes[other]["label"], other


def _neighbor(network: Network, node: str, other: str) -> Neighbor:
    data, edge = network.nodes[other], network.edges[node, other]
    return Neighbor(other, data["kind"], data["label"], rate_group((), edge["count"], edge["overturned"]))


def _edges_among(network: Network, chosen: Sequence[str]) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (one, other, network.edges[chosen[one], chosen[other]]["count"])
        for one in range(len(chosen))
        for other in range(one + 1, len(chosen))
        if network.has_edge(chosen[one], chosen[other])
    )
