"""From a determination to its rows: pure, one row for each disputed item, as JSON can hold it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from imr_graph import iris as terms
from imr_graph.graph.literals import sound
from imr_graph.graph.resolver import Named, Names, shipped_names
from imr_graph.model import Citation, Determination, DisputedItem, Party
from imr_graph.table.columns import COLUMNS
from imr_graph.vocabulary import load
from imr_graph.vocabulary.concepts import Concept

__all__ = ["Groups", "Row", "groups_of", "item_rows"]

Row = dict[str, Any]

_DRUGS = "pharmaceuticals/"
_ITEM_COLUMNS = tuple(column.name for column in COLUMNS if column.level == "item")


class Groups(NamedTuple):
    """Where a treatment stands in the vocabulary, by ids: its drug classes, top categories, categories between."""

    drug_classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subcategories: tuple[str, ...] = ()


@lru_cache(maxsize=16_384)
def groups_of(treatment: str) -> Groups:
    """Return the groups of a treatment's id; none for an id that the vocabulary does not know.

    >>> groups_of("mri")
    Groups(drug_classes=(), categories=('diagnostic-testing',), subcategories=('diagnostic-testing/imaging',))
    """
    above = load().categories_of(treatment)
    tops = [concept for concept in above if not concept.broader]
    below = [concept for concept in above if concept.broader]
    drugs = [concept for concept in below if concept.id.startswith(_DRUGS)]
    return Groups(_ids(drugs), _ids(tops), _ids(concept for concept in below if concept not in drugs))


def item_rows(determination: Determination, key: str | None = None, *, names: Names | None = None) -> list[Row]:
    """Return the rows of a determination: a value for each of `schema.COLUMNS`, dates in ISO form.

    `key` names the case where its own key is taken by another letter. A letter without any disputed item has one row
    whose `position` is None, so that its case is not lost.

    >>> from imr_graph.model import *
    >>> item = DisputedItem("MRI of the knee", "upheld", "MRI of the knee", treatments=("mri",))
    >>> of = (None, Dates(), "upheld", Patient(), Reviewer(), None, (item,))
    >>> rows = item_rows(Determination("a.txt", "0" * 64, "L5", "EX16-1", *of))
    >>> [(row["case_key"], row["position"], row["categories"]) for row in rows]
    [('EX16-1', 1, ['diagnostic-testing'])]
    """
    names = names or shipped_names()
    case = _case(determination, key or determination.key, names)
    items = enumerate(determination.items, 1)
    rows = [case | _item(item, position, names) for position, item in items] or [case | dict.fromkeys(_ITEM_COLUMNS)]
    for row in rows[1:]:
        row["summary"] = None
    return rows


def _case(d: Determination, key: str, names: Names) -> Row:
    named = [names.specialty(label, terms.BASE) for label in d.reviewer.specialties]
    specialties = _labelled("specialty-", named, names)
    states = sorted(set(d.reviewer.states))
    dates = d.dates
    return {
        "case_key": key,
        "case_number": d.case_number,
        "letter_sha256": d.sha256,
        "source_name": sound(d.source.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]),
        "layout": d.layout,
        "priority": d.priority,
        "date_of_injury": dates.injured and dates.injured.isoformat(),
        "utilization_review_date": dates.ur_denied and dates.ur_denied.isoformat(),
        "application_received_date": dates.received and dates.received.isoformat(),
        "assigned_date": dates.assigned and dates.assigned.isoformat(),
        "decision_date": dates.decided and dates.decided.isoformat(),
        "outcome": d.outcome,
        "patient_age": d.patient.age,
        "patient_sex": d.patient.sex,
        "reviewer_specialties": list(specialties.values()),
        "reviewer_specialty_ids": list(specialties),
        "reviewer_states": states,
        "reviewer_profile": _profile(sorted(specialties.values()), states),
        "unmatched_specialties": sorted({found.label for found in named if found.label is not None}),
        "unparsed_passages": len(d.unparsed),
        "items_in_case": len(d.items),
        "summary": _text(d.summary),
    }


def _profile(specialties: list[str], states: list[str]) -> str:
    codes = ", ".join(state.removeprefix("US-") for state in states)
    return f"{' + '.join(specialties) or 'specialty not stated'} ({codes or 'state not stated'})"


def _item(item: DisputedItem, position: int, names: Names) -> Row:
    treatments = sorted(set(item.treatments))
    groups = [groups_of(treatment) for treatment in treatments]
    administrator, unmatched = _party("administrator", item.claims_administrator, names)
    reviewer, more = _party("reviewer", item.reviewer, names)
    return {
        "position": position,
        "heading": _text(item.heading),
        "service": _text(item.service),
        "requested_service": _text(item.requested),
        "authorized_service": _text(item.authorized),
        "partial_certification": item.requested is not None or item.authorized is not None,
        "retrospective": item.retrospective,
        "surgical_adjunct": item.surgical_adjunct,
        "decision": item.decision,
        "treatments": treatments,
        "drug_classes": sorted({id for group in groups for id in group.drug_classes}),
        "categories": sorted({id for group in groups for id in group.categories}),
        "subcategories": sorted({id for group in groups for id in group.subcategories}),
        "body_regions": sorted(set(item.body_regions)),
        "laterality": item.laterality,
        **administrator,
        **reviewer,
        "unmatched_sections": sorted(unmatched | more),
        "rationale": _text(item.rationale),
    }


def _party(prefix: str, party: Party, names: Names) -> tuple[Row, set[str]]:
    """Return the columns of one side, and its sections that the vocabulary does not know."""
    found = [
        (citation, names.section(citation.guideline, citation.chapter, label, terms.BASE))
        for citation in party.citations
        for label in citation.sections
    ]
    sections = _labelled("section-", (named for _, named in found), names)
    row = {
        f"{prefix}_stance": party.stance,
        f"{prefix}_bases": sorted({citation.basis for citation in party.citations}),
        f"{prefix}_guidelines": sorted({citation.guideline for citation in party.citations}),
        f"{prefix}_chapters": sorted({sound(c.chapter) for c in party.citations if c.chapter is not None}),
        f"{prefix}_sections": list(sections.values()),
        f"{prefix}_section_ids": list(sections),
        f"{prefix}_pages": _pages(party.citations),
        f"{prefix}_citations": [sound(citation.text) for citation in party.citations],
    }
    return row, {f"{c.guideline}: {sound(named.label)}" for c, named in found if named.label is not None}


def _labelled(prefix: str, named: Iterable[Named], names: Names) -> dict[str, str]:
    """Return the ids of nodes with their labels, sorted by id."""
    found: dict[str, str] = {}
    for iri, minted in named:
        concept = names.vocabulary.concept(iri) if minted is None else None
        found[terms.local_name(iri).removeprefix(prefix)] = sound(concept.label if concept else minted or "")
    return dict(sorted(found.items()))


def _pages(citations: tuple[Citation, ...]) -> list[str]:
    numbers = sorted({(citation.guideline, page) for citation in citations for page in citation.pages})
    return [f"{guideline}-{number}" for guideline, number in numbers]


def _text(text: str | None) -> str | None:
    return None if text is None else sound(text)


def _ids(concepts: Iterable[Concept]) -> tuple[str, ...]:
    return tuple(concept.id for concept in concepts)
