"""A case from its triples: the determination, the corrections that were applied to it, and what shares its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph.cases import key_of
from imr_graph.graph.reading import determination_of
from imr_graph.model import Determination
from imr_graph.store.graph_store import GraphStore
from imr_graph.website.resources import case_query

__all__ = ["QUERY", "CaseRecord", "CorrectionView", "read_case"]

QUERY: Final = case_query(
    "UNION {{ <{iri}> imr:caseNumber ?o . ?node imr:caseNumber ?o . BIND(imr:caseNumber AS ?p) }}"
)
"""All triples of a case, and the numbers of the cases that have the same."""

# What of a field's pointer names the node that it belongs to; the rest names the value.
_NODE: Final = re.compile(
    r"/reviewer(?=/)|/items/(?:\d+|-)(?:/(?:claims_administrator|reviewer)/citations/(?:\d+|-)|/reasons/(?:\d+|-))?"
)
_ELEMENT: Final = re.compile(r"/(?:\d+|-)$")


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One correction: the pointer of the value it concerns, what the value was and is, and who said so, why and when.

    The pointer is that of the record as it is now; of a list it names the list. `was` and `now` are None where there
    was, or is, no value. `name` is what the correction's own IRI ends in.
    """

    name: str
    pointer: str
    was: str | None
    now: str | None
    who: str
    why: str
    day: date | None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as the graph has it; `name` is what its IRI ends in, `namesakes` are names of cases of the same number."""

    name: str
    key: str
    base: str
    determination: Determination
    corrections: tuple[CorrectionView, ...]
    namesakes: tuple[str, ...]


def read_case(triples: Iterable[ox.Triple], iri: str, base: str) -> CaseRecord | None:
    """Return a case from the triples that `QUERY` finds for its IRI, None where there is no such case."""
    graph = ox.Store()
    graph.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    key = key_of(iri)
    try:
        determination = determination_of(GraphStore(graph, iri.removesuffix(terms.local_name(iri))), key)
    except UnknownNameError:
        return None
    numbered = _subjects(graph, "caseNumber")
    return CaseRecord(
        terms.local_name(iri),
        key,
        base,
        determination,
        tuple(sorted(_corrections(graph, iri, determination), key=lambda each: (each.pointer, each.name))),
        tuple(sorted(terms.local_name(node) for node in numbered if node != iri)),
    )


def _subjects(graph: ox.Store, prop: str) -> list[str]:
    quads = graph.quads_for_pattern(None, ox.NamedNode(terms.term(prop)), None)
    return [quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)]


def _values(graph: ox.Store, node: str) -> dict[str, str]:
    """Return the values of a node's properties by their local names; a correction has each of them once."""
    quads = graph.quads_for_pattern(ox.NamedNode(node), None, None)
    return {
        terms.local_name(quad.predicate.value): quad.object.value
        for quad in quads
        if isinstance(quad.object, ox.NamedNode | ox.Literal)
    }


def _corrections(graph: ox.Store, case: str, d: Determination) -> Iterator[CorrectionView]:
    corrections = _subjects(graph, "correctedField")
    pointers = _pointers(case, d) if corrections else {}
    for node in corrections:
        values = _values(graph, node)
        field = values["correctedField"]
        owner = pointers.get(values.get("corrects", ""), "")
        rest = _NODE.sub("", field, count=1)
        day = values.get("date", "")
        yield CorrectionView(
            terms.local_name(node),
            owner + _ELEMENT.sub("", rest),
            values.get("valueWas"),
            values.get("valueIs"),
            values.get("creator", ""),
            values.get("comment", ""),
            date.fromisoformat(day) if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else None,
        )


def _pointers(case: str, d: Determination) -> dict[str, str]:
    """Return the place in the record of each node of a case."""
    found = {case: "", terms.reviewer_iri(case): "/reviewer"}
    for index, item in enumerate(d.items):
        node, at = terms.item_iri(case, index + 1), f"/items/{index}"
        found[node] = at
        sides = (("claims_administrator", item.claims_administrator), ("reviewer", item.reviewer))
        cited = (f"{at}/{side}/citations/{n}" for side, party in sides for n in range(len(party.citations)))
        found |= {terms.citation_iri(node, number): pointer for number, pointer in enumerate(cited, 1)}
        found |= {terms.reason_iri(node, n + 1): f"{at}/reasons/{n}" for n in range(len(item.reasons))}
    return found
