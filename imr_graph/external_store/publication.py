"""What an external store holds of ours, in its own words: one small graph that names the data and says what they are.

The data lie in a graph named by their digest. The graph of the publication names that graph; it is replaced in one
request once the data are complete, so whoever asks the store finds the old state or the new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, cast

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError, UsageError
from imr_graph.external_store.address import Address
from imr_graph.external_store.graph import RemoteGraph
from imr_graph.external_store.http import RequestRefusedError, StoreClient, find_row_limit, timeout_form
from imr_graph.graph.export import description
from imr_graph.store.graph_store import GraphStore

__all__ = [
    "LineDigest",
    "Publication",
    "data_graph",
    "describe_missing_limit",
    "digest_store",
    "find_publication",
    "iter_ntriples",
    "open_external_store",
    "publication_graph",
    "read_description",
    "serialize_publication",
]

_VOID, _DCAT = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/dcat#"
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_BATCH: Final = 20_000  # triples that are written at a time
# So many rows are counted in a second by no store (Oxigraph counts about 10 million on one core), so that a store with
# a limit always meets it; without one the question takes a few times as long.
_ROWS_IN_A_SECOND: Final = 30_000_000


@dataclass(frozen=True, slots=True)
class Publication:
    """A generation of a store, as it was published.

    `digest` stands for the triples, whatever their order; `graph` names the graph that holds them (None: the store's
    default graph), `previous` the one that is kept for those who still read it.
    """

    base: str
    generation: int
    digest: str
    triples: int
    cases: int
    graph: str | None
    previous: str | None = None


class LineDigest:
    """A digest of lines in any order: the sum of the digests of each."""

    def __init__(self) -> None:
        self._sum, self.lines = 0, 0

    def update(self, text: bytes) -> None:
        """Take whole lines."""
        for line in text.splitlines():
            self._sum += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "big")
            self.lines += 1

    @property
    def value(self) -> str:
        """The digest, in 32 hexadecimal digits."""
        return f"{self._sum % (1 << 128):032x}"


def publication_graph(base: str) -> str:
    """Return the IRI of the graph that says what is published."""
    return f"{base}publication"


def data_graph(base: str, digest: str) -> str:
    """Return the IRI of the graph for data of a digest."""
    return f"{base}graph-{digest[:16]}"


def iter_ntriples(store: GraphStore) -> Iterator[bytes]:
    """Yield all triples of a store, vocabularies included, as N-Triples: many whole lines at a time."""
    batch: list[ox.Triple] = []
    for quad in store.graph.quads_for_pattern(None, None, None, ox.DefaultGraph()):
        batch.append(quad.triple)
        if len(batch) == _BATCH:
            yield ox.serialize(batch, format=ox.RdfFormat.N_TRIPLES) or b""
            batch.clear()
    if batch:
        yield ox.serialize(batch, format=ox.RdfFormat.N_TRIPLES) or b""


def digest_store(store: GraphStore) -> tuple[LineDigest, int]:
    """Return the digest of a store's triples and how many cases it holds."""
    digest = LineDigest()
    for text in iter_ntriples(store):
        digest.update(text)
    pattern = (None, ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term("Case")), ox.DefaultGraph())
    return digest, sum(1 for _ in store.graph.quads_for_pattern(*pattern))


