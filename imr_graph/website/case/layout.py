"""A case laid out for reading: what stands at the top, its dates in order, the reviewer, and each disputed item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from imr_graph import iris as terms
from imr_graph import labels, vocabulary
from imr_graph.fields import CASE, CITATION, ITEM, SIDES, Field, Level, Side
from imr_graph.graph.resolver import default_resolver
from imr_graph.model import Citation, DisputedItem, Party, Reason
from imr_graph.website import urls
from imr_graph.website.case.facts import CaseFact, FactBuilder, label_of
from imr_graph.website.case.read import CorrectionView

__all__ = ["CaseEvent", "CaseLayout", "CitationView", "ItemView", "PartyView", "ReasonView", "lay_out_case"]

_LONGEST: Final = 400  # characters of a request that is made of an item's words
# Fields that have a place of their own on the page; the others stand under their labels.
_PLACED_OF_CASE: Final = frozenset(("case_number", "priority", "outcome", "patient/age", "patient/sex", "summary"))
_PLACED_OF_ITEM: Final = frozenset(
    (
        "heading",
        "service",
        "requested",
        "authorized",
        "decision",
        "treatments",
        "body_regions",
        "laterality",
        "rationale",
    )
)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """A date of the case; `days` counts from the event before it, None for the first."""

    name: str
    fact: CaseFact
    days: int | None


@dataclass(frozen=True, slots=True)
class LabeledFacts:
    """The facts of a field under its label."""

    label: str
    facts: tuple[CaseFact, ...]


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
    corrections: tuple[CorrectionView, ...]


@dataclass(frozen=True, slots=True)
class PartyView:
    """What one side based its decision on."""

    title: str
    stance: CaseFact | None
    citations: tuple[CitationView, ...]
    corrections: tuple[CorrectionView, ...]


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason of the expert reviewer: its type and the sentence that states it; `id` is its place on the page."""

    id: str
    reason: CaseFact
    text: CaseFact
    corrections: tuple[CorrectionView, ...]


