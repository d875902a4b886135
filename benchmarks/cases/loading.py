"""N-Triples files to a store on disk: `loading.py WAY STORE FILE...`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from stopwatch import Stopwatch

from imr_graph.graph.resolver import default_resolver
from imr_graph.store.graph_store import write_store


def ours(store: Path, files: list[Path]) -> None:
    """Load as the product does, vocabularies, catalog and publishing included."""
    with write_store(store) as held, held.next(anew=True) as draft:
        for file in files:
            draft.graph.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES)


def bare(store: Path, files: list[Path]) -> None:
    """Load with pyoxigraph and nothing else."""
    graph = ox.Store(str(store))
    for file in files:
        graph.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES)
    graph.flush()


WAYS: dict[str, Callable[[Path, list[Path]], None]] = {"ours": ours, "bare": bare}


def main(way: str, store: Path, files: list[Path]) -> None:
    """Time one way; the vocabularies have been read before."""
    if way == "ours":
        _ = default_resolver().vocabulary
    watch = Stopwatch()
    WAYS[way](store, files)
    print(json.dumps(watch.read()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
