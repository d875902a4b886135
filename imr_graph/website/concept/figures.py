"""The figures that pages of concepts show: counted for all of a kind at once, when the first of them is asked for."""

from __future__ import annotations

from typing import Final, TypeAlias

import networkx as nx

from imr_graph.analysis.networks.projections import project
from imr_graph.analysis.precedents.contrasts import ContrastingPair, find_all_contrasting_pairs
from imr_graph.analysis.statistics.concept_profiles import (
    SUBJECTS,
    ConceptProfiles,
    concept_profiles,
    labels_of_letters,
)
from imr_graph.live_store import StoreSnapshot

__all__ = ["NETWORKS", "network_of", "pairs_of", "portraits_of", "preload_figures", "printed_of"]

Network: TypeAlias = "nx.Graph[str]"

NETWORKS: Final = {"treatment": "treatment-co-request", "guideline": "guideline-co-citation"}
"""The network that a person can walk in, by what the names of its nodes begin with."""


def printed_of(snapshot: StoreSnapshot) -> dict[str, dict[str, str]]:
    """Return the names that only letters have, by kind and id."""
    return snapshot.once("printed names", lambda: labels_of_letters(snapshot.table))


def portraits_of(snapshot: StoreSnapshot, subject: str) -> ConceptProfiles:
    """Return the portraits of all values of a dimension."""
    return snapshot.once(
        ("portraits", subject), lambda: concept_profiles(snapshot.table, subject, printed_of(snapshot))
    )


def pairs_of(snapshot: StoreSnapshot, kind: str, id: str) -> tuple[ContrastingPair, ...]:
    """Return the contrasting pairs of a treatment, page or section."""
    return snapshot.once("pairs", lambda: find_all_contrasting_pairs(snapshot.table)).get((kind, id), ())


def network_of(snapshot: StoreSnapshot, kind: str) -> Network:
    """Return the network of a kind of `NETWORKS`, of all items."""
    return snapshot.once(("network", kind), lambda: project(snapshot.table, NETWORKS[kind]))


def preload_figures(snapshot: StoreSnapshot, name: str) -> None:
    """Make what pages of a kind need, before the first is asked for; `name` is a dimension or a kind of network."""
    if name in SUBJECTS:
        portraits_of(snapshot, name)
    if name in NETWORKS:
        network_of(snapshot, name)
        pairs_of(snapshot, name, "")
