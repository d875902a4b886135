"""Networks: projections of the graph as networkx graphs, typed, labelled, weighted, and the same at each run.

Every node has `kind`, `label` and `weight` (the number of disputed items that tie it to anything); every edge has
`weight` (the number of disputed items that make the tie) and `overturned` (how many of these were overturned).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, BinaryIO, Final, TypeAlias

import networkx as nx
import pyoxigraph as ox

from imr_graph.errors import UnknownNameError
from imr_graph.graph import terms
from imr_graph.graph.store import GraphStore
from imr_graph.questions import pictures
from imr_graph.questions.facts import label_of, pairs, values_of

__all__ = ["FORMATS", "PROJECTIONS", "project", "write"]

Network: TypeAlias = "nx.Graph[str]"
# (one end, other end, disputed item) for each tie that an item makes
Ties: TypeAlias = Iterable[tuple[str, str, str]]

_PROFILE: Final = "profile:"


def project(store: GraphStore, name: str) -> Network:
    """Return a projection of `PROJECTIONS` as an undirected networkx graph; its nodes are IRIs.

    Raises UnknownNameError for another name.
    """
    if name not in PROJECTIONS:
        raise UnknownNameError("network", name, PROJECTIONS)
    title, ties = PROJECTIONS[name]
    network = _network(store.graph, ties(store.graph))
    network.graph.update(name=name, title=title)
    return network


def write(network: Network, format: str, stream: BinaryIO) -> None:
    """Write a network to a binary stream in a format of `FORMATS`; equal networks give equal bytes.

    Raises UnknownNameError for another format; UsageError where a picture needs a library that is not installed.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of networks", format, FORMATS)
    FORMATS[format](network, stream)


def _network(graph: ox.Store, ties: Ties) -> Network:
    decisions = values_of(graph, "decision")
    weights: dict[tuple[str, str], list[int]] = {}
    items: dict[str, set[str]] = {}
    for one, other, item in set(ties):
        items.setdefault(one, set()).add(item)
        items.setdefault(other, set()).add(item)
        count = weights.setdefault((one, other), [0, 0])
        count[0] += 1
        count[1] += decisions.get(item) == terms.term("Overturned")
    network: Network = nx.Graph()
    for node in sorted(items):
        kind, label = _described(graph, node)
        network.add_node(node, kind=kind, label=label, weight=len(items[node]))
    for (one, other), (weight, overturned) in sorted(weights.items()):
        network.add_edge(one, other, weight=weight, overturned=overturned)
    return network


def _described(graph: ox.Store, node: str) -> tuple[str, str]:
    """Return what kind of node it is and what it is called."""
    if node.startswith(_PROFILE):
        return "reviewer profile", node.removeprefix(_PROFILE)
    kind, _, rest = terms.local_name(node).partition("-")
    return kind, rest if kind == "case" else label_of(graph, node)


def _grouped(graph: ox.Store, name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for subject, value in pairs(graph, name):
        found.setdefault(subject, []).append(value)
    return found


def _case_guideline(graph: ox.Store) -> Iterator[tuple[str, str, str]]:
    cited = _grouped(graph, "basedOnGuideline")
    for case, item in pairs(graph, "hasDisputedItem"):
        yield from ((case, guideline, item) for guideline in cited.get(item, ()))


def _treatment_guideline(graph: ox.Store) -> Iterator[tuple[str, str, str]]:
    cited = _grouped(graph, "basedOnGuideline")
    for item, treatment in pairs(graph, "requestsTreatment"):
        yield from ((treatment, guideline, item) for guideline in cited.get(item, ()))


def _co_citation(graph: ox.Store) -> Iterator[tuple[str, str, str]]:
    for item, guidelines in _grouped(graph, "basedOnGuideline").items():
        yield from ((one, other, item) for one, other in combinations(sorted(guidelines), 2))


def _profile_treatment(graph: ox.Store) -> Iterator[tuple[str, str, str]]:
    """Yield ties of profiles: what reviewers have in common, never who they are."""
    reviewers = values_of(graph, "hasReviewer")
    specialties, states = _grouped(graph, "hasSpecialty"), _grouped(graph, "licensedIn")
    treatments = _grouped(graph, "requestsTreatment")
    profiles: dict[str, str] = {}
    for case, reviewer in reviewers.items():
        fields = sorted(label_of(graph, specialty) for specialty in specialties.get(reviewer, ()))
        codes = sorted(terms.local_name(state).removeprefix("state-US-") for state in states.get(reviewer, ()))
        name = " + ".join(fields) or "specialty not stated"
        profiles[case] = f"{_PROFILE}{name} ({', '.join(codes) or 'state not stated'})"
    for case, item in pairs(graph, "hasDisputedItem"):
        if case in profiles:
            yield from ((profiles[case], treatment, item) for treatment in treatments.get(item, ()))


PROJECTIONS: Final[Mapping[str, tuple[str, Callable[[ox.Store], Ties]]]] = {
    "case-guideline": ("Cases and the guidelines that their reviews rest on", _case_guideline),
    "treatment-guideline": ("Treatments and the guidelines that their reviews rest on", _treatment_guideline),
    "guideline-co-citation": ("Guidelines that reviewers cite for the same item", _co_citation),
    "reviewer-profile-treatment": ("Reviewer profiles and the treatments that they decide on", _profile_treatment),
}


def _graphml(network: Network, stream: BinaryIO) -> None:
    nx.write_graphml_xml(network, stream, encoding="utf-8", prettyprint=True)


# networkx stamps the day into GEXF; without it equal networks are equal files.
_STAMP = re.compile(rb' lastmodifieddate="[^"]*"')


def _gexf(network: Network, stream: BinaryIO) -> None:
    plain: Network = network.copy()
    plain.graph.clear()  # GEXF has no place for these
    buffer = io.BytesIO()
    nx.write_gexf(plain, buffer, encoding="utf-8", prettyprint=True)
    stream.write(_STAMP.sub(b"", buffer.getvalue()))


def _json(network: Network, stream: BinaryIO) -> None:
    data: dict[str, Any] = nx.node_link_data(network, edges="edges")  # type: ignore[no-untyped-call]
    stream.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


FORMATS: Final[Mapping[str, Callable[[Network, BinaryIO], None]]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "json": _json,
    "svg": lambda network, stream: pictures.draw(network, stream, "svg"),
    "png": lambda network, stream: pictures.draw(network, stream, "png"),
}
