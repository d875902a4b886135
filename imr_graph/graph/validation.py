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

from imr_graph.errors import UnknownNameError
from imr_graph.graph import mapping, terms
from imr_graph.graph.engines import ENGINES, Faults, graph_faults
from imr_graph.graph.findings import Tally, ValidationReport, merged
from imr_graph.graph.names import Names, vocabulary_triples
from imr_graph.graph.pieces import chunks, is_of_case, pieces
from imr_graph.graph.shapes import read_shapes
from imr_graph.graph.store import GraphStore
from imr_graph.model import Determination

__all__ = ["DEFAULT_ENGINE", "validate", "validate_graph", "validate_ntriples", "validate_triples"]

DEFAULT_ENGINE: Final = "pyshacl"
_CHUNK = 200
# What shapes ask of a vocabulary's concept, by the local names of the properties.
_ASKED = frozenset(("type", "prefLabel", "inScheme", "broader", "sectionOf", "regulation"))


def validate(
    source: GraphStore | Iterable[Determination],
    *,
    names: Names | None = None,
    chunk: int = _CHUNK,
    engine: str = DEFAULT_ENGINE,
) -> ValidationReport:
    """Validate a store, or determinations before they go into one.

    `chunk` is the number of letters taken at a time, `engine` a name of `ENGINES`.

    >>> validate([]).conforms
    False
    """
    if isinstance(source, GraphStore):
        found = pieces(source.graph, chunk)
        reports = (validate_triples(piece.triples, skip=piece.skip, engine=engine) for piece in found)
    else:
        texts = ("".join(mapping.ntriples(d, names=names) for d in some) for some in chunks(source, chunk))
        reports = (validate_ntriples(text, engine=engine) for text in texts)
    return merged(chain((_nothing(),), reports))


def validate_ntriples(text: str | bytes, *, engine: str = DEFAULT_ENGINE) -> ValidationReport:
    """Validate a piece of N-Triples that holds whole cases; `merged` puts the reports of pieces together."""
    return validate_triples((quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)), engine=engine)


def validate_triples(
    triples: Iterable[ox.Triple], *, skip: Container[str] = (), engine: str = DEFAULT_ENGINE
) -> ValidationReport:
    """Validate triples of whole cases; the vocabularies are supplied, and nodes in `skip` are not reported on."""
    if engine not in ENGINES:
        raise UnknownNameError("validator", engine, ENGINES)
    with _uncollected():
        completed = list(triples)
        completed += _of_vocabulary(completed)
        return _report(ENGINES[engine](completed), _targets(completed), skip)


@contextmanager
def _uncollected() -> Iterator[None]:
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
        {name: Tally.of((nodes & own) - left_out, nodes - own - left_out) for name, nodes in some.items()}
        for some in (targets, found)
    )
    return ValidationReport(read_shapes().infos, looked_at, at_fault)


def _nothing() -> ValidationReport:
    shapes = read_shapes()
    return ValidationReport(shapes.infos, {name: Tally() for name in shapes.infos})


def _targets(triples: Sequence[ox.Triple]) -> dict[str, set[str]]:
    """Return, for each shape, the nodes that it looks at."""
    chosen = _choosing()
    nodes: dict[tuple[str, str], set[str]] = {choice: set() for choice in {c for some in chosen.values() for c in some}}
    for triple in triples:
        predicate = triple.predicate.value
        choice = (predicate, getattr(triple.object, "value", "") if predicate == _TYPE else "")
        if choice in nodes:
            nodes[choice].add(getattr(triple.subject, "value", ""))
    return {name: set[str]().union(*(nodes[choice] for choice in some)) for name, some in chosen.items()}


@cache
def _choosing() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return, for each shape, the pairs of a property and a class (for rdf:type, else "") that choose its nodes."""
    shapes = read_shapes()
    return {
        name: (
            *((_TYPE, str(cls)) for cls in shapes.classes[name]),
            *((str(prop), "") for prop in shapes.properties[name]),
        )
        for name in shapes.infos
    }


_TYPE: Final = f"{terms.RDF}type"


def _of_vocabulary(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return what shapes ask for of the concepts that triples name, and of those that these name in turn."""
    known, added = _vocabulary(), list[ox.Triple]()
    waiting, seen = _named(triples) & known.keys(), set[str]()
    while waiting:
        seen |= waiting
        more = [triple for node in sorted(waiting) for triple in known[node]]
        added += more
        waiting = (_named(more) & known.keys()) - seen
    return added


def _named(triples: Iterable[ox.Triple]) -> set[str]:
    return {node.value for node in (triple.object for triple in triples) if isinstance(node, ox.NamedNode)}


@cache
def _vocabulary() -> Mapping[str, tuple[ox.Triple, ...]]:
    """Return, for each concept of the vocabularies, the triples that shapes ask for."""
    found: dict[str, list[ox.Triple]] = {}
    for triple in vocabulary_triples():
        if terms.local_name(triple.predicate.value) in _ASKED and isinstance(triple.subject, ox.NamedNode):
            found.setdefault(triple.subject.value, []).append(triple)
    return {node: tuple(triples) for node, triples in found.items()}
