"""The shapes in readable form: what the graph is checked for, and what the last build found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.analysis.statistics.data_quality import findings_of
from imr_graph.validation.report import ShapeInfo
from imr_graph.validation.shapes import SHAPES, path_of, read_shapes
from imr_graph.website.resources import Document
from imr_graph.website.site import Page, StoreRequest

__all__ = ["DOCUMENT", "rules"]

# What a constraint says, by the local name of its property; {} is its value.
_SAID: Final[Mapping[str, str]] = {
    "datatype": "a value of the type {}",
    "class": "a node of the class {}",
    "nodeKind": "of the kind {}",
    "pattern": "text that fits {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minInclusive": "no less than {}",
    "maxInclusive": "no more than {}",
    "minExclusive": "more than {}",
    "maxExclusive": "less than {}",
    "in": "one of {}",
    "hasValue": "the value {} is there",
    "lessThan": "less than the value of {}",
    "lessThanOrEquals": "no more than the value of {}",
    "equals": "the same as {}",
    "disjoint": "nothing that is also in {}",
    "uniqueLang": "one value for each language",
    "node": "as {} asks",
    "not": "not: {}",
    "and": "all of: {}",
    "or": "one of: {}",
    "xone": "exactly one of: {}",
    "qualifiedMinCount": "at least {} that qualify",
    "qualifiedMaxCount": "at most {} that qualify",
    "qualifiedValueShape": "those qualify that are: {}",
    "property": "{}",
}
_SEVERITY: Final = {"violation": "Violation", "warning": "Warning", "info": "Note"}


def _show_shapes(asked: StoreRequest) -> Page:
    infos = read_shapes().infos.values()
    listed = sorted(infos, key=lambda one: (_group(one), one.name))
    found = findings_of(asked.snapshot.store)
    return Page(
        "shapes.html",
        title="The shapes",
        groups=[(name, tuple(shapes)) for name, shapes in groupby(listed, key=_group)],
        rules={one.name: rules(one.name) for one in listed},
        findings=None if found is None else {one.shape: one for one in found},
        severity=_SEVERITY,
    )


def rules(name: str) -> list[str]:
    """Return what a shape asks for, one phrase for each constraint.

    >>> rules("Letter-layout")
    ['exactly one value', 'a value of the type string', 'text that fits ^L[0-9]+$']
    """
    return _rules(read_shapes().graph, URIRef(SHAPES + name))


def _rules(graph: Graph, shape: Node) -> list[str]:
    found = []
    for predicate, value in graph.predicate_objects(shape):
        said = _SAID.get(str(predicate).removeprefix(str(SH))) if str(predicate).startswith(str(SH)) else None
        if said is not None:
            found.append((list(_SAID.values()).index(said), said.format(_value(graph, value))))
    return [*_count(graph, shape), *(said for _, said in sorted(found))]


def _count(graph: Graph, shape: Node) -> list[str]:
    """Return how many values a shape asks for, in one phrase."""
    least, most = graph.value(shape, SH.minCount), graph.value(shape, SH.maxCount)
    if str(most) == "0":
        return ["no value"]
    if least == most:
        return [_values("exactly", least)] if least is not None else []
    return [_values(word, count) for word, count in (("at least", least), ("at most", most)) if count is not None]


def _values(word: str, count: Node) -> str:
    return f"{word} one value" if str(count) == "1" else f"{word} {count} values"


def _value(graph: Graph, node: Node) -> str:
    """Return a constraint's value in words: a list, a shape within the shape, a term, or a literal."""
    if isinstance(node, Literal):
        return str(node)
    if (node, RDF.first, None) in graph:
        parts = list(Collection(graph, node))
        inner_shapes = not any(isinstance(part, Literal | URIRef) for part in parts)
        return (" or " if inner_shapes else ", ").join(_value(graph, part) for part in parts)
    inner = _rules(graph, node)
    path = graph.value(node, SH.path)
    if inner and not isinstance(node, URIRef):
        return f"{path_of(graph, path)} {', '.join(inner)}" if path is not None else ", ".join(inner)
    return terms.local_name(str(node))


def _group(shape: ShapeInfo) -> str:
    return shape.name.partition("-")[0]


DOCUMENT: Final = Document(_show_shapes, tuple(sorted(resources.shapes().glob("*.ttl"))))
"""All shapes."""
