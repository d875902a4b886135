"""Applied corrections in the graph, written and read: who changed what, when and why, as activities of PROV-O.

A correction's node belongs to its case (`case-<key>-correction-<n>`), so that it comes and goes with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from imr_graph import iris as terms
from imr_graph.corrections.applying import AppliedCorrection, pointer_path
from imr_graph.graph.cases import objects, text_of
from imr_graph.graph.literals import date_literal, replace_surrogates, string
from imr_graph.graph.readable import GraphStore
from imr_graph.iris import DCTERMS, IMR, PROV, RDF, RDFS
from imr_graph.model import Determination

__all__ = ["StoredCorrection", "correction_iri", "ntriples", "read_corrections"]


def correction_iri(case: str, number: int) -> str:
    """Return the IRI of a correction of a case; `number` counts from 1 over those that were applied.

    >>> correction_iri(terms.case_iri("CM16-9990007"), 1)
    'https://w3id.org/imr-graph/id/case-CM16-9990007-correction-1'
    """
    return f"{case}-correction-{number}"


def ntriples(
    applied: Iterable[AppliedCorrection],
    determination: Determination,
    *,
    key: str | None = None,
    base: str = terms.BASE,
) -> str:
    """Return the corrections applied to a determination as N-Triples, sorted; nothing where there are none.

    `determination` is the corrected one; `key` names its case where its own key is taken; `base` starts the IRIs.
    """
    case = terms.case_iri(key or determination.key, base)
    letter = terms.letter_iri(determination.sha256, base)
    lines: list[str] = []
    for number, each in enumerate(applied, 1):
        correction, node = each.correction, correction_iri(case, number)
        start = f"<{node}> <"
        lines += (
            f"<{case}> <{IMR}hasCorrection> <{node}> .",
            f"{start}{RDF}type> <{IMR}Correction> .",
            f"{start}{IMR}corrects> <{_node(each, determination, case)}> .",
            f"{start}{IMR}correctedField> {string(correction.field)} .",
            f"{start}{PROV}used> <{letter}> .",
            f"{start}{DCTERMS}creator> {string(correction.who)} .",
            f"{start}{DCTERMS}date> {date_literal(correction.date.isoformat())} .",
            f"{start}{RDFS}comment> {string(correction.why)} .",
        )
        for name, value in (("valueWas", correction.was), ("valueIs", correction.should_be)):
            if value is not None:
                lines.append(f"{start}{IMR}{name}> {string(_as_text(value))} .")
    return replace_surrogates("".join(f"{line}\n" for line in sorted(lines)))


def _as_text(value: Any) -> str:
    """Return a value as text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _node(applied: AppliedCorrection, d: Determination, case: str) -> str:
    """Return the node that a corrected value belongs to: the case, its reviewer, an item or a citation."""
    match pointer_path(applied.field):
        case ("reviewer", *_):
            return terms.reviewer_iri(case)
        case ("items", int(number), str(side), "citations", int(index), *_):
            before = len(d.items[number].claims_administrator.citations) if side == "reviewer" else 0
            return terms.citation_iri(terms.item_iri(case, number + 1), before + index + 1)
        case ("items", int(number), "reasons", int(index), *_):
            return terms.reason_iri(terms.item_iri(case, number + 1), index + 1)
        case ("items", int(number), *_):
            return terms.item_iri(case, number + 1)
    return case


@dataclass(frozen=True, slots=True)
class StoredCorrection:
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


def read_corrections(store: GraphStore, key: str) -> tuple[StoredCorrection, ...]:
    """Return the corrections that were applied to a case, by field; `key` names the case.

    >>> from imr_graph.store.graph_store import memory_store
    >>> read_corrections(memory_store(), "CM16-9990007")
    ()
    """
    nodes = [node.value for node in objects(store.graph, terms.case_iri(key, store.base), "hasCorrection")]
    found = [_read_correction(store, node) for node in sorted(nodes, key=lambda node: (len(node), node))]
    return tuple(sorted(found, key=lambda each: each.field))


def _read_correction(store: GraphStore, node: str) -> StoredCorrection:
    def said(prop: str) -> str | None:
        return text_of(store.graph, node, prop)

    return StoredCorrection(
        field=said("correctedField") or "",
        was=said("valueWas"),
        now=said("valueIs"),
        node=said("corrects") or "",
        who=said(f"{DCTERMS}creator") or "",
        date=said(f"{DCTERMS}date") or "",
        why=said(f"{RDFS}comment") or "",
    )
