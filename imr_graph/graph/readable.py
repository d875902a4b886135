"""What readers ask of a graph, wherever it lies: in memory, in a store on disk, or behind an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError

__all__ = ["GraphStore", "LetterTriples", "Object", "ReadableGraph", "Subject"]

Subject: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Triple | None
Object: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None


class ReadableGraph(Protocol):
    """A graph that can be read; `pyoxigraph.Store` is one. All triples are in its default graph."""

    def query(
        self,
        query: str,
        *,
        base_iri: str | None = None,
        prefixes: dict[str, str] | None = None,
        default_graph: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None,
        named_graphs: list[ox.NamedNode | ox.BlankNode] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Return the answer to a SPARQL query; raises SyntaxError where it is none."""

    def quads_for_pattern(
        self,
        subject: Subject,
        predicate: ox.NamedNode | None,
        object: Object,
        graph_name: ox.DefaultGraph | None = None,
    ) -> Iterator[ox.Quad]:
        """Yield the triples of a pattern; None stands for any."""

    def __len__(self) -> int:
        """Return the number of triples."""


class LetterTriples(Protocol):
    """The triples of letters as a store on disk keeps them beside its graph; it can be pickled."""

    def vocabulary(self) -> bytes:
        """Return the lines of the vocabularies that the graph holds, as N-Triples."""

    def keys(self, *, by_digest: bool = False) -> Iterator[str]:
        """Yield the keys of all cases in the order of their IRIs, or of the digests of their letters."""

    def read(self, keys: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield each of some keys with lines that have all triples of its letter's own nodes.

        None stands for a letter whose lines were not kept; the graph has to be asked for its triples.
        """


@dataclass(frozen=True)
class GraphStore:
    """A graph that can be asked, and what it needs to be understood.

    `base` starts the IRIs of its data; `path` and `generation` say where it lies (None and 0 in memory).
    `folder` is that of its database, for other processes that read it too (None in memory).
    `near_keys` names keys of cases like a given one, for messages; None looks at those of the graph. `letters` has the
    triples of the letters as text (None in memory).
    """

    graph: ReadableGraph
    base: str = terms.BASE
    path: Path | None = None
    generation: int = 0
    folder: Path | None = field(default=None, compare=False)
    near_keys: Callable[[str], Iterable[str]] | None = field(default=None, compare=False, repr=False)
    letters: LetterTriples | None = field(default=None, compare=False, repr=False)

    @property
    def database(self) -> ox.Store:
        """The database of a graph in memory or on disk; raises StoreError for one that lies elsewhere."""
        if not isinstance(self.graph, ox.Store):
            raise StoreError("This works on a store of this machine only: name its folder.")
        return self.graph
