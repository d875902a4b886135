"""The places of facts as Web Annotations: which words of which letter a fact was read from.

Source of the form: Web Annotation Data Model (W3C, 2017). The body is the statement that was read (RDF reification);
positions are code points of the letter's text, as in the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph.cases import cases, objects, owned_nodes, text_of
from imr_graph.graph.literals import element_name, read_spans
from imr_graph.graph.readable import GraphStore

__all__ = ["annotation_triples", "write_annotations"]

_OA: Final = "http://www.w3.org/ns/oa#"
_COUNT: Final = ox.NamedNode(f"{terms.XSD}nonNegativeInteger")


def write_annotations(store: GraphStore, stream: BinaryIO) -> None:
    """Write an annotation for each place of a store's facts, as Turtle; the same graph gives the same bytes."""
    prefixes = {**terms.PREFIXES, "oa": _OA, **({"data": store.base} if store.base != terms.BASE else {})}
    ox.serialize(annotation_triples(store), stream, ox.RdfFormat.TURTLE, prefixes=prefixes)


def annotation_triples(store: GraphStore) -> Iterator[ox.Triple]:
    """Yield the annotations of a store's letters, case by case."""
    for key in cases(store):
        case = terms.case_iri(key, store.base)
        letter = text_of(store.graph, case, "documentedIn")
        if letter is not None:
            for node in owned_nodes(store.graph, case):
                yield from _of_node(store, node, letter)


def _of_node(store: GraphStore, node: str, letter: str) -> Iterator[ox.Triple]:
    for number, entry in enumerate(read_spans(text_of(store.graph, node, "spans") or ""), 1):
        annotation = f"{node}-annotation-{number}"
        body, target, selector = (f"{annotation}-{part}" for part in ("body", "target", "selector"))
        yield from (
            _link(annotation, f"{terms.RDF}type", f"{_OA}Annotation"),
            _link(annotation, f"{_OA}motivatedBy", f"{_OA}identifying"),
            _link(annotation, f"{_OA}hasBody", body),
            _link(annotation, f"{_OA}hasTarget", target),
            _link(body, f"{terms.RDF}type", f"{terms.RDF}Statement"),
            _link(body, f"{terms.RDF}subject", node),
            _link(body, f"{terms.RDF}predicate", terms.term(entry.property)),
        )
        value = _value(store, node, entry.property, entry.value)
        if value is not None:
            yield ox.Triple(ox.NamedNode(body), ox.NamedNode(f"{terms.RDF}object"), value)
        yield from (
            _link(target, f"{terms.RDF}type", f"{_OA}SpecificResource"),
            _link(target, f"{_OA}hasSource", letter),
            _link(target, f"{_OA}hasSelector", selector),
            _link(selector, f"{terms.RDF}type", f"{_OA}TextPositionSelector"),
        )
        for name, place in (("start", entry.span.start), ("end", entry.span.end)):
            position = ox.Literal(str(place), datatype=_COUNT)
            yield ox.Triple(ox.NamedNode(selector), ox.NamedNode(f"{_OA}{name}"), position)


def _value(store: GraphStore, node: str, prop: str, name: str | None) -> ox.NamedNode | ox.Literal | None:
    """Return the value that an entry is about; of several, the one that the entry names."""
    found = sorted(objects(store.graph, node, prop), key=str)
    if name is not None:
        found = [each for each in found if name in (terms.local_name(each.value), element_name(each.value))]
    return found[0] if len(found) == 1 else None


def _link(subject: str, prop: str, value: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(prop), ox.NamedNode(value))
