"""A case laid out for reading: what stands at the top, its dates in order, the reviewer, and each disputed item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.graph.resolver import shipped_names
from imr_graph.model import Citation, DisputedItem, Party
from imr_graph.website.case.facts import Fact, Sheet, label_of
from imr_graph.website.case.read import Corrected

__all__ = ["CitationTold", "Event", "ItemTold", "SideTold", "Told", "told"]

_EVENTS: Final = {
    "injured": "Injury",
    "ur_denied": "Denied by utilization review",
    "received": "Application for review received",
    "assigned": "Assigned to review",
    "decided": "Decided",
}
_BASES: Final = {"mtus": "MTUS", "non-mtus": "Not in the MTUS"}
_LONGEST: Final = 400  # characters of a request that is made of an item's words
_REMARKS: Final = {"retrospective": "Retrospective request", "surgical_adjunct": "Associated surgical service"}
_STANCES: Final = {"outside the MTUS": "Decided outside the MTUS", "no evidence cited": "Cited no medical evidence"}


@dataclass(frozen=True, slots=True)
class Event:
    """A date of the case; `days` counts from the event before it, None for the first."""

    name: str
    fact: Fact
    days: int | None


@dataclass(frozen=True, slots=True)
class CitationTold:
    """A citation: what it names, each with its page, and its words; `id` is its place on the page."""

    id: str
    basis: Fact
    guideline: Fact
    chapter: Fact | None
    sections: tuple[Fact, ...]
    pages: tuple[Fact, ...]
    text: Fact
    corrections: tuple[Corrected, ...]


@dataclass(frozen=True, slots=True)
class SideTold:
    """What one side based its decision on."""

    title: str
    stance: Fact | None
    citations: tuple[CitationTold, ...]
    corrections: tuple[Corrected, ...]


@dataclass(frozen=True, slots=True)
class ItemTold:
    """A disputed item.

    `like` and `precedents` are addresses: of a search for its treatments, and of the precedents of a request for it;
    None where no treatment was recognised.
    """

    number: int
    id: str
    name: str
    heading: Fact
    decision: Fact
    service: Fact
    requested: Fact | None
    authorized: Fact | None
    remarks: tuple[Fact, ...]
    treatments: tuple[Fact, ...]
    categories: tuple[Fact, ...]
    regions: tuple[Fact, ...]
    laterality: Fact | None
    lists: tuple[Corrected, ...]
    sides: tuple[SideTold, ...]
    rationale: Fact | None
    at: str | None
    like: str | None
    precedents: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A whole case."""

    number: Fact | None
    outcome: Fact | None
    priority: Fact | None
    age: Fact | None
    sex: Fact | None
    events: tuple[Event, ...]
    undated: tuple[str, ...]
    specialties: tuple[Fact, ...]
    states: tuple[Fact, ...]
    profile: tuple[Corrected, ...]
    summary: Fact | None
    items: tuple[ItemTold, ...]


def told(sheet: Sheet) -> Told:
    """Return a case laid out for reading."""
    d, base = sheet.case.determination, sheet.case.base
    profile = d.reviewer
    specialties = [(label, shipped_names().specialty(label, base).iri) for label in profile.specialties]
    states = [(label_of(terms.state_iri(code), code), terms.state_iri(code)) for code in profile.states]
    return Told(
        number=sheet.maybe("/case_number", d.case_number),
        outcome=sheet.maybe("/outcome", d.outcome),
        priority=sheet.maybe("/priority", d.priority),
        age=sheet.maybe("/patient/age", f"{d.patient.age} years" if d.patient.age is not None else None),
        sex=sheet.maybe("/patient/sex", d.patient.sex),
        events=tuple(_events(sheet)),
        undated=tuple(name for field, name in _EVENTS.items() if getattr(d.dates, field) is None),
        specialties=sheet.each("/reviewer/specialties", specialties),
        states=sheet.each("/reviewer/states", states),
        profile=sheet.corrected("/reviewer/specialties") + sheet.corrected("/reviewer/states"),
        summary=sheet.maybe("/summary", d.summary),
        items=tuple(_item(sheet, item, index) for index, item in enumerate(d.items)),
    )


def _events(sheet: Sheet) -> Iterator[Event]:
    dates = sheet.case.determination.dates
    dated: list[tuple[date, str]] = [(getattr(dates, field), field) for field in _EVENTS if getattr(dates, field)]
    before: date | None = None
    for day, field in sorted(dated, key=lambda pair: pair[0]):
        fact = sheet.fact(f"/dates/{field}", day.isoformat())
        yield Event(_EVENTS[field], fact, (day - before).days if before else None)
        before = day


