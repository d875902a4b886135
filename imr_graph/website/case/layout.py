"""A case laid out for reading: what stands at the top, its dates in order, the reviewer, and each disputed item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.graph.resolver import shipped_names
from imr_graph.model import Citation, DisputedItem, Party
from imr_graph.website import urls
from imr_graph.website.case.facts import CaseFact, FactBuilder, label_of
from imr_graph.website.case.read import AppliedCorrection

__all__ = ["CaseEvent", "CaseLayout", "CitationView", "ItemView", "PartyView", "lay_out_case"]

_EVENTS: Final = {
    "injured": "Injury",
    "ur_denied": "Denied by utilization review",
    "received": "Application for review received",
    "assigned": "Assigned to review",
    "decided": "Decided",
}
_BASES: Final = {"mtus": "MTUS", "non-mtus": "Not in the MTUS"}
_LONGEST: Final = 400  # characters of a request that is made of an item's words
_STANCES: Final = {"outside the MTUS": "Decided outside the MTUS", "no evidence cited": "Cited no medical evidence"}


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """A date of the case; `days` counts from the event before it, None for the first."""

    name: str
    fact: CaseFact
    days: int | None


@dataclass(frozen=True, slots=True)
class CitationView:
    """A citation: what it names, each with its page, and its words; `id` is its place on the page."""

    id: str
    basis: CaseFact
    guideline: CaseFact
    chapter: CaseFact | None
    sections: tuple[CaseFact, ...]
    pages: tuple[CaseFact, ...]
    text: CaseFact
    corrections: tuple[AppliedCorrection, ...]


@dataclass(frozen=True, slots=True)
class PartyView:
    """What one side based its decision on."""

    title: str
    stance: CaseFact | None
    citations: tuple[CitationView, ...]
    corrections: tuple[AppliedCorrection, ...]


@dataclass(frozen=True, slots=True)
class ItemView:
    """A disputed item.

    `like` and `precedents` are addresses: of a search for its treatments, and of the precedents of a request for it;
    None where no treatment was recognised.
    """

    number: int
    id: str
    name: str
    heading: CaseFact
    decision: CaseFact
    service: CaseFact
    requested: CaseFact | None
    authorized: CaseFact | None
    remarks: tuple[CaseFact, ...]
    treatments: tuple[CaseFact, ...]
    categories: tuple[CaseFact, ...]
    regions: tuple[CaseFact, ...]
    laterality: CaseFact | None
    lists: tuple[AppliedCorrection, ...]
    sides: tuple[PartyView, ...]
    rationale: CaseFact | None
    at: str | None
    like: str | None
    precedents: str | None


@dataclass(frozen=True, slots=True)
class CaseLayout:
    """A whole case."""

    number: CaseFact | None
    outcome: CaseFact | None
    priority: CaseFact | None
    age: CaseFact | None
    sex: CaseFact | None
    events: tuple[CaseEvent, ...]
    undated: tuple[str, ...]
    specialties: tuple[CaseFact, ...]
    states: tuple[CaseFact, ...]
    profile: tuple[AppliedCorrection, ...]
    summary: CaseFact | None
    items: tuple[ItemView, ...]


def lay_out_case(builder: FactBuilder) -> CaseLayout:
    """Return a case laid out for reading."""
    d, base = builder.case.determination, builder.case.base
    profile = d.reviewer
    specialties = [(label, shipped_names().specialty(label, base).iri) for label in profile.specialties]
    states = [(label_of(terms.state_iri(code), code), terms.state_iri(code)) for code in profile.states]
    return CaseLayout(
        number=builder.optional("/case_number", d.case_number),
        outcome=builder.optional("/outcome", d.outcome),
        priority=builder.optional("/priority", d.priority),
        age=builder.optional("/patient/age", f"{d.patient.age} years" if d.patient.age is not None else None),
        sex=builder.optional("/patient/sex", d.patient.sex),
        events=tuple(_events(builder)),
        undated=tuple(name for field, name in _EVENTS.items() if getattr(d.dates, field) is None),
        specialties=builder.many("/reviewer/specialties", specialties),
        states=builder.many("/reviewer/states", states),
        profile=builder.corrected("/reviewer/specialties") + builder.corrected("/reviewer/states"),
        summary=builder.optional("/summary", d.summary),
        items=tuple(_item(builder, item, index) for index, item in enumerate(d.items)),
    )


def _events(builder: FactBuilder) -> Iterator[CaseEvent]:
    dates = builder.case.determination.dates
    dated: list[tuple[date, str]] = [(getattr(dates, field), field) for field in _EVENTS if getattr(dates, field)]
    before: date | None = None
    for day, field in sorted(dated, key=lambda pair: pair[0]):
        fact = builder.fact(f"/dates/{field}", day.isoformat())
        yield CaseEvent(_EVENTS[field], fact, (day - before).days if before else None)
        before = day


def _item(builder: FactBuilder, item: DisputedItem, index: int) -> ItemView:
    at, number = f"/items/{index}", index + 1
    treatments = [(terms.treatment_iri(each), each) for each in item.treatments]
    regions = [(terms.region_iri(each), each) for each in item.body_regions]
    counted = len(item.claims_administrator.citations)
    return ItemView(
        number=number,
        id=f"item-{number}",
        name=f"{builder.case.name}-item-{number}",
        heading=builder.fact(f"{at}/heading", item.heading),
        decision=builder.fact(f"{at}/decision", item.decision),
        service=builder.fact(f"{at}/service", item.service),
        requested=builder.optional(f"{at}/requested", item.requested),
        authorized=builder.optional(f"{at}/authorized", item.authorized),
        remarks=tuple(_remarks(builder, item, at)),
        treatments=builder.many(f"{at}/treatments", [(label_of(iri, each), iri) for iri, each in treatments]),
        categories=tuple(_categories(item, at)),
        regions=builder.many(f"{at}/body_regions", [(label_of(iri, each), iri) for iri, each in regions]),
        laterality=builder.optional(f"{at}/laterality", item.laterality),
        lists=(
            *builder.corrected(at),
            *builder.corrected(f"{at}/treatments"),
            *builder.corrected(f"{at}/body_regions"),
        ),
        sides=(
            _side(builder, item.claims_administrator, f"{at}/claims_administrator", "Claims administrator", number, 0),
            _side(builder, item.reviewer, f"{at}/reviewer", "Expert reviewer", number, counted),
        ),
        rationale=builder.optional(f"{at}/rationale", item.rationale),
        at=builder.anchor(at),
        like=urls.search("", *(("treatment", each) for each in item.treatments)) if item.treatments else None,
        precedents=_precedents(item),
    )


def _remarks(builder: FactBuilder, item: DisputedItem, at: str) -> Iterator[CaseFact]:
    for field, words in (
        ("retrospective", "Retrospective request"),
        ("surgical_adjunct", "Associated surgical service"),
    ):
        fact = builder.optional(f"{at}/{field}", words if getattr(item, field) else None)
        if fact is not None:
            yield fact


def _categories(item: DisputedItem, at: str) -> Iterator[CaseFact]:
    """Yield the categories that the vocabulary puts an item's treatments in, the broader ones first."""
    known = vocabulary.load()
    found: dict[str, str] = {}
    for treatment in (known.treatments.get(each) for each in item.treatments):
        if treatment is not None:
            found |= {category.iri: category.label for category in reversed(known.ancestors(treatment))}
    for category_iri, label in found.items():
        yield CaseFact(label, f"{at}/treatments", None, category_iri)


