"""The words behind a decision: looked up by case and item, straight from the item's node."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.store_facts import literals_of
from imr_graph.analysis.precedents.quotations import Quotation, select_quotations
from imr_graph.graph.spans import read_spans
from imr_graph.store.graph_store import GraphStore

__all__ = ["Evidence", "evidence_of"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A decision ("upheld", "overturned"), its date in ISO form, and the words of the rationale that carry it."""

    decision: str | None
    decided: str | None
    quotations: tuple[Quotation, ...]


def evidence_of(store: GraphStore, case: str, position: int | None) -> Evidence | None:
    """Return the words behind a decision; None where the store has no such item."""
    if position is None:
        return None
    node = terms.case_iri(case, store.base)
    item = terms.item_iri(node, position)
    found = literals_of(store.graph, item, terms.term("decision"))
    if not found:
        return None
    rationale = next(iter(literals_of(store.graph, item, terms.term("rationale"))), None)
    spans = next(iter(literals_of(store.graph, item, terms.term("spans"))), "")
    places = [place.span for place in read_spans(spans) if place.property == "rationale"]
    decided = next(iter(literals_of(store.graph, node, terms.term("decisionDate"))), None)
    quoted = select_quotations(rationale, places[0] if places else None)
    return Evidence(terms.local_name(found[0]).lower(), decided, quoted)
