"""The page of a case, with the letter's text beside what was read from it; what belongs to a case leads there."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import unquote

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from imr_graph import iris as terms
from imr_graph import labels
from imr_graph.analysis.search.case_numbers import find_cases
from imr_graph.errors import ImrGraphError, UnknownNameError
from imr_graph.extraction.layouts import settings
from imr_graph.fields import OUTCOMES, SIDES
from imr_graph.graph.cases import key_of
from imr_graph.labels import format_date, pointer_label
from imr_graph.model import Determination, Span
from imr_graph.store import catalog
from imr_graph.store.texts import text_of
from imr_graph.website import resources, urls
from imr_graph.website.case.facts import CaseFacts
from imr_graph.website.case.highlighting import highlight
from imr_graph.website.case.read import QUERY, CaseRecord, read_case
from imr_graph.website.citations import PUBLISHER, cite_case, cite_item, quote_source, shorten, title_case
from imr_graph.website.files import file_headers
from imr_graph.website.forms import Words
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.rendering import PageHead
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, Site

__all__ = ["redirect_to_case", "send_letter", "show_case"]

# What ends the names of nodes that belong to a case, and so have their place on its page.
_PART: Final = re.compile(r"-(reviewer|item-\d+(?:-(?:citation|reason)-\d+)?|correction-\d+)$")
_OWNER: Final = """PREFIX imr: <{schema}>
SELECT ?case WHERE {{
  {{ ?case imr:documentedIn <{iri}> }} UNION {{ ?case imr:hasReviewer <{iri}> }}
  UNION {{ ?case imr:hasDisputedItem <{iri}> }} UNION {{ ?case imr:hasCorrection <{iri}> }}
  UNION {{ ?item imr:hasCitation|imr:hasReason <{iri}> . ?case imr:hasDisputedItem ?item }}
}} ORDER BY ?case LIMIT 1"""
_NO_TEXT: Final = (
    "The store does not hold this letter's text, so the words behind the facts cannot be shown here: it was built "
    "without texts, or the text was taken out."
)

_PLACES: Final = 6  # of which others are looked for, pages before sections
_SHOWN: Final = 4  # of each place
_ONE: Final = """{{
  {{ SELECT (<{place}> AS ?place) ?item WHERE {{ ?item imr:{prop} <{place}> }} LIMIT {most} }}
  ?item imr:heading ?heading ; imr:decision ?decision .
}}"""
_WORDS: Final = {f"{terms.IMR}{name}": word for word, name in OUTCOMES.items()}
_LONGEST: Final = 400  # characters of a request that is made of an item's words
_RULE: Final = "-" * 72
_LETTER_HEAD: Final = (
    "The text of a letter as imr-graph read it, line ends included. The letter begins below the line of hyphens;",
    "places of facts count its characters (code points) from there. The published letter is what counts.",
)


class RelatedItem(NamedTuple):
    """An item of another case."""

    iri: str
    case: str
    heading: str
    decision: str


class RelatedPlace(NamedTuple):
    """A page or section with some of the other cases' items that rest on it."""

    iri: str
    label: str
    items: Sequence[RelatedItem]


async def show_case(asked: PageRequest) -> Page | Response:
    """Return a case's page, or lead from a part of a case to its place there."""
    case = await _read(asked)
    if case is not None:
        return await _page(asked, case)
    if _PART.search(asked.name):
        return await redirect_to_case(asked)
    cases = await asked.site.run_in_thread(lambda snapshot: find_cases(snapshot.table, unquote(asked.name)))
    if len(cases) == 1:  # the number in another form
        return RedirectResponse(urls.case(cases[0]), 303, {"vary": "accept", "cache-control": "no-cache"})
    raise await _unknown(asked)


