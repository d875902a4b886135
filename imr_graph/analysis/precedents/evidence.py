"""The words behind a decision: read straight from its item in the graph, for precedents, pages and assistants."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph import iris
from imr_graph.analysis.dimensions.store_facts import literals_of
from imr_graph.analysis.precedents.quotations import Quotation, select_quotations
from imr_graph.graph.spans import read_spans
from imr_graph.store.graph_store import GraphStore

__all__ = ["ItemEvidence", "read_evidence"]


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    """A decided item with the words that carry its decision.

    `case` is what `show` takes, `service` the treatment in dispute, `decision` "upheld" or "overturned", `decided` an
    ISO date.
    """

    case: str
    position: int
    iri: str
    service: str
    decision: str
    decided: str | None
    quotations: tuple[Quotation, ...]


def read_evidence(store: GraphStore, case: str, position: int) -> ItemEvidence | None:
    """Return the words behind a decision; None where the store has no such item, or none that was decided."""
    node = iris.case_iri(case, store.base)
    item = iris.item_iri(node, position)
    decision = _first(store, item, "decision")
    if decision is None:
        return None
    places = [span.span for span in read_spans(_first(store, item, "spans") or "") if span.property == "rationale"]
    return ItemEvidence(
        case,
        position,
        item,
        _first(store, item, "service") or "",
        iris.local_name(decision).lower(),
        _first(store, node, "decisionDate"),
        select_quotations(_first(store, item, "rationale"), places[0] if places else None),
    )


def _first(store: GraphStore, node: str, name: str) -> str | None:
    return next(iter(literals_of(store.graph, node, iris.term(name))), None)