@dataclass(frozen=True, slots=True)
class ItemView:
    """A disputed item.

    `like` and `precedents` are addresses: of a search for its treatments, and of the precedents of a request for it;
    None where no treatment was recognized.
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
    more: tuple[LabeledFacts, ...]
    lists: tuple[CorrectionView, ...]
    sides: tuple[PartyView, ...]
    rationale: CaseFact | None
    reasons: tuple[ReasonView, ...]
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
    profile: tuple[CorrectionView, ...]
    more: tuple[LabeledFacts, ...]
    summary: CaseFact | None
    items: tuple[ItemView, ...]


def lay_out_case(builder: FactBuilder) -> CaseLayout:
    """Return a case laid out for reading."""
    d, base = builder.case.determination, builder.case.base
    profile = d.reviewer
    specialties = [(label, default_resolver().specialty(label, base).iri) for label in profile.specialties]
    states = [(label_of(terms.state_iri(code), code), terms.state_iri(code)) for code in profile.states]
    return CaseLayout(
        number=builder.optional("/case_number", d.case_number),
        outcome=builder.optional("/outcome", d.outcome),
        priority=builder.optional("/priority", d.priority),
        age=builder.optional("/patient/age", f"{d.patient.age} years" if d.patient.age is not None else None),
        sex=builder.optional("/patient/sex", d.patient.sex),
        events=tuple(_events(builder)),
        undated=tuple(labels.label(each.term) for each in _DATES if each.getter()(d) is None),
        specialties=builder.many("/reviewer/specialties", specialties),
        states=builder.many("/reviewer/states", states),
        profile=builder.corrections_of("/reviewer/specialties") + builder.corrections_of("/reviewer/states"),
        more=tuple(_more(builder, CASE, _PLACED_OF_CASE, d, "")),
        summary=builder.optional("/summary", d.summary),
        items=tuple(_item(builder, item, index) for index, item in enumerate(d.items)),
    )


_DATES: Final = tuple(each for each in CASE.fields if each.kind == "date")


def _events(builder: FactBuilder) -> Iterator[CaseEvent]:
    dated = [(day, each) for each in _DATES if (day := each.getter()(builder.case.determination))]
    before: date | None = None
    for day, each in sorted(dated, key=lambda pair: pair[0]):
        fact = builder.fact(f"/{each.path}", day.isoformat())
        yield CaseEvent(labels.capitalize_label(each.term), fact, (day - before).days if before else None)
        before = day


def _more(builder: FactBuilder, level: Level, placed: frozenset[str], holder: Any, at: str) -> Iterator[LabeledFacts]:
    """Yield what the fields say that have no place of their own."""
    for each in level.fields:
        if each.path in placed or each.kind in ("date", "flag") or (len(each.steps) > 1 and each.steps[0] in _SIDES):
            continue
        value, pointer = each.getter()(holder), f"{at}/{each.path}"
        if each.several:
            found: tuple[CaseFact | None, ...] = builder.many(pointer, [(str(one), None) for one in value])
        else:
            found = (builder.optional(pointer, None if value is None else str(value)),)
        if facts := tuple(fact for fact in found if fact is not None):
            yield LabeledFacts(labels.capitalize_label(each.term), facts)


_SIDES: Final = frozenset(side.path for side in SIDES)


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
        more=tuple(_more(builder, ITEM, _PLACED_OF_ITEM, item, at)),
        treatments=builder.many(f"{at}/treatments", [(label_of(iri, each), iri) for iri, each in treatments]),
        categories=tuple(_categories(item, at)),
        regions=builder.many(f"{at}/body_regions", [(label_of(iri, each), iri) for iri, each in regions]),
        laterality=builder.optional(f"{at}/laterality", item.laterality),
        lists=_corrections_of(builder, at, "treatments", "body_regions", "reasons"),
        sides=(
            _side(builder, SIDES[0], item.claims_administrator, at, number, 0),
            _side(builder, SIDES[1], item.reviewer, at, number, counted),
        ),
        rationale=builder.optional(f"{at}/rationale", item.rationale),
        reasons=tuple(_reason(builder, reason, at, index, number) for index, reason in enumerate(item.reasons)),
        at=builder.anchor(at),
        like=urls.search("", *(("treatment", each) for each in item.treatments)) if item.treatments else None,
        precedents=_precedents(item),
    )


def _corrections_of(builder: FactBuilder, at: str, *lists: str) -> tuple[CorrectionView, ...]:
    return (*builder.corrections_of(at), *(one for each in lists for one in builder.corrections_of(f"{at}/{each}")))


def _remarks(builder: FactBuilder, item: DisputedItem, at: str) -> Iterator[CaseFact]:
    for each in ITEM.fields:
        if each.kind == "flag":
            words = labels.capitalize_label(each.term) if each.getter()(item) else None
            fact = builder.optional(f"{at}/{each.path}", words)
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


def _side(builder: FactBuilder, side: Side, party: Party, item: str, number: int, before: int) -> PartyView:
    at, stance = f"{item}/{side.path}", ITEM.field(f"{side.path}/stance")
    return PartyView(
        labels.capitalize_label(side.party),
        builder.optional(f"{at}/stance", _individual(stance, party.stance) if party.stance else None),
        tuple(
            _citation(builder, citation, f"{at}/citations/{index}", f"item-{number}-citation-{before + index + 1}")
            for index, citation in enumerate(party.citations)
        ),
        builder.corrections_of(f"{at}/citations"),
    )


def _reason(builder: FactBuilder, reason: Reason, item: str, index: int, number: int) -> ReasonView:
    at, iri = f"{item}/reasons/{index}", terms.reason_type_iri(reason.reason)
    return ReasonView(
        id=f"item-{number}-reason-{index + 1}",
        reason=builder.fact(f"{at}/reason", label_of(iri, reason.reason), iri),
        text=builder.fact(f"{at}/text", reason.text),
        corrections=builder.corrections_of(at),
    )


def _individual(of: Field, word: str) -> str:
    """Return what people read for a word of a field that is an individual of the ontology."""
    return labels.capitalize_label((of.codes or {}).get(word, word))


def _citation(builder: FactBuilder, citation: Citation, at: str, id: str) -> CitationView:
    names, base = default_resolver(), builder.case.base
    guideline = terms.guideline_iri(citation.guideline)
    sections = [
        (name, names.section(citation.guideline, citation.chapter, name, base).iri) for name in citation.sections
    ]
    pages = [(str(number), terms.page_iri(citation.guideline, number, base)) for number in citation.pages]
    return CitationView(
        id=id,
        basis=builder.fact(f"{at}/basis", _individual(CITATION.field("basis"), citation.basis)),
        guideline=builder.fact(f"{at}/guideline", label_of(guideline, citation.guideline), guideline),
        chapter=builder.optional(f"{at}/chapter", citation.chapter),
        sections=builder.many(f"{at}/sections", sections),
        pages=builder.many(f"{at}/pages", pages),
        text=builder.fact(f"{at}/text", citation.text),
        corrections=_corrections_of(builder, at, "sections", "pages"),
    )
