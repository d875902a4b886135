"""Validation with SHACL core: the shapes of `shapes/`, pyshacl, and chunks that keep memory bounded.

Each chunk's graph holds whole cases, what they share with others, and of the vocabularies just what shapes ask for of
the concepts that the chunk names. A chunked run finds what one run over the whole graph finds.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib import RDF, SH, URIRef

from imr_graph.errors import ToolError
from imr_graph.graph import mapping, terms
from imr_graph.graph.findings import Tally, ValidationReport, merged
from imr_graph.graph.names import Names, vocabulary_triples
from imr_graph.graph.pieces import chunks, is_of_case, pieces
from imr_graph.graph.shapes import SHAPES, Shapes, read_shapes
from imr_graph.graph.store import GraphStore
from imr_graph.model import Determination

__all__ = ["validate", "validate_graph", "validate_ntriples", "validate_triples"]

_CHUNK = 200
# What shapes ask of a vocabulary's concept, by the local names of the properties.
_ASKED = frozenset(("type", "prefLabel", "inScheme", "broader", "sectionOf", "regulation"))
_Triple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


def validate(
    source: GraphStore | Iterable[Determination], *, names: Names | None = None, chunk: int = _CHUNK
) -> ValidationReport:
    """Validate a store, or determinations before they go into one; `chunk` is the number of letters taken at a time.

    >>> validate([]).conforms
    False
    """
    if isinstance(source, GraphStore):
        reports = (validate_triples(piece.triples, skip=piece.skip) for piece in pieces(source.graph, chunk))
    else:
        texts = ("".join(mapping.ntriples(d, names=names) for d in some) for some in chunks(source, chunk))
        reports = (validate_ntriples(text) for text in texts)
    return merged(chain((_nothing(),), reports))


def validate_ntriples(text: str | bytes) -> ValidationReport:
    """Validate a piece of N-Triples that holds whole cases; `merged` puts the reports of pieces together."""
    return validate_triples(quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES))


def validate_triples(triples: Iterable[ox.Triple], *, skip: Container[str] = ()) -> ValidationReport:
    """Validate triples of whole cases; the vocabularies are supplied, and nodes in `skip` are not reported on."""
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(_converted(triple))
    known = _vocabulary()
    waiting, seen = list(graph.objects(unique=True)), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, URIRef) and node in known and node not in seen:
            seen.add(node)
            for added in known[node]:
                graph.add(added)
                waiting.append(added[2])
    return validate_graph(graph, skip=skip)


def validate_graph(graph: rdflib.Graph, *, skip: Container[str] = ()) -> ValidationReport:
    """Validate an rdflib graph as it stands: what shapes ask of the vocabularies must be in it."""
    shapes = read_shapes()
    _, results, _ = pyshacl.validate(graph, shacl_graph=shapes.graph, inference="none", inplace=True)
    if not isinstance(results, rdflib.Graph):
        raise ToolError(f"The validator failed ({results}): check the files under shapes/.")
    faults: dict[str, set[str]] = {}
    for result in results.objects(None, SH.result):
        shape = str(results.value(result, SH.sourceShape)).removeprefix(SHAPES)
        if shape not in shapes.infos:
            raise ToolError(f"A shape without a name of its own found a fault ({shape}): name it under shapes/.")
        faults.setdefault(shape, set()).add(str(results.value(result, SH.focusNode)))
    looked_at = {name: _tally(_targets(graph, shapes, name), skip) for name in shapes.infos}
    found = {name: _tally(nodes, skip) for name, nodes in sorted(faults.items())}
    return ValidationReport(shapes.infos, looked_at, found)


def _nothing() -> ValidationReport:
    shapes = read_shapes()
    return ValidationReport(shapes.infos, {name: Tally() for name in shapes.infos})


def _targets(graph: rdflib.Graph, shapes: Shapes, name: str) -> set[str]:
    found = {str(node) for cls in shapes.classes[name] for node in graph.subjects(RDF.type, cls)}
    return found | {str(node) for prop in shapes.properties[name] for node in graph.subjects(prop)}


def _tally(nodes: set[str], skip: Container[str]) -> Tally:
    nodes = {node for node in nodes if node not in skip}
    own = {node for node in nodes if is_of_case(node)}
    return Tally.of(own, nodes - own)


@cache
def _vocabulary() -> Mapping[URIRef, tuple[_Triple, ...]]:
    """Return, for each concept of the vocabularies, the triples that shapes ask for."""
    found: dict[URIRef, list[_Triple]] = {}
    for triple in vocabulary_triples():
        if terms.local_name(triple.predicate.value) in _ASKED and isinstance(triple.subject, ox.NamedNode):
            found.setdefault(_iri(triple.subject.value), []).append(_converted(triple))
    return {node: tuple(triples) for node, triples in found.items()}


@lru_cache(65_536)
def _iri(value: str) -> URIRef:
    return URIRef(value)


def _converted(triple: ox.Triple) -> _Triple:
    return _node(triple.subject), _iri(triple.predicate.value), _node(triple.object)


def _node(node: object) -> rdflib.term.Node:
    if isinstance(node, ox.NamedNode):
        return _iri(node.value)
    if isinstance(node, ox.Literal):
        if node.language:
            return rdflib.Literal(node.value, lang=node.language)
        datatype = node.datatype.value
        return rdflib.Literal(node.value, datatype=None if datatype == _STRING else _iri(datatype), normalize=False)
    return rdflib.BNode(getattr(node, "value", None))


_STRING = f"{terms.XSD}string"
