"""Publishing into an external store: over HTTP, or by files that the store's own loader reads.

The first way is the SPARQL 1.1 Graph Store HTTP Protocol: a store's triples into an external store, chunk by chunk.

https://www.w3.org/TR/sparql11-http-rdf-update/. A request of the protocol changes one graph at a time, and no request
should be very large, so a fresh graph is filled first, counted, and only then named by the publication's graph, in one
request. The graph before it stays until the next publication, for those who still read it.
"""

from __future__ import annotations

import dataclasses
import gzip
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError
from imr_graph.external_store.address import Address, check_graph_name
from imr_graph.external_store.graph import RemoteGraph
from imr_graph.external_store.http import StoreClient
from imr_graph.external_store.publication import (
    Publication,
    data_graph,
    digest_store,
    find_publication,
    iter_ntriples,
    publication_graph,
    serialize_publication,
)
from imr_graph.store.graph_store import GraphStore

__all__ = ["CHUNK", "DEFAULT", "MANUAL", "PublishResult", "publish", "write_files"]

CHUNK: Final = 4 << 20
"""Bytes of N-Triples in one request."""

DEFAULT: Final = "default"
"""The name of the store's default graph, where a graph is asked for."""

_ONTOLOGY: Final = terms.IMR.removesuffix("#")
_NTRIPLES: Final = "application/n-triples"


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What a store holds now; `fresh` says whether anything had to be sent."""

    publication: Publication
    fresh: bool


def publish(
    store: GraphStore,
    graphs: Address,
    queries: Address,
    *,
    graph: str | None = None,
    replace: bool = False,
    chunk: int = CHUNK,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> PublishResult:
    """Publish a store's graph and return what the external store holds then.

    `graphs` takes graphs, `queries` answers queries. Without `graph` the data go to a graph named by their digest
    and take over in one step. A graph that is named (or `DEFAULT`) is rewritten in place instead, so that readers may
    meet a part of it meanwhile. What is there already is not sent again unless `replace` asks for it.
    `progress` is called with how many triples have been sent, and of how many. Raises StoreError where the external
    store fails, or does not hold at the end what was sent, UsageError for a graph that is no IRI.
    """
    send, ask = StoreClient(graphs), StoreClient(dataclasses.replace(queries, graph=None))
    digest, cases = digest_store(store)
    before = find_publication(ask, store.base)
    target = _target_graph(store, graph, digest.value)
    if before and before.digest == digest.value and before.graph == target and not replace:
        _verify(RemoteGraph(ask, target), before.triples, cases)
        return PublishResult(before, fresh=False)
    kept = None if before is None else before.previous if before.graph == target else before.graph
    publication = Publication(store.base, store.generation, digest.value, digest.lines, cases, target, kept)
    _delete_old_graphs(send, ask, store.base, {kept, before.graph if before else None})
    _fill(send, store, target, chunk, lambda done: progress(done, digest.lines))
    _verify(RemoteGraph(ask, target), digest.lines, cases)
    _put(send, publication_graph(store.base), serialize_publication(store, publication))
    if find_publication(ask, store.base) != publication:
        raise StoreError(f"{ask.name} does not give back what was published: is it the endpoint of the same store?")
    return PublishResult(publication, fresh=True)


def _target_graph(store: GraphStore, graph: str | None, digest: str) -> str | None:
    if graph in (None, DEFAULT):
        return None if graph else data_graph(store.base, digest)
    return check_graph_name(graph)


def _fill(send: StoreClient, store: GraphStore, graph: str | None, chunk: int, progress: Callable[[int], None]) -> None:
    """Put a store's triples into a graph in place of what it held.

    The ontology's own node goes first: by it a graph is known as one of ours, however far the rest came.
    """
    about = store.graph.quads_for_pattern(ox.NamedNode(_ONTOLOGY), None, None, ox.DefaultGraph())
    _put(send, graph, ox.serialize((quad.triple for quad in about), format=ox.RdfFormat.N_TRIPLES) or b"")
    done = 0
    for text in _chunks(iter_ntriples(store), chunk):
        _put(send, graph, text, method="POST")
        done += text.count(b"\n")
        progress(done)


def _chunks(lines: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the same lines in pieces of about a size."""
    held = bytearray()
    for text in lines:
        held += text
        while len(held) > size:
            end = held.rfind(b"\n", 0, size) + 1 or held.find(b"\n") + 1
            yield bytes(held[:end])
            del held[:end]
    if held:
        yield bytes(held)


