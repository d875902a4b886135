"""The graph as a property graph: nodes and edges as tables, for KGX (TSV) and for Neo4j's import (CSV).

A node is whatever the graph describes: cases, items, citations, reviewers, and the concepts that they name. Its
literals are its properties; what it is joined to by the graph's own properties, or by those of SKOS, are its edges.
Terms of the ontology itself (classes, properties) are no nodes, its individuals (`imr:Upheld`) are.

Sources: the KGX format specification (github.com/biolink/kgx, "KGX format"), the Biolink Model for its categories, and
the Neo4j Operations Manual ("neo4j-admin database import", CSV header format).
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, groupby
from typing import IO, BinaryIO, Final, NamedTuple

import pyoxigraph as ox

from imr_graph import iris
from imr_graph.graph.export import export
from imr_graph.graph.readable import GraphStore
from imr_graph.record_files import guard_cell, stream_csv

__all__ = ["FORMATS"]

_TYPE: Final = f"{iris.RDF}type"
_NAMES: Final = (f"{iris.SKOS}prefLabel", f"{iris.RDFS}label")
_JOINS: Final = (iris.IMR, f"{iris.SKOS}broader", f"{iris.SKOS}related", f"{iris.SKOS}exactMatch")
_SCHEMA: Final = ("http://www.w3.org/2002/07/owl#", f"{iris.RDFS}", "http://www.w3.org/2004/02/skos/core#ConceptScheme")


class _Node(NamedTuple):
    """A node: its IRI, the local names of its classes, its literals by property, and (property, other end) pairs."""

    iri: str
    classes: tuple[str, ...]
    values: Mapping[str, list[ox.Literal]]
    joins: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """What people read: its label, else the last part of its IRI."""
        labels = (self.values[name][0].value for name in _NAMES if name in self.values)
        return next(labels, iris.local_name(self.iri))


class _Column(NamedTuple):
    """A property of nodes: whether any has several values of it, and Neo4j's name of their type."""

    term: str
    several: bool
    type: str

    @property
    def name(self) -> str:
        """The local name, behind its prefix where the property is not of the ontology."""
        prefix = next((name for name, begin in iris.PREFIXES.items() if self.term.startswith(begin)), "other")
        return ("" if prefix == "imr" else f"{prefix}_") + iris.local_name(self.term)


def _write_kgx_nodes(store: GraphStore, stream: BinaryIO) -> None:
    with _sorted_graph(store) as lines:
        columns = _columns(_nodes(lines))
        head = ["id", "category", "name", *(column.name for column in columns)]
        rows = (
            [_curie(node.iri, store), _category(node), node.name, *(_join_values(node, c, "|") for c in columns)]
            for node in _nodes(lines)
        )
        _write_tsv(stream, head, rows)


def _write_kgx_edges(store: GraphStore, stream: BinaryIO) -> None:
    head = ["id", "subject", "predicate", "object", "relation", "knowledge_level", "agent_type"]
    how = ["knowledge_assertion", "text_mining_agent"]
    rows = (
        [f"edge:{number}", _curie(one, store), "biolink:related_to", _curie(other, store), _curie(join, store), *how]
        for number, (one, join, other) in enumerate(_edges(store), 1)
    )
    _write_tsv(stream, head, rows)


def _write_neo4j_nodes(store: GraphStore, stream: BinaryIO) -> None:
    with _sorted_graph(store) as lines:
        columns = _columns(_nodes(lines))
        arrays = (f"{c.name}:{c.type}{'[]' if c.several else ''}" for c in columns)
        rows = (
            [node.iri, ";".join(node.classes), node.name, *(_join_values(node, c, ";") for c in columns)]
            for node in _nodes(lines)
        )
        _write_csv(stream, ["iri:ID", ":LABEL", "name:string", *arrays], rows)


def _write_neo4j_edges(store: GraphStore, stream: BinaryIO) -> None:
    rows = ([one, other, iris.local_name(join)] for one, join, other in _edges(store))
    _write_csv(stream, [":START_ID", ":END_ID", ":TYPE"], rows)


FORMATS: Final[Mapping[str, Callable[[GraphStore, BinaryIO], None]]] = {
    "kgx-nodes": _write_kgx_nodes,
    "kgx-edges": _write_kgx_edges,
    "neo4j-nodes": _write_neo4j_nodes,
    "neo4j-edges": _write_neo4j_edges,
}
"""The files of a property graph; nodes and edges belong together."""