async def send_letter(asked: PageRequest) -> RenderedPage:
    """Send a case's letter as plain text, below lines that say what it is."""
    asked.request.path_params["name"] = name = resources.canonical_name(asked.name)
    case = await _read(asked)
    if case is None:
        raise await _unknown(asked)
    d = case.determination
    text, missing = await _text(asked.site, d.sha256)
    if text is None:
        raise PageNotFoundError(missing)
    cited = cite_case(d.case_number, d.dates.decided, asked.public + urls.resource_named(name))
    body = "\n".join((*_LETTER_HEAD, cited, f"SHA-256 of the letter's text: {d.sha256}", _RULE, text))
    headers = {**file_headers(f"{name}.txt"), "content-type": "text/plain; charset=utf-8", "vary": "accept-encoding"}
    return RenderedPage(body.encode(errors="replace"), 200, headers)


async def redirect_to_case(asked: PageRequest) -> Response:
    """Lead from an item, a citation, a reviewer, a correction or a letter to its place on the page of its case."""
    name = asked.name
    rows = await asked.rows(_OWNER.format(iri=resources.iri_of(asked), schema=terms.IMR))
    if not rows:
        raise PageNotFoundError(f"Nothing in this graph is called {name!r}.")
    case = terms.local_name(rows[0]["case"])
    place = name.removeprefix(f"{case}-") if name.startswith(f"{case}-") else "letter"
    return RedirectResponse(
        f"{urls.resource_named(case)}#{place}", 303, {"vary": "accept", "cache-control": "no-cache"}
    )


async def _read(asked: PageRequest) -> CaseRecord | None:
    iri = resources.iri_of(asked)
    triples = await asked.triples(QUERY.format(iri=iri, schema=terms.IMR))
    return read_case(triples, iri, asked.site.pool.manifest.base)


async def _unknown(asked: PageRequest) -> PageNotFoundError:
    site, key = asked.site, key_of(resources.iri_of(asked))
    try:
        known = await asyncio.to_thread(catalog.near_keys, site.settings.store, site.pool.manifest.generation, key)
    except ImrGraphError:  # a hint the less
        known = ()
    shown = key if len(key) <= 80 else f"{key[:80]}…"
    return PageNotFoundError(str(UnknownNameError("case", shown, known)))


async def _page(asked: PageRequest, case: CaseRecord) -> Page:
    d = case.determination
    text, missing = await _text(asked.site, d.sha256)
    facts = CaseFacts(case, len(text) if text is not None else None)
    here = asked.public + urls.resource_named(case.name)
    cited = cite_case(d.case_number, d.dates.decided, here)
    title = title_case(d, case.key)
    decisions = [item.decision for item in d.items]
    return Page(
        "case.html",
        title=title,
        name=case.name,
        case=case,
        d=d,
        facts=facts,
        letter=highlight(text, facts.highlights()) if text is not None else Markup(),
        missing=missing,
        lost=[(pointer_label(u.where), u.text, facts.passage(Span(u.start, u.end))) for u in d.unparsed],
        corrections=[(pointer_label(each.pointer), each) for each in case.corrections],
        layout=_layout(d.layout),
        related=await _find_related(asked, facts),
        overturned=decisions.count("overturned"),
        upheld=decisions.count("upheld"),
        citations=[("Citation of the case", cited)],
        item_citations=list(_item_citations(d, here)),
        source_line=cited,
        sides=[(labels.capitalize_label(side.party), side.path) for side in SIDES],
        longest=_LONGEST,
        head=_head(case, title),
    )


def _head(case: CaseRecord, title: str) -> PageHead:
    d, address = case.determination, urls.resource_named(case.name)
    decided = d.dates.decided
    items = "; ".join(f"{item.service}: {item.decision}" for item in d.items)
    structured = {
        "@type": "CreativeWork",
        "name": title,
        "url": address,
        "genre": "Independent Medical Review final determination",
        "inLanguage": "en",
        "publisher": {"@type": "GovernmentOrganization", "name": PUBLISHER},
        **({"identifier": d.case_number} if d.case_number else {}),
        **({"dateCreated": decided.isoformat()} if decided else {}),
    }
    day = f" Decided {format_date(decided)}." if decided else ""
    return PageHead(shorten(f"{title}.{day} {items}"), address, structured=structured)


