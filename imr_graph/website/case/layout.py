"""A case laid out for reading: what stands at the top, its dates in order, the reviewer, and each disputed item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from imr_graph import iris as terms
from imr_graph import labels, vocabulary
from imr_graph.fields import CASE, CITATION, ITEM, SIDES, Field, Level, Side
from imr_graph.graph.resolver import shipped_names
from imr_graph.model import Citation, DisputedItem, Party
from imr_graph.website.case.facts import Fact, Sheet, label_of
from imr_graph.website.case.read import Corrected

__all__ = ["CitationTold", "Event", "ItemTold", "SideTold", "Told", "told"]

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
class Event:
    """A date of the case; `days` counts from the event before it, None for the first."""

    name: str
    fact: Fact
    days: int | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """The facts of a field under its label."""

    label: str
    facts: tuple[Fact, ...]


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
    more: tuple[Labelled, ...]
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
    more: tuple[Labelled, ...]
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
        undated=tuple(labels.label(each.term) for each in _DATES if each.getter()(d) is None),
        specialties=sheet.each("/reviewer/specialties", specialties),
        states=sheet.each("/reviewer/states", states),
        profile=sheet.corrected("/reviewer/specialties") + sheet.corrected("/reviewer/states"),
        more=tuple(_more(sheet, CASE, _PLACED_OF_CASE, d, "")),
        summary=sheet.maybe("/summary", d.summary),
        items=tuple(_item(sheet, item, index) for index, item in enumerate(d.items)),
    )


_DATES: Final = tuple(each for each in CASE.fields if each.kind == "date")


def _events(sheet: Sheet) -> Iterator[Event]:
    dated = [(day, each) for each in _DATES if (day := each.getter()(sheet.case.determination))]
    before: date | None = None
    for day, each in sorted(dated, key=lambda pair: pair[0]):
        fact = sheet.fact(f"/{each.path}", day.isoformat())
        yield Event(labels.capitalize_label(each.term), fact, (day - before).days if before else None)
        before = day


def _more(sheet: Sheet, level: Level, placed: frozenset[str], holder: Any, at: str) -> Iterator[Labelled]:
    """Yield what the fields say that have no place of their own."""
    for each in level.fields:
        if each.path in placed or each.kind in ("date", "flag") or (len(each.steps) > 1 and each.steps[0] in _SIDES):
            continue
        value, pointer = each.getter()(holder), f"{at}/{each.path}"
        if each.several:
            found: tuple[Fact | None, ...] = sheet.each(pointer, [(str(one), None) for one in value])
        else:
            found = (sheet.maybe(pointer, None if value is None else str(value)),)
        facts = tuple(fact for fact in found if fact is not None)
        if facts:
            yield Labelled(labels.capitalize_label(each.term), facts)


_SIDES: Final = frozenset(side.path for side in SIDES)


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
        more=tuple(_more(sheet, ITEM, _PLACED_OF_ITEM, item, at)),
        treatments=sheet.each(f"{at}/treatments", [(label_of(iri, each), iri) for iri, each in treatments]),
        categories=tuple(_categories(item, at)),
        regions=sheet.each(f"{at}/body_regions", [(label_of(iri, each), iri) for iri, each in regions]),
        laterality=sheet.maybe(f"{at}/laterality", item.laterality),
        lists=(*sheet.corrected(at), *sheet.corrected(f"{at}/treatments"), *sheet.corrected(f"{at}/body_regions")),
        sides=(
            _side(sheet, SIDES[0], item.claims_administrator, at, number, 0),
            _side(sheet, SIDES[1], item.reviewer, at, number, counted),
        ),
        rationale=sheet.maybe(f"{at}/rationale", item.rationale),
        at=sheet.at(at),
        like=f"/search?{urlencode([('treatment', each) for each in item.treatments])}" if item.treatments else None,
        precedents=_precedents(item),
    )


def _remarks(sheet: Sheet, item: DisputedItem, at: str) -> Iterator[Fact]:
    for each in ITEM.fields:
        if each.kind == "flag":
            words = labels.capitalize_label(each.term) if each.getter()(item) else None
            fact = sheet.maybe(f"{at}/{each.path}", words)
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


def _side(sheet: Sheet, side: Side, party: Party, item: str, number: int, before: int) -> SideTold:
    at, stance = f"{item}/{side.path}", ITEM.field(f"{side.path}/stance")
    return SideTold(
        labels.capitalize_label(side.party),
        sheet.maybe(f"{at}/stance", _individual(stance, party.stance) if party.stance else None),
        tuple(
            _citation(sheet, citation, f"{at}/citations/{index}", f"item-{number}-citation-{before + index + 1}")
            for index, citation in enumerate(party.citations)
        ),
        sheet.corrected(f"{at}/citations"),
    )


def _individual(of: Field, word: str) -> str:
    """Return what people read for a word of a field that is an individual of the ontology."""
    return labels.capitalize_label((of.codes or {}).get(word, word))


def _citation(sheet: Sheet, citation: Citation, at: str, id: str) -> CitationTold:
    names, base = shipped_names(), sheet.case.base
    guideline = terms.guideline_iri(citation.guideline)
    sections = [
        (name, names.section(citation.guideline, citation.chapter, name, base).iri) for name in citation.sections
    ]
    pages = [(str(number), terms.page_iri(citation.guideline, number, base)) for number in citation.pages]
    return CitationTold(
        id=id,
        basis=sheet.fact(f"{at}/basis", _individual(CITATION.field("basis"), citation.basis)),
        guideline=sheet.fact(f"{at}/guideline", label_of(guideline, citation.guideline), guideline),
        chapter=sheet.maybe(f"{at}/chapter", citation.chapter),
        sections=sheet.each(f"{at}/sections", sections),
        pages=sheet.each(f"{at}/pages", pages),
        text=sheet.fact(f"{at}/text", citation.text),
        corrections=(*sheet.corrected(at), *sheet.corrected(f"{at}/sections"), *sheet.corrected(f"{at}/pages")),
    )
