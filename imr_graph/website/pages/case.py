"""The page of a case, with the letter's text beside what was read from it; what belongs to a case leads there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import unquote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from imr_graph import iris as terms
from imr_graph.analysis.search.case_numbers import find_cases
from imr_graph.endpoint.http import origin
from imr_graph.errors import ImrGraphError, UnknownNameError
from imr_graph.extraction.layouts import settings
from imr_graph.graph.cases import key_of
from imr_graph.labels import format_date, pointer_label
from imr_graph.model import Determination, Span
from imr_graph.store import catalog
from imr_graph.store.texts import text_of
from imr_graph.website import resources, urls
from imr_graph.website.case.facts import FactBuilder
from imr_graph.website.case.highlighting import highlight
from imr_graph.website.case.layout import CaseLayout, lay_out_case
from imr_graph.website.case.read import QUERY, CaseRecord, CorrectionView, read_case
from imr_graph.website.case.related import RelatedPlace, find_related
from imr_graph.website.citations import PUBLISHER, PageHead, cite_case, cite_item, quote_source, shorten, title_case
from imr_graph.website.components import Words
from imr_graph.website.files import file_headers
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.site import Page, PageNotFoundError, Site

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

_RULE: Final = "-" * 72
_LETTER_HEAD: Final = (
    "The text of a letter as imr-graph read it, line ends included. The letter begins below the line of hyphens;",
    "places of facts count its characters (code points) from there. The published letter is what counts.",
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """The page of a case: its facts laid out, its letter with highlights, and what else belongs to it.

    `missing` says why there is no letter; `lost` are passages that no rule understood: where, words, anchor.
    """

    title: str
    name: str
    case: CaseRecord
    facts: CaseLayout
    letter: Markup
    missing: str
    lost: Sequence[tuple[str, str, str | None]]
    corrections: Sequence[tuple[str, CorrectionView]]
    layout: str
    related: tuple[RelatedPlace, ...]
    overturned: int
    upheld: int
    citations: tuple[Words, ...]
    item_citations: tuple[tuple[Words, ...], ...]
    source_line: str


async def show_case(site: Site, request: Request) -> Page | Response:
    """Return a case's page, or lead from a part of a case to its place there."""
    name = request.path_params["name"]
    case = await _read(site, request, name)
    if case is not None:
        return await _page(site, request, case)
    if _PART.search(name):
        return await redirect_to_case(site, request)
    cases = await site.run_in_thread(lambda snapshot: find_cases(snapshot.table, unquote(name)))
    if len(cases) == 1:  # the number in another form
        return RedirectResponse(urls.case(cases[0]), 303, {"vary": "accept", "cache-control": "no-cache"})
    raise await _unknown(site, name)


async def send_letter(site: Site, request: Request) -> RenderedPage:
    """Send a case's letter as plain text, below lines that say what it is."""
    request.state.data = True
    name = resources.canonical_name(request.path_params["name"])
    case = await _read(site, request, name)
    if case is None:
        raise await _unknown(site, name)
    d = case.determination
    text, missing = await _text(site, d.sha256)
    if text is None:
        raise PageNotFoundError(missing)
    cited = cite_case(d.case_number, d.dates.decided, origin(request.scope, site.settings) + urls.resource_named(name))
    body = "\n".join((*_LETTER_HEAD, cited, f"SHA-256 of the letter's text: {d.sha256}", _RULE, text))
    headers = {**file_headers(f"{name}.txt"), "content-type": "text/plain; charset=utf-8", "vary": "accept-encoding"}
    return RenderedPage(body.encode(errors="replace"), 200, headers)


async def redirect_to_case(site: Site, request: Request) -> Response:
    """Lead from an item, a citation, a reviewer, a correction or a letter to its place on the page of its case."""
    name = request.path_params["name"]
    iri = resources.iri_of(site, name)
    rows = await site.rows(_OWNER.format(iri=iri, schema=terms.IMR), request)
    if not rows:
        raise PageNotFoundError(f"Nothing in this graph is called {name!r}.")
    case = terms.local_name(rows[0]["case"])
    place = name.removeprefix(f"{case}-") if name.startswith(f"{case}-") else "letter"
    return RedirectResponse(
        f"{urls.resource_named(case)}#{place}", 303, {"vary": "accept", "cache-control": "no-cache"}
    )


async def _read(site: Site, request: Request, name: str) -> CaseRecord | None:
    iri = resources.iri_of(site, name)
    return read_case(await site.triples(QUERY.format(iri=iri, schema=terms.IMR), request), iri, site.pool.manifest.base)


async def _unknown(site: Site, name: str) -> PageNotFoundError:
    key = key_of(resources.iri_of(site, name))
    try:
        known = await asyncio.to_thread(catalog.near_keys, site.settings.store, site.pool.manifest.generation, key)
    except ImrGraphError:  # a hint the less
        known = ()
    shown = key if len(key) <= 80 else f"{key[:80]}…"
    return PageNotFoundError(str(UnknownNameError("case", shown, known)))


async def _page(site: Site, request: Request, case: CaseRecord) -> Page:
    d = case.determination
    text, missing = await _text(site, d.sha256)
    builder = FactBuilder(case, len(text) if text is not None else None)
    laid_out = lay_out_case(builder)
    here = origin(request.scope, site.settings) + urls.resource_named(case.name)
    cited = cite_case(d.case_number, d.dates.decided, here)
    view = CaseView(
        title=title_case(d, case.key),
        name=case.name,
        case=case,
        facts=laid_out,
        letter=highlight(text, builder.highlights()) if text is not None else Markup(),
        missing=missing,
        lost=[(pointer_label(u.where), u.text, builder.passage(Span(u.start, u.end))) for u in d.unparsed],
        corrections=[(pointer_label(each.pointer), each) for each in case.corrections],
        layout=_layout(d.layout),
        related=await find_related(site, request, case, laid_out),
        overturned=sum(item.decision == "overturned" for item in d.items),
        upheld=sum(item.decision == "upheld" for item in d.items),
        citations=(("Citation of the case", cited),),
        item_citations=tuple(_item_citations(d, here)),
        source_line=cited,
    )
    return Page("case.html", view, head=_head(case, view.title))


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