def _item(sheet: Sheet, item: DisputedItem, index: int) -> ItemTold:
    at, number = f"/items/{index}", index + 1
    treatments = [(terms.treatment_iri(each), each) for each in item.treatments]
    regions = [(terms.region_iri(each), each) for each in item.body_regions]
    counted = len(item.claims_administrator.citations)
    return ItemTold(
        number=number,
        id=f"item-{number}",
        name=f"{sheet.case.name}-item-{number}",
        heading=sheet.fact(f"{at}/heading", item.heading),
        decision=sheet.fact(f"{at}/decision", item.decision),
        service=sheet.fact(f"{at}/service", item.service),
        requested=sheet.maybe(f"{at}/requested", item.requested),
        authorized=sheet.maybe(f"{at}/authorized", item.authorized),
        remarks=tuple(_remarks(sheet, item, at)),
        treatments=sheet.each(f"{at}/treatments", [(label_of(iri, each), iri) for iri, each in treatments]),
        categories=tuple(_categories(item, at)),
        regions=sheet.each(f"{at}/body_regions", [(label_of(iri, each), iri) for iri, each in regions]),
        laterality=sheet.maybe(f"{at}/laterality", item.laterality),
        lists=(*sheet.corrected(at), *sheet.corrected(f"{at}/treatments"), *sheet.corrected(f"{at}/body_regions")),
        sides=(
            _side(sheet, item.claims_administrator, f"{at}/claims_administrator", "Claims administrator", number, 0),
            _side(sheet, item.reviewer, f"{at}/reviewer", "Expert reviewer", number, counted),
        ),
        rationale=sheet.maybe(f"{at}/rationale", item.rationale),
        at=sheet.at(at),
        like=f"/search?{urlencode([('treatment', each) for each in item.treatments])}" if item.treatments else None,
        precedents=_precedents(item),
    )


def _remarks(sheet: Sheet, item: DisputedItem, at: str) -> Iterator[Fact]:
    for field, words in (
        ("retrospective", "Retrospective request"),
        ("surgical_adjunct", "Associated surgical service"),
    ):
        fact = sheet.maybe(f"{at}/{field}", words if getattr(item, field) else None)
        if fact is not None:
            yield fact


def _categories(item: DisputedItem, at: str) -> Iterator[Fact]:
    """Yield the categories that the vocabulary puts an item's treatments in, the broader ones first."""
    known = vocabulary.load()
    found: dict[str, str] = {}
    for treatment in (known.treatments.get(each) for each in item.treatments):
        if treatment is not None:
            found |= {category.iri: category.label for category in reversed(known.ancestors(treatment))}
    for category_iri, label in found.items():
        yield Fact(label, f"{at}/treatments", None, category_iri)


def _precedents(item: DisputedItem) -> str | None:
    """Return the address of the precedents of a request for the same, where one can be made of its words."""
    if not item.treatments or len(item.service) > _LONGEST:
        return None
    return f"/precedents?{urlencode({'q': item.service})}"


def _side(sheet: Sheet, party: Party, at: str, title: str, number: int, before: int) -> SideTold:
    stance = _STANCES.get(party.stance, party.stance) if party.stance else None
    return SideTold(
        title,
        sheet.maybe(f"{at}/stance", stance),
        tuple(
            _citation(sheet, citation, f"{at}/citations/{index}", f"item-{number}-citation-{before + index + 1}")
            for index, citation in enumerate(party.citations)
        ),
        sheet.corrected(f"{at}/citations"),
    )


def _citation(sheet: Sheet, citation: Citation, at: str, id: str) -> CitationTold:
    names, base = shipped_names(), sheet.case.base
    guideline = terms.guideline_iri(citation.guideline)
    sections = [
        (name, names.section(citation.guideline, citation.chapter, name, base).iri) for name in citation.sections
    ]
    pages = [(str(number), terms.page_iri(citation.guideline, number, base)) for number in citation.pages]
    return CitationTold(
        id=id,
        basis=sheet.fact(f"{at}/basis", _BASES.get(citation.basis, citation.basis)),
        guideline=sheet.fact(f"{at}/guideline", label_of(guideline, citation.guideline), guideline),
        chapter=sheet.maybe(f"{at}/chapter", citation.chapter),
        sections=sheet.each(f"{at}/sections", sections),
        pages=sheet.each(f"{at}/pages", pages),
        text=sheet.fact(f"{at}/text", citation.text),
        corrections=(*sheet.corrected(at), *sheet.corrected(f"{at}/sections"), *sheet.corrected(f"{at}/pages")),
    )
