"""The description of a dataset for catalogues: VoID and DCAT, with counts taken from the graph."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph.export import FORMATS
from imr_graph.graph.readable import GraphStore
from imr_graph.resources import software_version

__all__ = ["counts", "description"]

_VOID = "http://rdfs.org/ns/void#"
_DCAT = "http://www.w3.org/ns/dcat#"
_DCTERMS = "http://purl.org/dc/terms/"
_CLASSES = ("Case", "Letter", "Reviewer", "DisputedItem", "Citation", "Guideline", "Section", "Page", "Treatment")
_DEFAULT = ox.DefaultGraph()


def counts(store: GraphStore) -> dict[str, int]:
    """Return how many nodes of each class a store holds, vocabularies included."""
    return {name: sum(1 for _ in _instances(store, name)) for name in _CLASSES}


def description(store: GraphStore) -> bytes:
    """Return the description of a store's dataset as Turtle: title, formats, number of triples, nodes by class."""
    return (
        ox.serialize(
            sorted(_triples(store), key=str),
            format=ox.RdfFormat.TURTLE,
            prefixes={**terms.PREFIXES, "void": _VOID, "dcat": _DCAT, "dcterms": _DCTERMS},
        )
        or b""
    )


def _triples(store: GraphStore) -> Iterator[ox.Triple]:
    dataset = ox.NamedNode(f"{store.base}dataset")
    a = ox.NamedNode(f"{terms.RDF}type")

    def about(prop: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(dataset, ox.NamedNode(prop), value)

    yield about(a.value, ox.NamedNode(f"{_VOID}Dataset"))
    yield about(a.value, ox.NamedNode(f"{_DCAT}Dataset"))
    yield about(f"{_DCTERMS}title", ox.Literal("Independent Medical Review determinations", language="en"))
    yield about(f"{_DCTERMS}creator", ox.Literal(f"imr-graph {software_version()}"))
    yield about(f"{_VOID}uriSpace", ox.Literal(store.base))
    yield about(f"{_VOID}vocabulary", ox.NamedNode(terms.IMR.removesuffix("#")))
    yield about(f"{_VOID}triples", ox.Literal(len(store.graph)))
    yield about(f"{_VOID}entities", ox.Literal(sum(1 for _ in _instances(store, "Case"))))
    for known in FORMATS.values():
        yield about(f"{_DCAT}mediaType", ox.Literal(known.media_type))
    for name, count in counts(store).items():
        part = ox.NamedNode(f"{dataset.value}-class-{name}")
        yield about(f"{_VOID}classPartition", part)
        yield ox.Triple(part, ox.NamedNode(f"{_VOID}class"), ox.NamedNode(terms.term(name)))
        yield ox.Triple(part, ox.NamedNode(f"{_VOID}entities"), ox.Literal(count))


def _instances(store: GraphStore, name: str) -> Iterator[ox.Quad]:
    pattern = (None, ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term(name)), _DEFAULT)
    yield from store.graph.quads_for_pattern(*pattern)