def _precedents(item: DisputedItem) -> str | None:
    """Return the address of the precedents of a request for the same, where one can be made of its words."""
    if not item.treatments or len(item.service) > _LONGEST:
        return None
    return urls.precedents(item.service)


def _side(builder: FactBuilder, party: Party, at: str, title: str, number: int, before: int) -> PartyView:
    stance = _STANCES.get(party.stance, party.stance) if party.stance else None
    return PartyView(
        title,
        builder.optional(f"{at}/stance", stance),
        tuple(
            _citation(builder, citation, f"{at}/citations/{index}", f"item-{number}-citation-{before + index + 1}")
            for index, citation in enumerate(party.citations)
        ),
        builder.corrected(f"{at}/citations"),
    )


def _citation(builder: FactBuilder, citation: Citation, at: str, id: str) -> CitationView:
    names, base = shipped_names(), builder.case.base
    guideline = terms.guideline_iri(citation.guideline)
    sections = [
        (name, names.section(citation.guideline, citation.chapter, name, base).iri) for name in citation.sections
    ]
    pages = [(str(number), terms.page_iri(citation.guideline, number, base)) for number in citation.pages]
    return CitationView(
        id=id,
        basis=builder.fact(f"{at}/basis", _BASES.get(citation.basis, citation.basis)),
        guideline=builder.fact(f"{at}/guideline", label_of(guideline, citation.guideline), guideline),
        chapter=builder.optional(f"{at}/chapter", citation.chapter),
        sections=builder.many(f"{at}/sections", sections),
        pages=builder.many(f"{at}/pages", pages),
        text=builder.fact(f"{at}/text", citation.text),
        corrections=(*builder.corrected(at), *builder.corrected(f"{at}/sections"), *builder.corrected(f"{at}/pages")),
    )
