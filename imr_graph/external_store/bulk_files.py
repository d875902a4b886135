"""Publishing by bulk files: N-Triples that a store's own loader reads, and how to have it do so."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from imr_graph.errors import StoreError
from imr_graph.external_store.address import check_graph_name
from imr_graph.external_store.publication import (
    Publication,
    data_graph,
    digest_store,
    iter_ntriples,
    publication_graph,
    serialize_publication,
)
from imr_graph.store.graph_store import GraphStore

__all__ = ["MANUAL", "write_files"]

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
