"""One decision like a request: why it ranks where it does, and the words that carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imr_graph.analysis.precedents.associations import label_value
from imr_graph.analysis.precedents.evidence import ItemEvidence, read_evidence
from imr_graph.analysis.precedents.similarity import ScoredItem
from imr_graph.errors import StoreError
from imr_graph.store.graph_store import GraphStore

__all__ = ["Precedent", "Shared", "make_precedent"]

_DIMENSION_OF: Final[Mapping[str, str]] = {"drug class": "drug-class"}  # kinds whose dimension has another name


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that a decision shares with the request, by names, and the points it gives."""

    kind: str
    values: tuple[str, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Precedent(ItemEvidence):
    """One decision like the request, with the words that carry it.

    `step` is the narrowest similarity tier that it is in. `shared` says why it ranks where it does and `score` is the
    sum of its points; `reason` says the same in words.
    """

    step: str
    score: float
    shared: tuple[Shared, ...]
    reason: str


def make_precedent(store: GraphStore, found: ScoredItem) -> Precedent:
    """Return a decision with the words that carry it; raises StoreError where the graph does not have it."""
    evidence = read_evidence(store, found.case, found.position)
    if evidence is None:
        raise StoreError(f"The table has {found.case} item {found.position} and the graph has not: build it anew.")
    shared = tuple(
        Shared(kind, tuple(_name(store, kind, id) for id in ids), round(found.points[kind], 3))
        for kind, ids in found.shared.items()
    )
    return Precedent(
        evidence.case,
        evidence.position,
        evidence.iri,
        evidence.service,
        evidence.decision,
        evidence.decided,
        evidence.quotations,
        found.step,
        round(found.score, 3),
        shared,
        _reason(found.step, shared),
    )


def _name(store: GraphStore, kind: str, id: str) -> str:
    return (
        id if kind in ("words", "laterality", "amount") else label_value(_DIMENSION_OF.get(kind, kind), id, store).label
    )


def _reason(tier: str, shared: Sequence[Shared]) -> str:
    parts = [f"{each.kind} ({', '.join(each.values)}) {round(each.points, 1):g}" for each in shared]
    return f"{tier}: shares {', '.join(parts)}" if parts else tier
