"""Serving from an external store: a worker's place of evaluation is that store, behind the same guard.

Workers, limits, formats and the queue are those of an embedded store (`endpoint.workers`); only the graph that a
worker asks is a remote one. A query is parsed here first, so the store meets SPARQL 1.1 and nothing else, and always
with the published graph as its whole dataset: neither `FROM` nor a dataset of the request reaches other graphs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from imr_graph.analysis.queries.safety import keywords, unescape_variants
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import StoreError, UsageError
from imr_graph.external_store.address import parse_address
from imr_graph.external_store.graph import RemoteGraph
from imr_graph.external_store.http import StoreClient
from imr_graph.external_store.publication import Publication, describe_missing_limit, find_publication, read_description
from imr_graph.graph.readable import ReadableGraph

__all__ = ["ProxiedGraph", "check_time_limit", "describe_publication", "open_proxied_graph", "read_publication"]

_NAME: Final = "The store behind this server"  # clients need not know its address
_PATIENCE: Final = 10.0  # seconds that the question for the publication may take
# Functions that Virtuoso adds to SPARQL reach into its database: by prefix or as an IRI.
_BUILT_IN: Final = re.compile(r"<\s*(?:bif|sql):", re.IGNORECASE)
_PREFIX_FROM: Final = re.compile(r"\w*from[\w.\-]*\s*:", re.IGNORECASE)
_BUILT_IN_PREFIXES: Final = frozenset(("BIF", "SQL"))


class ProxiedGraph(RemoteGraph):
    """The graph of an external store for queries of strangers."""

    def query(
        self,
        query: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        base_iri: str | None = None,
        default_graph: Sequence[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None,
        named_graphs: Sequence[ox.NamedNode | ox.BlankNode] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Return the answer to a query; the arguments and errors are those of `RemoteGraph.query`.

        A dataset clause names graphs that the published data do not have: as in the embedded store it finds nothing.
        """
        for spelled in unescape_variants(query):
            found = keywords(spelled)
            if _BUILT_IN.search(spelled) or _BUILT_IN_PREFIXES & {*found}:
                raise UsageError("bif: and sql: functions are not served here, as they are not of SPARQL")
            if any("GRAPH" in word for word in found):  # Virtuoso would find graphs that are not of the dataset
                raise UsageError("GRAPH is not served here, as all is in one graph: leave it out")
            if any("FROM" in word for word in found):
                if _PREFIX_FROM.search(spelled) or not any(word == "FROM" for word in found):
                    raise UsageError("a prefix with the name 'from' is taken for a clause FROM here: rename it")
                default_graph = named_graphs = ()
        return super().query(
            query, prefixes=prefixes, base_iri=base_iri, default_graph=default_graph, named_graphs=named_graphs
        )


def open_proxied_graph(settings: ServerSettings, graph: str | None) -> ReadableGraph:
    """Return the graph of the external store for a worker, within the limits of the settings."""
    client = StoreClient(parse_address(settings.endpoint), name=_NAME)
    return ProxiedGraph(client, graph, streamed=True, most=settings.rows + 1, seconds=settings.query_seconds)


def read_publication(settings: ServerSettings) -> Publication:
    """Return what the external store holds; raises StoreError where it does not answer, or holds nothing of ours."""
    asked = parse_address(settings.endpoint, graph=settings.endpoint_graph or None)
    client = StoreClient(asked, seconds=_PATIENCE)
    try:
        found = find_publication(client)
    finally:
        client.close()
    if found is None:
        raise StoreError(f"{client.name} holds nothing that imr-graph published: load a store into it with "
                         "imr-graph publish.")  # fmt: skip
    return found


def check_time_limit(settings: ServerSettings) -> None:
    """Raise StoreError where queries that are given up here would go on in the external store."""
    asked = parse_address(settings.endpoint, graph=settings.endpoint_graph or None)
    client = StoreClient(asked, seconds=2 * settings.query_seconds + _PATIENCE)
    try:
        missing = describe_missing_limit(client, read_publication(settings), settings.query_seconds)
        if missing:
            raise StoreError(f"{missing}, or serve it as it is with --set endpoint_unlimited=yes.")
    finally:
        client.close()


def describe_publication(endpoint: str, graph: str) -> dict[str, Any]:
    """Return the description of the data that was published with them, and the base of their IRIs."""
    client = StoreClient(parse_address(endpoint, graph=graph or None))
    found = find_publication(client)
    if found is None:
        return {"base": "", "graphs": [], "description": ""}
    said = sorted(read_description(client, found), key=str)
    text = ox.serialize(said, format=ox.RdfFormat.TURTLE) or b""
    return {"base": found.base, "graphs": [], "description": text.decode()}
