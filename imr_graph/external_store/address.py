"""Where an external store answers, and who one is there; passwords and tokens are never shown.

>>> parse_address("https://sparql.example.org/query", {}).shown
'https://sparql.example.org/query'
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import pyoxigraph as ox

from imr_graph.errors import UsageError

__all__ = [
    "GRAPH_VARIABLE",
    "PASSWORD_VARIABLE",
    "TOKEN_VARIABLE",
    "USER_VARIABLE",
    "Address",
    "check_graph_name",
    "parse_address",
    "query_url",
]

USER_VARIABLE: Final = "IMR_GRAPH_ENDPOINT_USER"
PASSWORD_VARIABLE: Final = "IMR_GRAPH_ENDPOINT_PASSWORD"
TOKEN_VARIABLE: Final = "IMR_GRAPH_ENDPOINT_TOKEN"
GRAPH_VARIABLE: Final = "IMR_GRAPH_ENDPOINT_GRAPH"

# Where products answer queries, by where they take graphs (Graph Store HTTP Protocol); Fuseki's own names among them.
_BESIDE: Final = {
    "/store": "/query",
    "/sparql-graph-crud-auth": "/sparql",
    "/sparql-graph-crud": "/sparql",
    "/rdf-graphs/service": "",
    "/data": "/query",
}


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a SPARQL endpoint and who asks; `shown` is what may be printed.

    `graph` is the graph that counts as the default graph, None for the one that the store's publication names.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    graph: str | None = None

    @property
    def shown(self) -> str:
        """The address without what could be a secret."""
        return self.url.partition("?")[0]

    def at(self, url: str) -> Address:
        """Return the address of another URL of the same server, with the same name and password there."""
        return replace(self, url=_split_credentials(url)[0])


def parse_address(written: str, environ: Mapping[str, str] = os.environ, *, graph: str | None = None) -> Address:
    """Return what a user's URL means.

    A name and a password may stand in the URL (`https://user:password@host/`) or in the environment
    (`IMR_GRAPH_ENDPOINT_USER`, `..._PASSWORD`; a bearer token in `..._TOKEN`). `graph` names a graph of the store.
    Raises UsageError for what is no such URL, or no absolute IRI.
    """
    url, user, password = _split_credentials(written)
    return Address(
        url,
        user or environ.get(USER_VARIABLE),
        password if user else environ.get(PASSWORD_VARIABLE),
        environ.get(TOKEN_VARIABLE),
        check_graph_name(graph or environ.get(GRAPH_VARIABLE) or None),
    )


def check_graph_name(graph: str | None) -> str | None:
    """Return the name of a graph as it is; raises UsageError for what is no absolute IRI."""
    if graph is not None:
        try:
            ox.NamedNode(graph)
        except ValueError:
            raise UsageError(f"The graph {graph!r} is not named by an absolute IRI, such as urn:imr-graph.") from None
    return graph


def query_url(graphs: str) -> str:
    """Return where the server of a Graph Store Protocol URL most likely answers queries.

    >>> query_url("http://localhost:7878/store")
    'http://localhost:7878/query'
    """
    parts = urlsplit(graphs)
    for end, other in _BESIDE.items():
        if parts.path.rstrip("/").endswith(end):
            return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix(end) + other))
    return graphs


def _split_credentials(written: str) -> tuple[str, str | None, str | None]:
    """Return a URL without its name and password, and these."""
    wrong = UsageError("An endpoint is a URL such as https://sparql.example.org/query: write it whole, with http.")
    try:
        parts = urlsplit(written.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not host:
        raise wrong
    bare = parts.netloc.rpartition("@")[2]
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return urlunsplit(parts._replace(netloc=bare, fragment="")), user, password
