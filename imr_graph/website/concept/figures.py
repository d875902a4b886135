"""The figures that pages of concepts show: counted for all of a kind at once, when the first of them is asked for.

The network is one that a person can walk in: what is requested, or cited, together with a treatment or guideline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import networkx as nx

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.networks.ego_network import ego_network
from imr_graph.analysis.networks.projections import project
from imr_graph.analysis.precedents.contrasts import ContrastingPair, find_all_contrasting_pairs
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles, concept_profiles, labels_of_letters
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.svg.network import NetworkDrawing, draw_network

__all__ = ["Walk", "letter_labels", "pairs_of", "preload_figures", "profiles_of", "walk_from"]

Network: TypeAlias = "nx.Graph[str]"
_NEIGHBORS: Final = 12


def letter_labels(snapshot: StoreSnapshot) -> dict[str, dict[str, str]]:
    """Return the names that only letters have, by kind and id."""
    return snapshot.once("letter labels", lambda: labels_of_letters(snapshot.table))


def profiles_of(snapshot: StoreSnapshot, dimension: str) -> ConceptProfiles:
    """Return the profiles of all values of a dimension."""

    def compute() -> ConceptProfiles:
        return concept_profiles(snapshot.table, dimension, letter_labels(snapshot))

    return snapshot.once(("profiles", dimension), compute)


def pairs_of(snapshot: StoreSnapshot, kind: str, id: str) -> tuple[ContrastingPair, ...]:
    """Return the contrasting pairs of a treatment, page or section."""
    return snapshot.once("pairs", lambda: find_all_contrasting_pairs(snapshot.table)).get((kind, id), ())


def _network_of(snapshot: StoreSnapshot, kind: str) -> Network:
    """Return the network of a kind that has one, of all items."""
    name = KINDS[kind].network
    if name is None:
        raise ValueError(f"the kind {kind!r} has no network")
    return snapshot.once(("network", kind), lambda: project(snapshot.table, name))


def preload_figures(snapshot: StoreSnapshot, kind: str) -> None:
    """Compute what the pages of a kind need, before the first is asked for."""
    profiles_of(snapshot, kind)
    if KINDS[kind].network:
        _network_of(snapshot, kind)
        pairs_of(snapshot, kind, "")


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a reader stands in the network: the node (`name` and `label`), and what is drawn; None without ties.

    `home` is the node that the page is about, `here` the path of the page.
    """

    kind: str
    name: str
    label: str
    home: str
    here: str
    drawing: NetworkDrawing | None


def walk_from(snapshot: StoreSnapshot, kind: str, home: str, name: str = "", here: str = "") -> Walk:
    """Return where a reader stands who came to the page of a node and walked to another of its kind.

    A name that is not in the network leads nowhere: the reader stays at home.
    """
    network = _network_of(snapshot, kind)
    wanted = name if name.startswith(f"{kind}-") and terms.BASE + name in network else home
    found = ego_network(network, terms.BASE + wanted, _NEIGHBORS)
    concept = KINDS[kind].concept(wanted)
    label = found.label if found else concept.label if concept else wanted
    return Walk(kind, wanted, label, home, here or urls.resource_named(home), draw_network(found) if found else None)