def _item_citations(d: Determination, here: str) -> Iterator[tuple[Words, ...]]:
    """Yield for each item how it is cited, and the words that carry its decision with their source."""
    for number, item in enumerate(d.items, 1):
        words = (number, item.service, item.decision)
        cited = cite_item(d.case_number, d.dates.decided, words, f"{here}#item-{number}")
        said = dict.fromkeys(reason.text for reason in item.reasons)
        quoted = [(f"Reason {n} of item {number}, quoted", quote_source(each, cited)) for n, each in enumerate(said, 1)]
        if item.rationale:
            quoted.append((f"Rationale of item {number}, quoted", quote_source(item.rationale, cited)))
        yield ((f"Citation of item {number}", cited), *quoted)


async def _find_related(asked: PageRequest, facts: CaseFacts) -> list[RelatedPlace]:
    """Return the places that the expert reviewer cites in a case with items of other cases, those with most first."""
    case, places = facts.case, _cited_places(facts)
    if not places:
        return []
    # A few more than are shown, as the case's own items are among them.
    most = _SHOWN + len(case.determination.items)
    parts = (_ONE.format(place=place, prop=_property(place), most=most) for place in places)
    query = "PREFIX imr: <" + terms.IMR + "> SELECT ?place ?item ?heading ?decision WHERE { "
    own = f"{case.base}{case.name}-item-"
    found: dict[str, dict[str, RelatedItem]] = defaultdict(dict)
    for row in await asked.rows(f"{query}{' UNION '.join(parts)} }}"):
        if not row["item"].startswith(own):
            name = terms.local_name(row["item"]).removeprefix("case-").rpartition("-item-")[0]
            decision = _WORDS.get(row["decision"], "")
            found[row["place"]].setdefault(name, RelatedItem(row["item"], name, row["heading"], decision))
    return [
        RelatedPlace(place, label, sorted(found[place].values(), key=lambda one: one.case)[:_SHOWN])
        for place, label in places.items()
        if place in found
    ]


def _cited_places(facts: CaseFacts) -> dict[str, str]:
    """Return what the pages, then the sections, that the expert reviewer cites are called, by IRI."""
    pages: dict[str, str] = {}
    sections: dict[str, str] = {}
    for n, item in enumerate(facts.case.determination.items):
        for m, citation in enumerate(item.reviewer.citations):
            at = f"/items/{n}/reviewer/citations/{m}"
            guideline = facts.guideline(citation, at).words
            pages |= {f.iri: f"{guideline}, page {f.words}" for f in facts.pages(citation, at) if f.iri}
            sections |= {f.iri: f"{guideline}: {f.words}" for f in facts.sections(citation, at) if f.iri}
    return dict(list({**pages, **sections}.items())[:_PLACES])


def _property(place: str) -> str:
    return "basedOnPage" if terms.local_name(place).startswith("page-") else "basedOnSection"


async def _text(site: Site, sha256: str) -> tuple[str | None, str]:
    """Return a letter's text, or None and why it is not there."""
    try:
        # Not among the verbs, whose threads may be busy for seconds: this takes less than a millisecond.
        text = await asyncio.to_thread(text_of, site.settings.store, sha256)
    except ImrGraphError as error:
        site.log.event("no text", letter=sha256[:16], error=str(error))
        return None, "The letters' texts of this store cannot be read just now, so only the facts are shown."
    return text, "" if text is not None else _NO_TEXT


@cache
def _layout(identifier: str) -> str:
    """Return how a layout of letters is called, with its id."""
    known = next((layout for layout in settings().layouts if layout.id == identifier), None)
    return f"{identifier}: {known.name}" if known else identifier
