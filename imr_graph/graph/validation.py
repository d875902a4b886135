"""Validation with SHACL core: the shapes of `shapes/`, pyshacl, and chunks that keep memory bounded.

Each chunk's graph holds whole cases, what they share with others, and of the vocabularies just what shapes ask for of
the concepts that the chunk names. A chunked run finds what one run over the whole graph finds.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TypeVar

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib import RDF, SH, URIRef
from rdflib.collection import Collection

from imr_graph import resources
from imr_graph.errors import ToolError
from imr_graph.graph import mapping, terms
from imr_graph.graph.containment import owned_nodes
from imr_graph.graph.findings import Severity, ShapeInfo, Tally, ValidationReport, merged
from imr_graph.graph.names import Names, vocabulary_subjects, vocabulary_triples
from imr_graph.graph.store import GraphStore, cases
from imr_graph.model import Determination

__all__ = ["Shapes", "read_shapes", "validate", "validate_graph", "validate_ntriples", "validate_triples"]

_SHAPES = "https://w3id.org/imr-graph/shapes#"
_CHUNK = 200
_DEFAULT = ox.DefaultGraph()
# What shapes ask of a vocabulary's concept, by the local names of the properties.
_ASKED = frozenset(("type", "prefLabel", "inScheme", "broader", "sectionOf", "regulation"))
_TYPE, _CASE = ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term("Case"))
_CASE_CLASSES = frozenset(
    ox.NamedNode(terms.term(name)) for name in ("Case", "Letter", "Reviewer", "DisputedItem", "Citation")
)
_HAS_CITATION, _HAS_ITEM = (ox.NamedNode(terms.term(name)) for name in ("hasCitation", "hasDisputedItem"))
_OF_CASE = (*(ox.NamedNode(terms.term(name)) for name in ("documentedIn", "hasReviewer")), _HAS_ITEM)
_CONTAINS = (*_OF_CASE, _HAS_CITATION)
T = TypeVar("T")
_Triple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


@dataclass(frozen=True, eq=False)
class Shapes:
    """The shapes, read once in a process: the graph for pyshacl, and what each says of itself."""

    graph: rdflib.Graph
    infos: Mapping[str, ShapeInfo]
    classes: Mapping[str, tuple[URIRef, ...]]
    properties: Mapping[str, tuple[URIRef, ...]]


def validate(
    source: GraphStore | Iterable[Determination], *, names: Names | None = None, chunk: int = _CHUNK
) -> ValidationReport:
    """Validate a store, or determinations before they go into one; `chunk` is the number of letters taken at a time.

    >>> validate([]).conforms
    False
    """
    if isinstance(source, GraphStore):
        return merged((_nothing(), *_store_reports(source, chunk)))
    reports = [_nothing()]
    for some in _chunks(source, chunk):
        text = "".join(mapping.ntriples(determination, names=names) for determination in some)
        reports = [merged((*reports, validate_ntriples(text)))]
    return reports[0]


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
        shape = str(results.value(result, SH.sourceShape)).removeprefix(_SHAPES)
        if shape not in shapes.infos:
            raise ToolError(f"A shape without a name of its own found a fault ({shape}): name it under shapes/.")
        faults.setdefault(shape, set()).add(str(results.value(result, SH.focusNode)))
    looked_at = {name: _tally(_targets(graph, shapes, name), skip) for name in shapes.infos}
    found = {name: _tally(nodes, skip) for name, nodes in sorted(faults.items())}
    return ValidationReport(shapes.infos, looked_at, found)


@cache
def read_shapes() -> Shapes:
    """Return the shapes of the `shapes/` folder."""
    graph = rdflib.Graph(store="SimpleMemory")
    for path in sorted(resources.shapes().glob("*.ttl")):
        graph.parse(path, format="turtle")
    always = set(graph.objects(URIRef(_SHAPES), URIRef(f"{_SHAPES}alwaysPresent")))
    infos, classes, properties = {}, {}, {}
    targeted = {*graph.subjects(SH.targetClass), *graph.subjects(SH.targetSubjectsOf)}
    for shape in sorted(node for node in targeted if isinstance(node, URIRef)):
        name = str(shape).removeprefix(_SHAPES)
        classes[name] = _iris(graph, shape, SH.targetClass)
        properties[name] = _iris(graph, shape, SH.targetSubjectsOf)
        path_node = graph.value(shape, SH.path)
        infos[name] = ShapeInfo(
            name=name,
            path=_path(graph, path_node) if path_node is not None else "",
            message=str(graph.value(shape, SH.message)),
            severity=_severity(graph.value(shape, SH.severity)),
            targets=tuple(terms.local_name(iri) for iri in (*classes[name], *properties[name])),
            required=bool(always.intersection(classes[name])),
        )
    return Shapes(graph, infos, classes, properties)


def _nothing() -> ValidationReport:
    shapes = read_shapes()
    return ValidationReport(shapes.infos, {name: Tally() for name in shapes.infos})


def _store_reports(store: GraphStore, chunk: int) -> Iterator[ValidationReport]:
    """Yield the reports of a store's cases by chunks, then of nodes that no case owns or no case uses any more."""
    graph = store.graph
    for keys in _chunks(cases(store), chunk):
        here = {terms.case_iri(key, store.base) for key in keys}
        nodes = {node for case in here for node in owned_nodes(graph, case)}
        yield _looked_at(graph, nodes, {node for node in nodes if _home(graph, node) in here})
    for some in _chunks(sorted(set(_without_home(graph))), 20 * chunk):
        yield _looked_at(graph, set(some), set(some))


