"""Validation with SHACL core: the shapes of `shapes/`, an engine, and chunks that keep memory bounded.

Each chunk's graph holds whole cases, what they share with others, and of the vocabularies just what shapes ask for of
the concepts that the chunk names. A chunked run finds what one run over the whole graph finds.
"""

from __future__ import annotations

import gc
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph import mapping
from imr_graph.graph.readable import GraphStore
from imr_graph.graph.resolver import NameResolver, vocabulary_text
from imr_graph.model import Determination
from imr_graph.validation.chunks import batches, is_of_case, iter_chunks
from imr_graph.validation.engines import ENGINES, Engine, Faults, graph_faults
from imr_graph.validation.lines import Line, split_lines
from imr_graph.validation.report import NodeCount, ValidationReport, merge_reports
from imr_graph.validation.shapes import read_shapes

__all__ = [
    "CHUNK",
    "DEFAULT_ENGINE",
    "empty_report",
    "validate",
    "validate_graph",
    "validate_ntriples",
    "validate_triples",
]

DEFAULT_ENGINE: Final = "pyshacl"
CHUNK = 200
# What shapes ask of a vocabulary's concept, as properties of N-Triples.
_ASKED = frozenset(
    f"<{property}>".encode()
    for property in (
        f"{terms.RDF}type",
        *(f"{terms.SKOS}{name}" for name in ("prefLabel", "inScheme", "broader")),
        *(terms.term(name) for name in ("sectionOf", "regulation")),
    )
)


def validate(
    source: GraphStore | Iterable[Determination],
    *,
    names: NameResolver | None = None,
    chunk: int = CHUNK,
    engine: str = DEFAULT_ENGINE,
) -> ValidationReport:
    """Validate a store, or determinations before they go into one.

    `chunk` is the number of letters taken at a time, `engine` a name of `ENGINES`.

    >>> validate([]).conforms
    False
    """
    if isinstance(source, GraphStore):
        found = iter_chunks(source.graph, chunk)
        reports = (validate_triples(piece.triples, skip=piece.skip, engine=engine) for piece in found)
    else:
        texts = ("".join(mapping.ntriples(d, names=names) for d in some) for some in batches(source, chunk))
        reports = (validate_ntriples(text, engine=engine) for text in texts)
    return merge_reports(chain((empty_report(),), reports))


def validate_triples(
    triples: Iterable[ox.Triple], *, skip: Container[str] = (), engine: str | Engine = DEFAULT_ENGINE
) -> ValidationReport:
    """Validate triples of whole cases; the vocabularies are supplied, and nodes in `skip` are not reported on."""
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return validate_ntriples(text, skip=skip, engine=engine)


def validate_ntriples(
    text: str | bytes, *, skip: Container[str] = (), engine: str | Engine = DEFAULT_ENGINE
) -> ValidationReport:
    """Validate a piece of N-Triples that holds whole cases; `merge_reports` puts the reports of pieces together.

    The text is in canonical form, as `mapping` and Oxigraph write it: a triple a line, single spaces between its parts.
    The vocabularies are supplied, and nodes in `skip` are not reported on. `engine` is one or its name.
    """
    if isinstance(engine, str):
        if engine not in ENGINES:
            raise UnknownNameError("validator", engine, ENGINES)
        engine = ENGINES[engine]
    encoded = text.encode() if isinstance(text, str) else text
    with _without_garbage_collector():
        lines = split_lines(encoded)
        lines += _of_vocabulary(lines)
        return _report(engine(lines), _targets(lines), skip)


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    """Fill and drop a graph without the garbage collector, which looks at all of it again and again meanwhile."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
            gc.collect(0)


def validate_graph(graph: rdflib.Graph, *, skip: Container[str] = ()) -> ValidationReport:
    """Validate an rdflib graph with pyshacl as it stands: what shapes ask of the vocabularies must be in it."""
    shapes = read_shapes()
    targets: dict[str, set[str]] = {}
    for name in shapes.infos:
        nodes = {str(node) for cls in shapes.classes[name] for node in graph.subjects(RDF.type, cls)}
        targets[name] = nodes | {str(node) for prop in shapes.properties[name] for node in graph.subjects(prop)}
    return _report(graph_faults(graph), targets, skip)


def _report(faults: Faults, targets: Mapping[str, set[str]], skip: Container[str]) -> ValidationReport:
    found: dict[str, set[str]] = {}
    for shape, node in sorted(faults):
        found.setdefault(shape, set()).add(node)
    everything = set[str]().union(*targets.values(), *found.values())
    own = {node for node in everything if is_of_case(node)}
    left_out = {node for node in everything if node in skip}
    looked_at, at_fault = (
        {name: NodeCount.of((nodes & own) - left_out, nodes - own - left_out) for name, nodes in some.items()}
        for some in (targets, found)
    )
    return ValidationReport(read_shapes().infos, looked_at, at_fault)


def empty_report() -> ValidationReport:
    """Return the report on a graph that holds nothing."""
    shapes = read_shapes()
    return ValidationReport(shapes.infos, {name: NodeCount() for name in shapes.infos})


def _targets(lines: Iterable[Line]) -> dict[str, set[str]]:
    """Return, for each shape, the nodes that it looks at."""
    chosen, properties = _choosing()
    nodes: dict[tuple[bytes, bytes], set[bytes]] = {choice: set() for some in chosen.values() for choice in some}
    for subject, predicate, object in lines:
        if predicate in properties:
            choice = (predicate, object[:-2] if predicate == _TYPE else b"")
            if choice in nodes:
                nodes[choice].add(subject)
    named = {choice: set(map(_name, some)) for choice, some in nodes.items()}
    return {name: set[str]().union(*(named[choice] for choice in some)) for name, some in chosen.items()}


def _name(node: bytes) -> str:
    return (node[1:-1] if node.startswith(b"<") else node.removeprefix(b"_:")).decode()


@cache
def _choosing() -> tuple[Mapping[str, tuple[tuple[bytes, bytes], ...]], frozenset[bytes]]:
    """Return, for each shape, the pairs of a property and a class that choose its nodes, and all these properties.

    The class is that of rdf:type, and else empty.
    """
    shapes = read_shapes()
    chosen = {
        name: (
            *((_TYPE, f"<{cls}>".encode()) for cls in shapes.classes[name]),
            *((f"<{prop}>".encode(), b"") for prop in shapes.properties[name]),
        )
        for name in shapes.infos
    }
    return chosen, frozenset(prop for some in chosen.values() for prop, _ in some)


_TYPE: Final = f"<{terms.RDF}type>".encode()


def _of_vocabulary(lines: Iterable[Line]) -> list[Line]:
    """Return what shapes ask for of the concepts that triples name, and of those that these name in turn."""
    known, added = _vocabulary(), list[Line]()
    waiting, seen = _object_nodes(lines) & known.keys(), set[bytes]()
    while waiting:
        seen |= waiting
        more = [line for node in sorted(waiting) for line in known[node]]
        added += more
        waiting = (_object_nodes(more) & known.keys()) - seen
    return added


def _object_nodes(lines: Iterable[Line]) -> set[bytes]:
    return {object[:-2] for _, _, object in lines if object.startswith(b"<")}


@cache
def _vocabulary() -> Mapping[bytes, Sequence[Line]]:
    """Return, for each concept of the vocabularies, the triples that shapes ask for."""
    found: dict[bytes, list[Line]] = {}
    for line in split_lines(vocabulary_text()):
        if line[1] in _ASKED and line[0].startswith(b"<"):
            found.setdefault(line[0], []).append(line)
    return found
