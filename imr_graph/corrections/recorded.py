"""Corrections as the graph tells them: what was changed in a case, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph import iris as terms
from imr_graph.graph.cases import objects, text_of
from imr_graph.iris import DCTERMS, RDFS
from imr_graph.store.graph_store import GraphStore

__all__ = ["Recorded", "recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A correction of the graph.

    `field` is the JSON pointer of the value in the record as it was read; `was` and `now` are the values as text, None
    where there was or is none; `node` is the IRI of what has the value; `date` is an ISO date.
    """

    field: str
    was: str | None
    now: str | None
    node: str
    who: str
    date: str
    why: str

    def __str__(self) -> str:
        """Return the correction as a line for people."""
        was, now = (f'"{value}"' if value is not None else "nothing" for value in (self.was, self.now))
        return f"{self.field}: {was} became {now} ({self.who}, {self.date}): {self.why}"


def recorded(store: GraphStore, key: str) -> tuple[Recorded, ...]:
    """Return the corrections that were applied to a case, by field; `key` names the case.

    >>> from imr_graph.store.graph_store import memory_store
    >>> recorded(memory_store(), "CM16-9990007")
    ()
    """
    nodes = [node.value for node in objects(store.graph, terms.case_iri(key, store.base), "hasCorrection")]
    found = [_recorded(store, node) for node in sorted(nodes, key=lambda node: (len(node), node))]
    return tuple(sorted(found, key=lambda each: each.field))


def _recorded(store: GraphStore, node: str) -> Recorded:
    def said(prop: str) -> str | None:
        return text_of(store.graph, node, prop)

    return Recorded(
        field=said("correctedField") or "",
        was=said("valueWas"),
        now=said("valueIs"),
        node=said("corrects") or "",
        who=said(f"{DCTERMS}creator") or "",
        date=said(f"{DCTERMS}date") or "",
        why=said(f"{RDFS}comment") or "",
    )
