"""Opening an external store: the same `GraphStore` as of a folder, read over SPARQL."""

from __future__ import annotations

from typing import cast

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError
from imr_graph.external_store.address import Address
from imr_graph.external_store.graph import RemoteGraph
from imr_graph.external_store.http import Talk
from imr_graph.external_store.publication import found_at
from imr_graph.store.graph_store import GraphStore

__all__ = ["as_store", "open_endpoint"]


def open_endpoint(address: Address) -> GraphStore:
    """Open the generation that an external store holds, for reading.

    A graph that is asked for by name (`address.graph`) needs no publication: it may have been loaded by other means,
    and then has the default base. Raises StoreError where the store does not answer or holds nothing of ours.
    """
    talk = Talk(address)
    found = found_at(talk)
    if found is not None:
        return as_store(RemoteGraph(talk, found.graph), found.base, found.generation)
    graph = RemoteGraph(talk, address.graph)
    if address.graph is None or not graph.query(f"ASK {{ ?case a <{terms.term('Case')}> }}"):
        raise StoreError(
            f"{talk.name} holds nothing that imr-graph published: load a store into it with imr-graph publish, or name "
            "the graph with --graph."
        )
    return as_store(graph, terms.BASE, 0)


def as_store(graph: RemoteGraph, base: str, generation: int) -> GraphStore:
    """Return a remote graph as a store that questions can read.

    They use of a graph no more than `query`, `quads_for_pattern` and `len`, which a remote graph has, so it passes for
    an Oxigraph store there; Oxigraph's own type cannot be inherited from.
    """
    return GraphStore(cast("ox.Store", graph), base, None, generation)
