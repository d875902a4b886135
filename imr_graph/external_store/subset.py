"""Precedents from an external store: the cases that can matter to a request, fetched into a small store of their own.

The rankings and figures of precedents are made by the embedded code over the columnar table. What that code can count
are decisions of the widest circle around a request (the same category of treatment), so the cases that hold one are
fetched, whole, with the names of all sections and specialties; in the small store the answer is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar, cast

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.queries import library
from imr_graph.errors import ToolError
from imr_graph.store.graph_store import GraphStore, memory_store
from imr_graph.table.rows import groups_of

__all__ = ["fetch_relevant_cases", "related_treatments"]

T = TypeVar("T")

_CASES_AT_A_TIME: Final = 50  # a case has about 80 triples, and stores cut off at 10,000 rows as delivered
_TREATMENTS_AT_A_TIME: Final = 100
_WHOLE_CASE: Final = "case-graph"
_PARAMETER = re.compile(r"VALUES \?case \{[^\n]*\}")


def fetch_relevant_cases(store: GraphStore, request: Request) -> GraphStore:
    """Return a store in memory with the cases of a store that precedents of a request can come from.

    Raises StoreError where the store does not answer.
    """
    held = memory_store(base=store.base)
    for kind in ("Section", "Specialty"):
        held.database.extend(_describe_nodes(store, kind))
    for cases in _batches(_case_iris(store, related_treatments(request)), _CASES_AT_A_TIME):
        held.database.extend(ox.Quad(t.subject, t.predicate, t.object) for t in _construct_cases(store, cases))
    return held


def related_treatments(request: Request) -> tuple[str, ...]:
    """Return the ids of all treatments that a request names, or that share a group with it.

    >>> from imr_graph.analysis.precedents.request import read_request
    >>> "lorazepam" in related_treatments(read_request("Valium 5 mg"))
    True
    """
    wanted = {*request.drug_classes, *request.categories, *request.subcategories}
    found = dict.fromkeys(request.treatment_ids)
    for treatment in vocabulary.load().treatments:
        groups = groups_of(treatment.id)
        if wanted & {*groups.drug_classes, *groups.categories, *groups.subcategories}:
            found[treatment.id] = None
    return tuple(found)


def _case_iris(store: GraphStore, treatments: Iterable[str]) -> list[str]:
    found: set[str] = set()
    for ids in _batches(treatments, _TREATMENTS_AT_A_TIME):
        values = " ".join(f"<{terms.treatment_iri(id)}>" for id in ids)
        query = f"""SELECT DISTINCT ?case WHERE {{
          VALUES ?treatment {{ {values} }}
          ?item <{terms.term("requestsTreatment")}> ?treatment . ?case <{terms.term("hasDisputedItem")}> ?item .
        }}"""
        rows = cast("ox.QuerySolutions", store.graph.query(query))
        found.update(cast("ox.NamedNode", row[0]).value for row in rows)
    return sorted(found)


def _construct_cases(store: GraphStore, cases: Sequence[str]) -> ox.QueryTriples:
    """Return every triple of some cases: the question of the library that gives one case's, asked for several."""
    values = "VALUES ?case { " + " ".join(f"<{case}>" for case in cases) + " }"
    sparql, count = _PARAMETER.subn(lambda _: values, library.find_question(_WHOLE_CASE).sparql)
    if not count:
        raise ToolError(f"{_WHOLE_CASE}.rq has no parameter ?case any more: precedents cannot be fetched with it.")
    return cast("ox.QueryTriples", store.graph.query(sparql))


def _describe_nodes(store: GraphStore, kind: str) -> Iterator[ox.Quad]:
    """Yield what is said of the nodes of a class that letters can mint."""
    pattern = (ox.NamedNode(f"{terms.RDF}type"), ox.NamedNode(terms.term(kind)))
    for node in [quad.subject for quad in store.graph.quads_for_pattern(None, *pattern, None)]:
        yield from store.graph.quads_for_pattern(node, None, None, None)


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    listed = list(values)
    return (listed[at : at + size] for at in range(0, len(listed), size))