def _put(send: StoreClient, graph: str | None, text: bytes, *, method: str = "PUT") -> None:
    named = {"graph": graph} if graph else {"default": ""}
    try:
        send.send(method, send.address.url, parameters=named, content=text, headers={"content-type": _NTRIPLES}).close()
    except StoreError as error:
        if graph:
            raise
        raise StoreError(
            f"{error} Not every store has a default graph that can be written: publish without --graph."
        ) from None


def _delete_old_graphs(send: StoreClient, ask: StoreClient, base: str, kept: Collection[str | None]) -> None:
    """Delete the graphs that no publication names any more: those before the last, and those never finished."""
    query = f"""SELECT DISTINCT ?graph WHERE {{
      GRAPH ?graph {{ <{_ONTOLOGY}> a <http://www.w3.org/2002/07/owl#Ontology> }}
    }}"""
    rows = cast("ox.QuerySolutions", RemoteGraph(ask).query(query))
    named = {cast("ox.NamedNode", row[0]).value for row in rows}
    for graph in sorted(named - {graph for graph in kept if graph}):
        if graph.startswith(data_graph(base, "")):
            send.send("DELETE", send.address.url, parameters={"graph": graph}).close()


def _verify(graph: RemoteGraph, triples: int, cases: int) -> None:
    """Count what the graph holds; raises StoreError where that is not what it should be."""
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?case a <{terms.term('Case')}> }}"
    (row,) = cast("ox.QuerySolutions", graph.query(query))
    found = len(graph), int(cast("ox.Literal", row[0]).value)
    if found != (triples, cases):
        raise StoreError(
            f"{graph.client.name} holds {found[0]:,} triples of {found[1]:,} cases where {triples:,} of {cases:,} were "
            f"sent: publish again with --replace; where that does not help, look for limits in its log."
        )


MANUAL: Final = "LOADING.txt"
_FILE_BYTES: Final = 1 << 28  # bytes before compression


def write_files(
    store: GraphStore,
    folder: Path,
    *,
    graph: str | None = None,
    file_bytes: int = _FILE_BYTES,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Publication:
    """Write a store's graph into a folder as compressed N-Triples, with the publication's graph and how to load both.

    `graph` is where the data belong (by default a graph named by their digest). Raises StoreError where the folder
    cannot be written, UsageError for a graph that is no IRI.
    """
    digest, cases = digest_store(store)
    graph = check_graph_name(graph) or data_graph(store.base, digest.value)
    publication = Publication(store.base, store.generation, digest.value, digest.lines, cases, graph)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob("data-*.nt.gz"), *folder.glob("publication.nt.gz")):
            old.unlink()
        done = number = size = 0
        stream = None
        for text in iter_ntriples(store):
            if stream is None or size + len(text) > file_bytes:
                if stream is not None:
                    stream.close()
                number, size = number + 1, 0
                stream = _open_gzip(folder / f"data-{number:04}.nt.gz")
            stream.write(text)
            size, done = size + len(text), done + text.count(b"\n")
            progress(done, digest.lines)
        if stream is not None:
            stream.close()
        with _open_gzip(folder / "publication.nt.gz") as stream:
            stream.write(serialize_publication(store, publication))
        (folder / MANUAL).write_text(_manual(publication, folder), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror or error}): choose another --files.") from None
    return publication


def _open_gzip(path: Path) -> gzip.GzipFile:
    return gzip.GzipFile(path, "wb", compresslevel=5, mtime=0)


def _manual(publication: Publication, folder: Path) -> str:
    about, here = publication_graph(publication.base), os.fspath(folder.absolute())
    return f"""Generation {publication.generation}: {publication.triples:,} triples of {publication.cases:,} cases.

data-*.nt.gz belong into the graph <{publication.graph}>, publication.nt.gz into the graph
<{about}>: by it imr-graph finds the data. Load the data first.

Oxigraph, with no server running on the folder:

    gzip -d data-*.nt.gz publication.nt.gz
    for file in data-*.nt; do
      oxigraph load --location STORE --file "$file" --graph '{publication.graph}'
    done
    oxigraph load --location STORE --file publication.nt --graph '{about}'

Virtuoso, in isql, where this folder is among DirsAllowed in virtuoso.ini:

    DELETE FROM DB.DBA.LOAD_LIST WHERE ll_file LIKE '{here}/%';
    ld_dir('{here}', 'data-*.nt.gz', '{publication.graph}');
    rdf_loader_run();
    SPARQL CLEAR GRAPH <{about}>;
    ld_dir('{here}', 'publication.nt.gz', '{about}');
    rdf_loader_run();
    checkpoint;
    SELECT ll_file, ll_error FROM DB.DBA.LOAD_LIST WHERE ll_error IS NOT NULL;

Other stores: their own loader for N-Triples, with the graphs named above.
"""
