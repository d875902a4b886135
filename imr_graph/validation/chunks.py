"""A store cut into pieces that can be validated one by one, so that the whole is never in memory.

A piece holds whole cases and what they point at. Also a damaged store is cut so that the pieces' reports add up to
the report of the whole: where two cases point at one node, or anything points at another case's node, that node is
reported on with its own case, where all of it is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.graph.cases import owned_nodes
from imr_graph.graph.readable import ReadableGraph
from imr_graph.graph.resolver import vocabulary_subjects
from imr_graph.validation.shapes import read_shapes

__all__ = ["Chunk", "batches", "is_of_case", "iter_chunks"]

_DEFAULT = ox.DefaultGraph()
_TYPE, _CASE = ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term("Case"))
_CASE_CLASSES = frozenset(
    ox.NamedNode(terms.term(name))
    for name in ("Case", "Letter", "Reviewer", "DisputedItem", "Citation", "Reason", "Correction")
)
_HAS_ITEM = ox.NamedNode(terms.term("hasDisputedItem"))
_OF_ITEM = tuple(ox.NamedNode(terms.term(name)) for name in ("hasCitation", "hasReason"))
_OF_CASE = (*(ox.NamedNode(terms.term(name)) for name in ("documentedIn", "hasReviewer", "hasCorrection")), _HAS_ITEM)
_CONTAINS = (*_OF_CASE, *_OF_ITEM)
T = TypeVar("T")


class Chunk(NamedTuple):
    """Triples to validate, and the nodes among them that another piece reports on."""

    triples: frozenset[ox.Triple]
    skip: set[str]


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of a size."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


def iter_chunks(graph: ReadableGraph, size: int) -> Iterator[Chunk]:
    """Yield a store's cases, `size` at a time, then the nodes that no case owns or no case uses any more."""
    typed = {_name(quad.subject) for quad in graph.quads_for_pattern(None, _TYPE, _CASE, _DEFAULT)}
    for some in batches(sorted(typed), size):
        here = set(some)
        nodes = {node for case in here for node in owned_nodes(graph, case)}
        yield _make_chunk(graph, nodes, {node for node in nodes if _reporting_case(graph, node) in here})
    for some in batches(sorted(set(_without_home(graph))), 20 * size):
        yield _make_chunk(graph, set(some), set(some))


def _make_chunk(graph: ReadableGraph, nodes: set[str], own: set[str]) -> Chunk:
    triples = frozenset(_triples_around(graph, nodes))
    of_cases = {_name(t.subject) for t in triples if t.object in _CASE_CLASSES or is_of_case(_name(t.subject))}
    return Chunk(triples, of_cases - own)


def _triples_around(graph: ReadableGraph, nodes: set[str]) -> Iterator[ox.Triple]:
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
            if node in nodes or not is_of_case(node):
                waiting.append(_name(quad.object))
        for prop in _CONTAINS if node in nodes else ():
            for quad in graph.quads_for_pattern(None, prop, ox.NamedNode(node), _DEFAULT):
                yield quad.triple


def _reporting_case(graph: ReadableGraph, node: str) -> str:
    """Return the case that a node is reported on with: itself, or the first that contains it; "" if there is none."""
    return node if _is_case(graph, node) else min(_owners(graph, node), default="")


def _owners(graph: ReadableGraph, node: str) -> set[str]:
    """Return the cases that own a node, in the sense of `owned_nodes`."""
    holders = {holder for prop in _OF_CASE for holder in _subjects(graph, prop, node)}
    for item in (item for prop in _OF_ITEM for item in _subjects(graph, prop, node)):
        holders.update(_subjects(graph, _HAS_ITEM, item))
    return {holder for holder in holders if _is_case(graph, holder)}


def _is_case(graph: ReadableGraph, node: str) -> bool:
    return next(iter(graph.quads_for_pattern(ox.NamedNode(node), _TYPE, _CASE, _DEFAULT)), None) is not None


def _subjects(graph: ReadableGraph, prop: ox.NamedNode, node: str) -> Iterator[str]:
    for quad in graph.quads_for_pattern(None, prop, ox.NamedNode(node), _DEFAULT):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject.value


def _without_home(graph: ReadableGraph) -> Iterator[str]:
    """Yield the nodes that shapes look at and that are neither a case's own nor a vocabulary's."""
    shapes, known = read_shapes(), vocabulary_subjects()
    patterns: set[tuple[ox.NamedNode, ox.NamedNode | None]] = set()
    for name in shapes.infos:
        patterns.update((_TYPE, ox.NamedNode(cls)) for cls in shapes.classes[name])
        patterns.update((ox.NamedNode(prop), None) for prop in shapes.properties[name])
    for predicate, value in patterns:
        for quad in graph.quads_for_pattern(None, predicate, value, _DEFAULT):
            node = _name(quad.subject)
            if node not in known and not _reporting_case(graph, node):
                yield node


def is_of_case(node: str) -> bool:
    """Say whether a node is named as one case's own."""
    return terms.local_name(node).startswith(("case-", "letter-"))


def _name(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""