def serialize_publication(store: GraphStore, publication: Publication) -> bytes:
    """Return the graph of a publication as N-Triples: the description of the dataset (VoID, DCAT), and what it is."""
    dataset = ox.NamedNode(f"{store.base}dataset")

    def about(prop: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(dataset, ox.NamedNode(prop), value)

    said = [quad.triple for quad in ox.parse(description(store), format=ox.RdfFormat.TURTLE)]
    said += [
        about(f"{_DCAT}version", ox.Literal(str(publication.generation))),
        about(f"{terms.DCTERMS}identifier", ox.Literal(publication.digest)),
    ]
    if publication.graph:
        said += [
            about(f"{terms.RDF}type", ox.NamedNode(f"{_SD}NamedGraph")),
            about(f"{_SD}name", ox.NamedNode(publication.graph)),
        ]
    if publication.previous:
        said.append(about(f"{terms.DCTERMS}replaces", ox.NamedNode(publication.previous)))
    return ox.serialize(sorted(said, key=str), format=ox.RdfFormat.N_TRIPLES) or b""


def find_publication(client: StoreClient, base: str | None = None) -> Publication | None:
    """Return what a store says that it holds of ours, None where it says nothing.

    `base` asks for the publication of a base; `client.address.graph` for that of a graph. Raises StoreError where the
    store does not answer, UsageError where it holds several and none is asked for.
    """
    query = f"""SELECT ?where ?dataset ?p ?o WHERE {{
      GRAPH ?where {{ ?dataset a <{_VOID}Dataset> ; <{terms.DCTERMS}identifier> ?digest ; ?p ?o }}
    }}"""
    nodes: dict[str, dict[str, str]] = {}
    for row in cast("ox.QuerySolutions", RemoteGraph(client).query(query)):
        where, prop, value = (cast("ox.NamedNode", row[name]).value for name in ("where", "p", "o"))
        nodes.setdefault(where, {})[prop] = value
    known = [one for where, said in nodes.items() if (one := _read(said)) and where == publication_graph(one.base)]
    if client.address.graph:
        known = [one for one in known if one.graph == client.address.graph]
    if base:
        known = [one for one in known if one.base == base]
    if len(known) > 1:
        graphs = " or ".join(sorted(one.graph or "the default graph" for one in known))
        raise UsageError(f"{client.name} holds several publications: choose one by --graph, {graphs}.")
    return known[0] if known else None


def _read(said: dict[str, str]) -> Publication | None:
    try:
        return Publication(
            said[f"{_VOID}uriSpace"],
            int(said[f"{_DCAT}version"]),
            said[f"{terms.DCTERMS}identifier"],
            int(said[f"{_VOID}triples"]),
            int(said[f"{_VOID}entities"]),
            said.get(f"{_SD}name"),
            said.get(f"{terms.DCTERMS}replaces"),
        )
    except (KeyError, ValueError):
        return None


def read_description(client: StoreClient, publication: Publication) -> tuple[ox.Triple, ...]:
    """Return the description of the dataset that was published with it."""
    graph = RemoteGraph(client, publication_graph(publication.base))
    found: Iterable[ox.Quad] = graph.quads_for_pattern(None, None, None)
    return tuple(quad.triple for quad in found)


def open_external_store(address: Address) -> GraphStore:
    """Open the generation that an external store holds, for reading.

    A graph that is asked for by name (`address.graph`) needs no publication: it may have been loaded by other means,
    and then has the default base. Raises StoreError where the store does not answer or holds nothing of ours.
    """
    client = StoreClient(address)
    found = find_publication(client)
    if found is not None:
        return GraphStore(RemoteGraph(client, found.graph), found.base, None, found.generation)
    graph = RemoteGraph(client, address.graph)
    if address.graph is None or not graph.query(f"ASK {{ ?case a <{terms.term('Case')}> }}"):
        raise StoreError(
            f"{client.name} holds nothing that imr-graph published: load a store into it with imr-graph publish, or "
            "name the graph with --graph."
        )
    return GraphStore(graph)


def describe_missing_limit(client: StoreClient, publication: Publication, seconds: float) -> str | None:
    """Return what is wrong and how to mend it where a store has no limit of time; None where it has one.

    Whoever breaks a request off does not end the query. Virtuoso takes the time from each request (and its
    `MaxQueryExecutionTime` holds beside it), Oxigraph from its option `--timeout-s`. No protocol tells the limit, so
    the store is asked something that takes long.
    """
    if _has_time_limit(client, publication, seconds):
        return None
    return (
        f"{client.name} does not end queries that take longer than {seconds:g} seconds: start it with such a limit "
        "(--timeout-s of Oxigraph, MaxQueryExecutionTime of Virtuoso)"
    )


def _has_time_limit(client: StoreClient, publication: Publication, seconds: float) -> bool:
    """Tell whether a store ends a query that takes longer than `seconds` by itself; that is how long it takes to know.

    `client` has to wait longer than that. The question ends even where the store has no limit. A store too small for
    any such question to take long cannot be told, and counts as one with a limit.
    """
    import httpx  # here, as `http` says what to install where it is missing

    rows = max(1, round(seconds * _ROWS_IN_A_SECOND / max(1, publication.triples)))
    if rows > publication.triples:
        return True
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ SELECT ?a WHERE {{ ?a ?b ?c }} LIMIT {rows} }} ?d ?e ?f }}"
    form = {"query": query, **timeout_form(seconds)}
    if publication.graph:
        form["default-graph-uri"] = publication.graph
    accept = {"accept": "application/sparql-results+xml"}
    try:
        response = client.send("POST", client.address.url, form=form, headers=accept)
        try:
            return find_row_limit(response) is not None or not response.read().rstrip().endswith(b"</sparql>")
        finally:
            response.close()
    except httpx.TimeoutException:
        return False
    except (httpx.HTTPError, RequestRefusedError):
        return True  # it broke off, or refused what it takes for too long
    except StoreError as error:
        return not isinstance(error.__context__, httpx.TimeoutException)