def _sorted_graph(store: GraphStore) -> IO[bytes]:
    """Return all triples as sorted lines in a temporary file, which is read as often as needed and goes when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - who asks for it closes it
    export(store, "ntriples", file, include_vocabulary=True)
    return file


_DEFAULT: Final = ox.DefaultGraph()


def _nodes(lines: IO[bytes]) -> Iterator[_Node]:
    """Yield the nodes in the order of their IRIs, from the beginning of the sorted lines."""
    lines.seek(0)
    for subject, group in groupby(lines, lambda line: line.partition(b" ")[0]):
        triples = [quad.triple for quad in ox.parse(b"".join(group), format=ox.RdfFormat.N_TRIPLES)]
        types = [t.object.value for t in triples if t.predicate.value == _TYPE and isinstance(t.object, ox.NamedNode)]
        if not types or any(type.startswith(_SCHEMA) for type in types):
            continue
        values: dict[str, list[ox.Literal]] = defaultdict(list)
        joins = []
        for triple in triples:
            if isinstance(triple.object, ox.Literal):
                values[triple.predicate.value].append(triple.object)
            elif isinstance(triple.object, ox.NamedNode) and triple.predicate.value.startswith(_JOINS):
                joins.append((triple.predicate.value, triple.object.value))
        yield _Node(subject[1:-1].decode(), tuple(map(iris.local_name, types)), values, tuple(joins))


def _edges(store: GraphStore) -> Iterator[tuple[str, str, str]]:
    """Yield one end, property and other end of each edge, where both ends are nodes."""

    @lru_cache(100_000)
    def is_node(iri: str) -> bool:
        pattern = (ox.NamedNode(iri), ox.NamedNode(_TYPE), None, _DEFAULT)
        types = [str(quad.object) for quad in store.graph.quads_for_pattern(*pattern)]
        return bool(types) and not any(type[1:].startswith(_SCHEMA) for type in types)

    with _sorted_graph(store) as lines:
        for node in _nodes(lines):
            yield from ((node.iri, join, other) for join, other in node.joins if is_node(other))


def _columns(nodes: Iterable[_Node]) -> list[_Column]:
    types: dict[str, set[str]] = defaultdict(set)
    several = set()
    for node in nodes:
        for name, values in node.values.items():
            types[name].update(value.datatype.value.removeprefix(iris.XSD) for value in values)
            if len(values) > 1:
                several.add(name)
    return [
        _Column(name, name in several, _NEO4J.get(next(iter(of)), "string") if len(of) == 1 else "string")
        for name, of in sorted(types.items())
        if name not in _NAMES
    ]


_NEO4J: Final = {
    "integer": "long",
    "decimal": "double",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "dateTime": "datetime",
}

# Classes of the Biolink Model; what it has no class for is its root.
_CATEGORIES: Final[Mapping[str, str]] = {
    "Treatment": "Treatment",
    "BodyRegion": "GrossAnatomicalStructure",
    **dict.fromkeys(("Case", "Letter", "Citation", "Guideline", "Section", "Page"), "InformationContentEntity"),
}


def _category(node: _Node) -> str:
    found = sorted({f"biolink:{_CATEGORIES[name]}" for name in node.classes if name in _CATEGORIES})
    return "|".join(found or ["biolink:NamedThing"])


def _join_values(node: _Node, column: _Column, separator: str) -> str:
    return separator.join(value.value.replace(separator, " ") for value in node.values.get(column.term, ()))


def _curie(iri: str, store: GraphStore) -> str:
    """Return the short form of an IRI by the prefixes of the graph; the IRI itself where none begins it."""
    for prefix, start in {**iris.PREFIXES, "data": store.base}.items():
        if iri.startswith(start):
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri


def _write_tsv(stream: BinaryIO, head: list[str], rows: Iterable[list[str]]) -> None:
    for row in chain([head], map(_one_line, rows)):
        stream.write(("\t".join(map(str, map(guard_cell, row))) + "\n").encode("utf-8", "replace"))


def _write_csv(stream: BinaryIO, head: list[str], rows: Iterable[list[str]]) -> None:
    stream.writelines(piece.encode("utf-8", "replace") for piece in stream_csv(head, map(_one_line, rows)))


def _one_line(row: list[str]) -> list[str]:
    """Return cells without tabs and ends of lines, which neither program takes within a text."""
    return [" ".join(cell.replace("\t", " ").splitlines()) for cell in row]
