"""Which nodes belong to a case, which it shares with others, and how both leave the graph.

A case owns its own node, its reviewer, its items, their citations, its corrections and its letter. Sections, pages and
specialties that letters minted are shared: they stay as long as a case uses them. What is said of them follows from
their IRIs, so that the graph depends on which letters it holds and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph.readable import GraphStore, ReadableGraph
from imr_graph.graph.resolver import vocabulary_subjects, vocabulary_triples
from imr_graph.iris import term

__all__ = [
    "case_of_letter",
    "cases",
    "cases_of_number",
    "data_triples",
    "has_case",
    "key_of",
    "near_cases",
    "objects",
    "owned_nodes",
    "owned_triples",
    "remove_case",
    "remove_unused_nodes",
    "shared_nodes",
    "text_of",
]

_DEFAULT = ox.DefaultGraph()
_SHARED_BY = tuple(ox.NamedNode(term(name)) for name in ("citesSection", "citesPage", "hasSpecialty"))

_SHARED_CLASSES = ("Guideline", "Section", "Page", "Specialty")
_TYPE = ox.NamedNode(f"{terms.RDF}type")


def objects(graph: ReadableGraph, subject: str, prop: str) -> Iterator[ox.NamedNode | ox.Literal]:
    """Yield what a node has for a property; `prop` is an IRI or the local name of an ontology term."""
    predicate = ox.NamedNode(prop if ":" in prop else term(prop))
    for quad in graph.quads_for_pattern(ox.NamedNode(subject), predicate, None, _DEFAULT):
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            yield quad.object


def text_of(graph: ReadableGraph, subject: str, prop: str) -> str | None:
    """Return the value of a property that a node has at most once, or None."""
    return min((node.value for node in objects(graph, subject, prop)), default=None)


def key_of(case: str) -> str:
    """Return the key of a case from its IRI."""
    return unquote(terms.local_name(case).removeprefix("case-"))


def has_case(graph: ReadableGraph, case: str) -> bool:
    """Say whether the graph holds a case."""
    return next(objects(graph, case, "documentedIn"), None) is not None


def cases_of_number(graph: ReadableGraph, number: str) -> tuple[str, ...]:
    """Return the IRIs of the cases with a case number, sorted: more than one where letters were kept side by side."""
    pattern = (None, ox.NamedNode(term("caseNumber")), ox.Literal(number), _DEFAULT)
    return _subjects(graph.quads_for_pattern(*pattern))


def case_of_letter(graph: ReadableGraph, letter: str) -> tuple[str, ...]:
    """Return the IRIs of the cases that a letter documents, sorted."""
    pattern = (None, ox.NamedNode(term("documentedIn")), ox.NamedNode(letter), _DEFAULT)
    return _subjects(graph.quads_for_pattern(*pattern))


def cases(store: GraphStore) -> Iterator[str]:
    """Yield the keys of all cases in a store, sorted."""
    pattern = (None, ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term("Case")), _DEFAULT)
    found = (quad.subject for quad in store.graph.quads_for_pattern(*pattern))
    yield from sorted(key_of(node.value) for node in found if isinstance(node, ox.NamedNode))


def near_cases(store: GraphStore, key: str) -> Iterable[str]:
    """Return keys of cases that may be meant by one that is not there."""
    return store.near_keys(key) if store.near_keys else cases(store)


def data_triples(store: GraphStore) -> Iterator[ox.Triple]:
    """Yield, in no order, every triple that is not part of the ontology or its vocabularies."""
    shipped = frozenset(vocabulary_triples())
    subjects = vocabulary_subjects()
    for quad in store.graph.quads_for_pattern(None, None, None, _DEFAULT):
        # Only what is said of the vocabularies' own nodes needs the costly comparison.
        ours = isinstance(quad.subject, ox.NamedNode) and quad.subject.value not in subjects
        if ours or quad.triple not in shipped:
            yield quad.triple


def owned_nodes(graph: ReadableGraph, case: str) -> tuple[str, ...]:
    """Return the IRIs of a case's own nodes: case, letter, reviewer, corrections, items, citations, reasons."""
    found = [case]
    for prop in ("documentedIn", "hasReviewer", "hasCorrection"):
        found += sorted(node.value for node in objects(graph, case, prop))
    items = sorted(node.value for node in objects(graph, case, "hasDisputedItem"))
    found += items
    for item in items:
        for prop in ("hasCitation", "hasReason"):
            found += sorted(node.value for node in objects(graph, item, prop))
    return tuple(dict.fromkeys(found))


def owned_triples(graph: ReadableGraph, case: str) -> set[ox.Triple]:
    """Return the triples of a case's own nodes."""
    return {quad.triple for quad in _owned_quads(graph, case)}


def shared_nodes(graph: ReadableGraph) -> Iterator[ox.NamedNode]:
    """Yield, in no order, the nodes that are no case's own, those of the vocabularies with them."""
    for name in _SHARED_CLASSES:
        for quad in graph.quads_for_pattern(None, _TYPE, ox.NamedNode(term(name)), _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode):
                yield quad.subject


def remove_case(graph: ox.Store, case: str) -> set[str]:
    """Take a case's own nodes out and return the IRIs of shared nodes that it used, for `remove_unused_nodes`."""
    shared: set[str] = set()
    known = vocabulary_subjects()
    for quad in list(_owned_quads(graph, case)):
        used = quad.object
        if quad.predicate in _SHARED_BY and isinstance(used, ox.NamedNode) and used.value not in known:
            shared.add(used.value)
        graph.remove(quad)
    return shared


def remove_unused_nodes(graph: ox.Store, nodes: Iterable[str]) -> None:
    """Remove those of the shared nodes that no case uses any more."""
    for node in sorted(set(nodes)):
        if not any(next(graph.quads_for_pattern(None, p, ox.NamedNode(node), _DEFAULT), None) for p in _SHARED_BY):
            for quad in list(graph.quads_for_pattern(ox.NamedNode(node), None, None, _DEFAULT)):
                graph.remove(quad)


def _owned_quads(graph: ReadableGraph, case: str) -> Iterator[ox.Quad]:
    for node in owned_nodes(graph, case):
        if node == case or node.startswith(f"{case}-") or case_of_letter(graph, node) == (case,):
            yield from graph.quads_for_pattern(ox.NamedNode(node), None, None, _DEFAULT)


def _subjects(quads: Iterable[ox.Quad]) -> tuple[str, ...]:
    return tuple(sorted({quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}))
