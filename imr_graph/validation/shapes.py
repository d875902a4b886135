"""The shapes of `shapes/`: the graph for the validator, and what each shape says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import rdflib
from rdflib import SH, URIRef
from rdflib.collection import Collection

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.validation.report import Severity, ShapeInfo

__all__ = ["SHAPES", "Shapes", "path_of", "read_shapes"]

SHAPES = "https://w3id.org/imr-graph/shapes#"


@dataclass(frozen=True, eq=False)
class Shapes:
    """The shapes, read once in a process: the graph for pyshacl, and what each says of itself."""

    graph: rdflib.Graph
    infos: Mapping[str, ShapeInfo]
    classes: Mapping[str, tuple[URIRef, ...]]
    properties: Mapping[str, tuple[URIRef, ...]]


@cache
def read_shapes() -> Shapes:
    """Return the shapes of the `shapes/` folder."""
    graph = rdflib.Graph(store="SimpleMemory")
    for path in sorted(resources.shapes().glob("*.ttl")):
        graph.parse(path, format="turtle")
    always = set(graph.objects(URIRef(SHAPES), URIRef(f"{SHAPES}alwaysPresent")))
    infos, classes, properties = {}, {}, {}
    targeted = {*graph.subjects(SH.targetClass), *graph.subjects(SH.targetSubjectsOf)}
    for shape in sorted(node for node in targeted if isinstance(node, URIRef)):
        name = str(shape).removeprefix(SHAPES)
        classes[name] = _iris(graph, shape, SH.targetClass)
        properties[name] = _iris(graph, shape, SH.targetSubjectsOf)
        path_node = graph.value(shape, SH.path)
        infos[name] = ShapeInfo(
            name=name,
            path=path_of(graph, path_node) if path_node is not None else "",
            message=str(graph.value(shape, SH.message)),
            severity=_severity(graph.value(shape, SH.severity)),
            targets=tuple(terms.local_name(iri) for iri in (*classes[name], *properties[name])),
            required=bool(always.intersection(classes[name])),
        )
    return Shapes(graph, infos, classes, properties)


def _iris(graph: rdflib.Graph, shape: URIRef, prop: URIRef) -> tuple[URIRef, ...]:
    return tuple(sorted(node for node in graph.objects(shape, prop) if isinstance(node, URIRef)))


def _severity(node: rdflib.term.Node | None) -> Severity:
    if node == SH.Warning:
        return "warning"
    return "info" if node == SH.Info else "violation"


def path_of(graph: rdflib.Graph, node: rdflib.term.Node) -> str:
    """Return a SHACL path as SPARQL writes it, with local names."""
    if isinstance(node, URIRef):
        return terms.local_name(node)
    inverse, alternatives = graph.value(node, SH.inversePath), graph.value(node, SH.alternativePath)
    if inverse is not None:
        return f"^{path_of(graph, inverse)}"
    if alternatives is not None:
        return "|".join(path_of(graph, part) for part in Collection(graph, alternatives))
    return "/".join(path_of(graph, part) for part in Collection(graph, node))
