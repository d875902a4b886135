"""The figures that pages of concepts show: counted for all of a kind at once, when the first of them is asked for."""

from __future__ import annotations

from typing import TypeAlias

import networkx as nx

from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.networks.projections import project
from imr_graph.analysis.precedents.contrasts import ContrastingPair, find_all_contrasting_pairs
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles, concept_profiles, labels_of_letters
from imr_graph.live_store import StoreSnapshot

__all__ = ["letter_labels", "network_of", "pairs_of", "preload_figures", "profiles_of"]

Network: TypeAlias = "nx.Graph[str]"


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


def network_of(snapshot: StoreSnapshot, kind: str) -> Network:
    """Return the network of a kind that has one, of all items."""
    name = KINDS[kind].network
    if name is None:
        raise ValueError(f"the kind {kind!r} has no network")
    return snapshot.once(("network", kind), lambda: project(snapshot.table, name))


def preload_figures(snapshot: StoreSnapshot, kind: str) -> None:
    """Compute what the pages of a kind need, before the first is asked for."""
    profiles_of(snapshot, kind)
    if KINDS[kind].network:
        network_of(snapshot, kind)
        pairs_of(snapshot, kind, "")