def _looked_at(graph: ox.Store, nodes: set[str], own: set[str]) -> ValidationReport:
    """Return the report on nodes and on what they share; of nodes of cases, `own` alone are reported on.

    In a damaged graph two cases may point at one node, and anything may point at a node of another case: that node
    is reported on with its own case, where all of it is at hand.
    """
    triples = set(_around(graph, nodes))
    of_cases = {_name(t.subject) for t in triples if t.object in _CASE_CLASSES or _is_of_case(_name(t.subject))}
    return validate_triples(triples, skip=of_cases - own)


def _around(graph: ox.Store, nodes: set[str]) -> Iterator[ox.Triple]:
    """Yield what is said of nodes, who contains them, and what is said of the nodes that they point at."""
    known, seen = vocabulary_subjects(), set[str]()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if not node or node in seen or node in known:
            continue
        seen.add(node)
        for quad in graph.quads_for_pattern(ox.NamedNode(node), None, None, _DEFAULT):
            yield quad.triple
            # From another case's node there is no way on: that would lead from case to case through a damaged graph.
            if node in nodes or not _is_of_case(node):
                waiting.append(_name(quad.object))
        for prop in _CONTAINS if node in nodes else ():
            for quad in graph.quads_for_pattern(None, prop, ox.NamedNode(node), _DEFAULT):
                yield quad.triple


def _home(graph: ox.Store, node: str) -> str:
    """Return the case that a node is reported on with: itself, or the first that contains it; "" if there is none."""
    return node if ox.Quad(ox.NamedNode(node), _TYPE, _CASE) in graph else min(_owners(graph, node), default="")


def _owners(graph: ox.Store, node: str) -> set[str]:
    """Return the cases that own a node, in the sense of `owned_nodes`."""
    holders = {holder for prop in _OF_CASE for holder in _subjects(graph, prop, node)}
    for item in _subjects(graph, _HAS_CITATION, node):
        holders.update(_subjects(graph, _HAS_ITEM, item))
    return {holder for holder in holders if ox.Quad(ox.NamedNode(holder), _TYPE, _CASE) in graph}


def _subjects(graph: ox.Store, prop: ox.NamedNode, node: str) -> Iterator[str]:
    for quad in graph.quads_for_pattern(None, prop, ox.NamedNode(node), _DEFAULT):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject.value


def _without_home(graph: ox.Store) -> Iterator[str]:
    """Yield the nodes that shapes look at and that are neither a case's own nor a vocabulary's."""
    shapes, known = read_shapes(), vocabulary_subjects()
    patterns = [(_TYPE, ox.NamedNode(cls)) for cls in {cls for found in shapes.classes.values() for cls in found}]
    patterns += [
        (ox.NamedNode(prop), None) for prop in {prop for found in shapes.properties.values() for prop in found}
    ]
    for predicate, value in patterns:
        for quad in graph.quads_for_pattern(None, predicate, value, _DEFAULT):
            node = _name(quad.subject)
            if node not in known and not _home(graph, node):
                yield node


def _is_of_case(node: str) -> bool:
    return terms.local_name(node).startswith(("case-", "letter-"))


def _name(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""


def _targets(graph: rdflib.Graph, shapes: Shapes, name: str) -> set[str]:
    found = {str(node) for cls in shapes.classes[name] for node in graph.subjects(RDF.type, cls)}
    return found | {str(node) for prop in shapes.properties[name] for node in graph.subjects(prop)}


def _tally(nodes: set[str], skip: Container[str]) -> Tally:
    nodes = {node for node in nodes if node not in skip}
    own = {node for node in nodes if _is_of_case(node)}
    return Tally.of(own, nodes - own)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


@cache
def _vocabulary() -> Mapping[URIRef, tuple[_Triple, ...]]:
    """Return, for each concept of the vocabularies, the triples that shapes ask for."""
    found: dict[URIRef, list[_Triple]] = {}
    for triple in vocabulary_triples():
        if terms.local_name(triple.predicate.value) in _ASKED and isinstance(triple.subject, ox.NamedNode):
            found.setdefault(_iri(triple.subject.value), []).append(_converted(triple))
    return {node: tuple(triples) for node, triples in found.items()}


@cache
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


def _iris(graph: rdflib.Graph, shape: URIRef, prop: URIRef) -> tuple[URIRef, ...]:
    return tuple(sorted(node for node in graph.objects(shape, prop) if isinstance(node, URIRef)))


def _severity(node: rdflib.term.Node | None) -> Severity:
    if node == SH.Warning:
        return "warning"
    return "info" if node == SH.Info else "violation"


def _path(graph: rdflib.Graph, node: rdflib.term.Node) -> str:
    """Return a SHACL path as SPARQL writes it, with local names."""
    if isinstance(node, URIRef):
        return terms.local_name(node)
    inverse, alternatives = graph.value(node, SH.inversePath), graph.value(node, SH.alternativePath)
    if inverse is not None:
        return f"^{_path(graph, inverse)}"
    if alternatives is not None:
        return "|".join(_path(graph, part) for part in Collection(graph, alternatives))
    return "/".join(_path(graph, part) for part in Collection(graph, node))
