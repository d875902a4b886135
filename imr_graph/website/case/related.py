"""Other determinations that rest on the pages and sections that a case rests on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from imr_graph import iris as terms
from imr_graph.fields import OUTCOMES
from imr_graph.website.case.facts import CaseFact
from imr_graph.website.case.layout import CaseLayout
from imr_graph.website.case.read import CaseRecord
from imr_graph.website.site import Site

__all__ = ["RelatedItem", "RelatedPlace", "find_related"]

_PLACES: Final = 6  # of which others are looked for, pages before sections
_SHOWN: Final = 4  # of each place
_ONE: Final = """{{
  {{ SELECT (<{place}> AS ?place) ?item WHERE {{ ?item imr:{prop} <{place}> }} LIMIT {most} }}
  ?item imr:heading ?heading ; imr:decision ?decision .
}}"""
_WORDS: Final = {f"{terms.IMR}{name}": word for word, name in OUTCOMES.items()}


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """An item of another case."""

    iri: str
    case: str
    heading: str
    decision: str


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """A page or section with some of the other cases' items that rest on it."""

    iri: str
    label: str
    items: tuple[RelatedItem, ...]


async def find_related(
    site: Site, request: Request, case: CaseRecord, laid_out: CaseLayout
) -> tuple[RelatedPlace, ...]:
    """Return the places that the expert reviewer cites in a case with items of other cases, those with most first."""
    labels = dict(_cited_places(laid_out))
    if not labels:
        return ()
    # A few more than are shown, as the case's own items are among them.
    most = _SHOWN + len(case.determination.items)
    asked = (_ONE.format(place=place, prop=_property(place), most=most) for place in labels)
    query = "PREFIX imr: <" + terms.IMR + "> SELECT ?place ?item ?heading ?decision WHERE { "
    own = f"{case.base}{case.name}-item-"
    found: dict[str, dict[str, RelatedItem]] = defaultdict(dict)
    for row in await site.rows(f"{query}{' UNION '.join(asked)} }}", request):
        if not row["item"].startswith(own):
            name = terms.local_name(row["item"]).removeprefix("case-").rpartition("-item-")[0]
            decision = _WORDS.get(row["decision"], "")
            found[row["place"]].setdefault(name, RelatedItem(row["item"], name, row["heading"], decision))
    places = (
        RelatedPlace(place, labels[place], tuple(sorted(items.values(), key=lambda one: one.case))[:_SHOWN])
        for place, items in found.items()
    )
    order = list(labels)
    return tuple(sorted(places, key=lambda place: order.index(place.iri)))


def _cited_places(laid_out: CaseLayout) -> list[tuple[str, str]]:
    """Return the pages, then the sections, that the expert reviewer cites, by IRI, with what they are called."""
    pages: dict[str, str] = {}
    sections: dict[str, str] = {}
    for item in laid_out.items:
        for citation in item.sides[1].citations:
            guideline = citation.guideline.words
            pages |= {iri: f"{guideline}, page {page.words}" for page, iri in _with_page(citation.pages)}
            sections |= {iri: f"{guideline}: {section.words}" for section, iri in _with_page(citation.sections)}
    return list({**pages, **sections}.items())[:_PLACES]


def _with_page(facts: tuple[CaseFact, ...]) -> list[tuple[CaseFact, str]]:
    return [(fact, fact.iri) for fact in facts if fact.iri is not None]


def _property(place: str) -> str:
    return "basedOnPage" if terms.local_name(place).startswith("page-") else "basedOnSection"
